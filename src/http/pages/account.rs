//! The page a signed-in person lands on when there is nowhere else to go.
//!
//! Must not format times: it is given text.

use super::frame::Frame;
use askama::Template;

/// `GET /account` with a live session.
#[derive(Clone, Copy, Debug, Template)]
#[template(path = "pages/account.html")]
pub(crate) struct Account<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// Who is signed in.
    pub email: &'a str,
    /// When they signed in, ready to be read, with its time zone.
    pub signed_in_since: &'a str,
    /// When the session ends at the latest, ready to be read, with its time zone.
    pub signed_in_until: &'a str,
    /// Where the app is: a path or an absolute URL.
    pub app_url: &'a str,
}
