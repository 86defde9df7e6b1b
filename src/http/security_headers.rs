//! The headers that every page carries, whatever it says.
//!
//! Must not be put on what the gateway forwards: that is the app's to decide.

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;

use super::extract::Here;
use super::pages::CONTENT_SECURITY_POLICY;
use crate::domain::host::{Origin, Scheme};

const FIXED: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

/// A year: what browsers ask of a site that means it. Subdomains are the operator's to decide.
const HSTS: &str = "max-age=31536000";

/// Adds them. Nothing is cached unless the handler said so.
pub(super) fn add(response: &mut Response, here: Option<&Here>) {
    add_with(response, policy(here));
    if here.is_some_and(|here| here.place.entry.scheme() == Scheme::Https) {
        add_hsts(response);
    }
}

/// Adds them to a page that stands in the place of an app's answer. Where the pages live on a host of their own, its
/// style sheet and icon come from there.
pub(super) fn add_elsewhere(response: &mut Response, login_origin: Option<&Origin>) {
    add_with(response, policy_elsewhere(login_origin));
}

fn add_with(response: &mut Response, policy: HeaderValue) {
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
}

/// Tells the browser to come by https alone from now on. Only for hosts that are configured with it.
pub(super) fn add_hsts(response: &mut Response) {
    response.headers_mut().insert(
        header::STRICT_TRANSPORT_SECURITY,
        HeaderValue::from_static(HSTS),
    );
}

/// On a sign-in host that several apps share, a form may lead back to any of them: browsers hold `form-action` against
/// the redirect after a form too.
fn policy(here: Option<&Here>) -> HeaderValue {
    let fixed = HeaderValue::from_static(CONTENT_SECURITY_POLICY);
    let Some(here) = here.filter(|here| here.place.shared_host) else {
        return fixed;
    };
    let mut action = "form-action 'self'".to_owned();
    for entry in &here.place.return_hosts {
        let wildcard = if entry.is_wildcard() { "*." } else { "" };
        let port = entry
            .port()
            .map(|port| format!(":{port}"))
            .unwrap_or_default();
        action.push_str(&format!(
            " {}://{wildcard}{}{port}",
            entry.scheme(),
            entry.name().as_str()
        ));
    }
    let policy = CONTENT_SECURITY_POLICY.replace("form-action 'self'", &action);
    HeaderValue::try_from(policy).unwrap_or(fixed)
}

/// What belongs to the page comes from `login_origin`, and nothing from the app's own host any more.
fn policy_elsewhere(login_origin: Option<&Origin>) -> HeaderValue {
    let fixed = HeaderValue::from_static(CONTENT_SECURITY_POLICY);
    let Some(origin) = login_origin else {
        return fixed;
    };
    let policy = ["style-src", "img-src"]
        .iter()
        .fold(CONTENT_SECURITY_POLICY.to_owned(), |policy, kind| {
            policy.replace(&format!("{kind} 'self'"), &format!("{kind} {origin}"))
        });
    HeaderValue::try_from(policy).unwrap_or(fixed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::host::Origin;

    #[test]
    fn threat_25_styles_and_icons_come_from_one_place_alone() {
        assert_eq!(policy_elsewhere(None), CONTENT_SECURITY_POLICY);
        let origin = Origin::parse("https://login.example.com:8443").unwrap();
        assert_eq!(
            policy_elsewhere(Some(&origin)),
            "default-src 'none'; style-src https://login.example.com:8443; \
             img-src https://login.example.com:8443; font-src 'self'; form-action 'self'; base-uri 'none'; \
             frame-ancestors 'none'"
        );
    }
}
