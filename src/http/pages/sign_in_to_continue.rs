//! The page in the place of an app's answer to a form that was sent without a session.
//!
//! Must not repeat anything of that form.

use super::frame::Frame;
use askama::Template;

/// A 401 of the Traefik and Caddy dialects to a form sent by a browser: a redirect would lose what was typed.
#[derive(Clone, Copy, Debug, Template)]
#[template(path = "pages/sign_in_to_continue.html")]
pub(crate) struct SignInToContinue<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// The absolute login URL.
    pub login_url: &'a str,
}
