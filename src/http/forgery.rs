//! A form sent from another site does nothing.
//!
//! `Sec-Fetch-Site` must be `same-origin` or `none`; without it, `Origin` must be the app's own; without both, the
//! request comes from no browser that a user is signed in with. This layer stands before every page, so no new route
//! can forget it.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::Problem;
use super::extract::{Facts, only};
use super::pages::ErrorKind;
use crate::domain::host::Origin;

/// Lets through what only reads, and what comes from a page of our own.
pub(super) async fn check(request: Request, next: Next) -> Response {
    match refusal(&request) {
        None => next.run(request).await,
        Some(kind) => Problem::of(kind).into_response(),
    }
}

/// Why a request may not do what it asks for, if it may not.
pub(super) fn refusal(request: &Request) -> Option<ErrorKind> {
    if matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    ) {
        return None;
    }
    let facts = request.extensions().get::<Arc<Facts>>();
    match facts.and_then(|facts| facts.here.as_ref()) {
        None => Some(ErrorKind::UnknownHost),
        Some(here) if is_our_own(request.headers(), &here.place.origin) => None,
        Some(_) => Some(ErrorKind::CrossSite),
    }
}

/// Whether a browser says that another site sent it here.
pub(super) fn is_from_another_site(headers: &HeaderMap) -> bool {
    only(headers, "sec-fetch-site") == Ok(Some("cross-site"))
}

fn is_our_own(headers: &HeaderMap, own: &Origin) -> bool {
    match (only(headers, "sec-fetch-site"), only(headers, "origin")) {
        (Ok(Some(site)), Ok(_)) => matches!(site, "same-origin" | "none"),
        (Ok(None), Ok(Some(origin))) => Origin::parse(origin).is_ok_and(|origin| origin == *own),
        (Ok(None), Ok(None)) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(headers: &[(&'static str, &'static str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        is_our_own(&map, &Origin::parse("https://shop.example.com").unwrap())
    }

    #[test]
    fn threat_24_only_our_own_pages_and_programs_may_post() {
        assert!(judge(&[]));
        assert!(judge(&[("sec-fetch-site", "same-origin")]));
        assert!(judge(&[("sec-fetch-site", "none")]));
        assert!(judge(&[("origin", "https://shop.example.com")]));
        assert!(judge(&[
            ("sec-fetch-site", "same-origin"),
            ("origin", "https://shop.example.com")
        ]));
        for site in [
            "cross-site",
            "same-site",
            "",
            "SAME-ORIGIN",
            "same-origin, none",
        ] {
            assert!(!judge(&[("sec-fetch-site", site)]), "{site}");
        }
        for origin in [
            "null",
            "",
            "http://shop.example.com",
            "https://shop.example.com:8443",
            "https://shop.example.com.evil.example",
            "https://evil.example",
            "https://shop.example.com, https://evil.example",
        ] {
            assert!(!judge(&[("origin", origin)]), "{origin}");
        }
        assert!(!judge(&[
            ("sec-fetch-site", "same-origin"),
            ("sec-fetch-site", "same-origin")
        ]));
        assert!(!judge(&[
            ("origin", "https://shop.example.com"),
            ("origin", "https://shop.example.com")
        ]));
    }
}
