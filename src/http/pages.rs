//! The pages people see: one template struct per page, rendered to a response.
//!
//! Every struct here is plain data that a handler fills in; the words come from [`text`], the looks from
//! `static/pages/`. A page never reads a request, a session or a store, never decides anything, and is never given a
//! password, a cookie or the cause of an error.

pub(crate) mod account;
pub(crate) mod error;
pub(crate) mod frame;
pub(crate) mod provider;
pub(crate) mod redirect_loop;
pub(crate) mod register;
pub(crate) mod sign_in;
pub(crate) mod sign_in_to_continue;
pub(crate) mod sign_out;
pub(crate) mod text;

#[cfg(test)]
mod checks;

pub(crate) use account::{Account, AccountWay};
pub(crate) use error::{ErrorKind, ErrorPage};
pub(crate) use frame::Frame;
pub(crate) use provider::{ProviderButton, ProviderProblem};
pub(crate) use redirect_loop::RedirectLoop;
pub(crate) use register::{PasswordProblem, Register, RegisterProblem, RegistrationClosed};
pub(crate) use sign_in::{Claim, EmailProblem, SignIn, SignInProblem};
pub(crate) use sign_in_to_continue::SignInToContinue;
pub(crate) use sign_out::{Elsewhere, SignOut, SignedOut};

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// What the pages need from a browser, and nothing more: our own style sheet and icon, and forms that post to us.
///
/// There is no script on any page and no style inside one. Chromium holds `form-action` against the redirect that
/// answers a form as well, so on a shared sign-in host `security_headers` adds the origins that a form may lead to.
pub(crate) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Renders a page to a response that no cache keeps.
///
/// A page that cannot be rendered becomes a bare 500; with compile-checked templates that takes a failing
/// allocation, so there is nothing better to show.
pub(crate) fn html(status: StatusCode, page: &impl Template) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    match page.render() {
        Ok(body) => (status, headers, body).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
