//! The question before signing out, and the page after it.
//!
//! Must not sign anybody out by being looked at: only the form does.

use super::frame::Frame;
use askama::Template;

/// `GET /logout` with a live session: asks.
#[derive(Clone, Copy, Debug, Template)]
#[template(path = "pages/sign_out.html")]
pub(crate) struct SignOut<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// Who is signed in.
    pub email: &'a str,
    /// The hidden `rd`, also where "Stay signed in" leads; empty leads to the account page.
    pub return_to: &'a str,
}

/// After `POST /logout`, and `GET /logout` without a session.
#[derive(Clone, Copy, Debug, Template)]
#[template(path = "pages/signed_out.html")]
pub(crate) struct SignedOut<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// The `rd` for the link to signing in; empty for none.
    pub return_to: &'a str,
    /// The provider at which the session is to end too.
    pub elsewhere: Option<Elsewhere<'a>>,
}

/// A session at a provider that is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Elsewhere<'a> {
    /// What people call the provider.
    pub provider: &'a str,
    /// Where it ends: an absolute URL.
    pub url: &'a str,
}

impl SignOut<'_> {
    /// Where "Stay signed in" leads.
    pub(crate) fn stay_url(&self) -> String {
        if self.return_to.is_empty() {
            self.frame.link("/account", "")
        } else {
            self.return_to.to_owned()
        }
    }
}
