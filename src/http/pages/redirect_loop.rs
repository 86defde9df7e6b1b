//! The page that ends a redirect loop between the app and the sign-in page.
//!
//! Must not redirect, nor show anything of the session but the cookie's name.

use super::frame::Frame;
use askama::Template;

/// `GET /login`, the third time within ten seconds with a live session and the same `rd`.
#[derive(Clone, Copy, Debug, Template)]
#[template(path = "pages/redirect_loop.html")]
pub(crate) struct RedirectLoop<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// Where the visitor wanted to go: the link to try again, and the hidden `rd` of signing out.
    pub return_to: &'a str,
    /// The matched entry of `hosts` with its scheme, as `https://app.example`.
    pub site: &'a str,
    /// The name of the session cookie for that entry, as `__Host-SESSION`.
    pub cookie_name: &'a str,
    /// The request id; empty for none.
    pub reference: &'a str,
}
