//! Which budget a request is taken from.
//!
//! The path is compared as the router compares it: raw, to the letter. A spelling that is none of the listed ones
//! reaches none of their handlers either, and is taken from the general budget.

use axum::extract::Request;
use axum::http::Method;

use crate::http::forgery;
use crate::http::metrics::Budget;

/// What this request is counted as. A form from another site does nothing, so it counts as any request: else a page
/// elsewhere could use up its visitors' attempts to sign in.
///
/// What begins a sign-in at a provider is an attempt to sign in, also where there is no such provider; coming back is not,
/// because it has to have begun. A provider tells of many sign-outs at once from one address, so those are counted only
/// where they are not believed: by their handler.
///
/// Styles and icons are not counted: sending one is no more work than refusing it, and the page that refuses needs them.
pub(super) fn of(request: &Request, base_path: &str) -> Option<Budget> {
    let path = request.uri().path().strip_prefix(base_path);
    match (request.method(), path) {
        (&Method::POST, Some(path))
            if path.starts_with("/logout/") && path.ends_with("/backchannel") =>
        {
            None
        }
        (&Method::POST, Some(path)) if forgery::refusal(request).is_none() => Some(of_post(path)),
        (&Method::GET | &Method::HEAD, Some(path)) if path.starts_with("/login/assets/") => None,
        (&Method::GET, Some(path))
            if begins_at_provider(path) && !forgery::is_from_another_site(request.headers()) =>
        {
            Some(Budget::SignIn)
        }
        _ => Some(Budget::General),
    }
}

/// Whether the path is `/login/{provider}`.
fn begins_at_provider(path: &str) -> bool {
    let below = path.strip_prefix("/login/");
    below
        .is_some_and(|id| !id.is_empty() && !id.contains('/') && !matches!(id, "email" | "session"))
}

fn of_post(path: &str) -> Budget {
    match path {
        "/login" | "/login/email" => Budget::SignIn,
        "/register" | "/register/email" => Budget::Registration,
        "/login/reset" => Budget::Reset,
        path if path.starts_with("/login/reset/") => Budget::Reset,
        _ => Budget::General,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_at_a_provider_is_an_attempt_to_sign_in() {
        for (method, path, budget) in [
            ("GET", "/login/google", Some(Budget::SignIn)),
            ("HEAD", "/login/google", Some(Budget::General)),
            ("GET", "/login/google/callback", Some(Budget::General)),
            ("GET", "/login", Some(Budget::General)),
            ("GET", "/login/", Some(Budget::General)),
            ("GET", "/login/session", Some(Budget::General)),
            ("GET", "/login/email", Some(Budget::General)),
            ("GET", "/login/assets/door.svg", None),
            ("POST", "/logout/google/backchannel", None),
            ("POST", "/logout/google/callback", Some(Budget::General)),
        ] {
            let request = Request::builder()
                .method(method)
                .uri(format!("/auth{path}"));
            let request = request.body(axum::body::Body::empty()).unwrap();
            assert_eq!(of(&request, "/auth"), budget, "{method} {path}");
        }
        // A picture in a page elsewhere begins nothing, and uses nothing up.
        let request = Request::get("/login/google").header("sec-fetch-site", "cross-site");
        let request = request.body(axum::body::Body::empty()).unwrap();
        assert_eq!(of(&request, ""), Some(Budget::General));
    }

    #[test]
    fn posts_to_the_listed_paths_have_budgets_of_their_own() {
        for (path, budget) in [
            ("/login", Budget::SignIn),
            ("/login/email", Budget::SignIn),
            ("/register", Budget::Registration),
            ("/register/email", Budget::Registration),
            ("/login/reset", Budget::Reset),
            ("/login/reset/confirm", Budget::Reset),
            ("/login/resets", Budget::General),
            ("/login/", Budget::General),
            ("/Login", Budget::General),
            ("/login/session", Budget::General),
            ("/logout", Budget::General),
            ("/", Budget::General),
            ("", Budget::General),
        ] {
            assert_eq!(of_post(path), budget, "{path}");
        }
    }
}
