//! The page of a signed-in person: until when, and which ways lead in.
//!
//! Must not format times: it is given text.

use super::frame::Frame;
use super::provider::{ProviderButton, ProviderProblem};
use askama::Template;

/// `GET /account` with a live session.
#[derive(Clone, Copy, Debug, Template)]
#[template(path = "pages/account.html")]
pub(crate) struct Account<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// Who is signed in; empty for an account without an address.
    pub email: &'a str,
    /// When they signed in, ready to be read, with its time zone.
    pub signed_in_since: &'a str,
    /// When the session ends at the latest, ready to be read, with its time zone.
    pub signed_in_until: &'a str,
    /// Where the app is: a path or an absolute URL.
    pub app_url: &'a str,
    /// Whether there is a password.
    pub has_password: bool,
    /// The accounts at providers that lead in.
    pub ways: &'a [AccountWay],
    /// The providers that can be added.
    pub providers: &'a [ProviderButton],
    /// Why nothing was added or removed, and which provider it is about.
    pub problem: Option<(ProviderProblem, &'a str)>,
}

/// An account at a provider that leads in.
#[derive(Clone, Debug)]
pub(crate) struct AccountWay {
    /// By which the form names it.
    pub handle: String,
    /// What people call the provider.
    pub provider: String,
    /// The address there; empty where none was told.
    pub email: String,
    /// Since when, ready to be read.
    pub since: String,
    /// Whether it can be removed: the last way in can't.
    pub removable: bool,
}

impl Account<'_> {
    /// Whether there is anything to say about ways in: without a provider there is one way.
    pub(crate) fn has_choices(&self) -> bool {
        !self.ways.is_empty() || !self.providers.is_empty()
    }

    /// The words of the link that adds a provider.
    pub(crate) fn add_words(&self, provider: &str) -> String {
        let text = &self.frame.text.account;
        if self.ways.iter().any(|way| way.provider == provider) {
            (text.add_another_way)(provider)
        } else {
            (text.add_way)(provider)
        }
    }

    /// Whether anything is wrong, for the window title.
    pub(crate) fn has_problem(&self) -> bool {
        self.problem.is_some()
    }
}
