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
/// Styles and icons are not counted: sending one is no more work than refusing it, and the page that refuses needs them.
pub(super) fn of(request: &Request, base_path: &str) -> Option<Budget> {
    let path = request.uri().path().strip_prefix(base_path);
    match (request.method(), path) {
        (&Method::POST, Some(path)) if forgery::refusal(request).is_none() => Some(of_post(path)),
        (&Method::GET | &Method::HEAD, Some(path)) if path.starts_with("/login/assets/") => None,
        _ => Some(Budget::General),
    }
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
