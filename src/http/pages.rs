//! The pages people see: one template struct per page, rendered to a response.
//!
//! Every struct here is plain data that a handler fills in; the words come from [`text`], the looks from
//! `static/pages/`. A page never reads a request, a session or a store, never decides anything, and is never given a
//! password, a cookie or the cause of an error.

pub mod account;
pub mod error;
pub mod frame;
pub mod redirect_loop;
pub mod register;
pub mod sign_in;
pub mod sign_in_to_continue;
pub mod sign_out;
pub mod text;

#[cfg(test)]
mod checks;

pub use account::Account;
pub use error::{ErrorKind, ErrorPage};
pub use frame::Frame;
pub use redirect_loop::RedirectLoop;
pub use register::{PasswordProblem, Register, RegisterProblem, RegistrationClosed};
pub use sign_in::{EmailProblem, SignIn, SignInProblem};
pub use sign_in_to_continue::SignInToContinue;
pub use sign_out::{SignOut, SignedOut};

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// What the pages need from a browser, and nothing more: our own style sheet and icon, and forms that post to us.
///
/// There is no script on any page and no style inside one. Chromium holds `form-action` against the redirect that
/// answers a form as well, so a sign-in that returns to another origin has to name that origin here.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Renders a page to a response that no cache keeps.
///
/// A page that cannot be rendered becomes a bare 500; with compile-checked templates that takes a failing
/// allocation, so there is nothing better to show.
pub fn html(status: StatusCode, page: &impl Template) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    match page.render() {
        Ok(body) => (status, headers, body).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
