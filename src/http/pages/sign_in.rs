//! The sign-in form.
//!
//! Must not say which of address and password was wrong, nor show the password again.

use std::borrow::Cow;

use super::frame::Frame;
use super::provider::{ProviderButton, ProviderProblem};
use super::text::Text;
use askama::Template;

/// `GET /login`, and `POST /login` that did not succeed.
#[derive(Clone, Copy, Debug, Template)]
#[template(path = "pages/sign_in.html")]
pub(crate) struct SignIn<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What was typed as e-mail address, kept after an error.
    pub email: &'a str,
    /// Whether "Keep me signed in" is ticked.
    pub remember: bool,
    /// The hidden `rd`; empty for none.
    pub return_to: &'a str,
    /// Whether to offer creating an account.
    pub registration_open: bool,
    /// The providers that lead in.
    pub providers: &'a [ProviderButton],
    /// The identity that waits for its account's owner, where one does.
    pub claim: Option<Claim<'a>>,
    /// What is wrong with the form as a whole.
    pub problem: Option<SignInProblem<'a>>,
    /// What is wrong with the address alone.
    pub email_problem: Option<EmailProblem>,
    /// Whether the password was left empty.
    pub password_missing: bool,
}

/// An identity that waits for the owner of the account with its address, which is in `email`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim<'a> {
    /// The hidden `claim`.
    pub token: &'a str,
    /// What people call the provider.
    pub provider: &'a str,
    /// Whether the account has a password to prove it with.
    pub has_password: bool,
}

/// Why a sign-in as a whole did not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignInProblem<'a> {
    /// Unknown address, wrong password or disabled account: one answer for all three.
    WrongCredentials,
    /// Too many attempts with this address, whether or not somebody has it.
    TooManyAttempts {
        /// When there may be another, in whole seconds.
        seconds: u64,
    },
    /// The hashing pool is full.
    Busy,
    /// Nobody came in by this provider.
    Provider(ProviderProblem, &'a str),
}

/// What is wrong with a typed e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EmailProblem {
    /// Nothing was typed.
    Missing,
    /// It is not an address.
    Invalid,
    /// Somebody has an account with it (registration only).
    Taken,
    /// Addresses of its domain may not register (registration only).
    DomainNotAllowed,
}

impl SignIn<'_> {
    /// Whether anything is wrong, for the window title.
    pub(crate) fn has_problem(&self) -> bool {
        self.problem.is_some() || self.email_problem.is_some() || self.password_missing
    }

    /// Whether address and password are both in doubt.
    pub(crate) fn credentials_in_doubt(&self) -> bool {
        self.problem == Some(SignInProblem::WrongCredentials)
    }

    /// Whether there is no way to prove what is asked for: the account's providers are offered no more.
    pub(crate) fn is_stuck(&self) -> bool {
        !self.has_form() && self.providers.is_empty()
    }

    /// Whether there is a form at all: an account without a password is proven by a provider.
    pub(crate) fn has_form(&self) -> bool {
        self.claim.is_none_or(|claim| claim.has_password)
    }

    /// Whether the cursor starts in the password field: everything before it is in order.
    pub(crate) fn starts_at_password(&self) -> bool {
        self.email_problem.is_none() && !self.email.is_empty()
    }
}

impl SignInProblem<'_> {
    /// The words for it.
    pub(crate) fn words(self, text: &Text) -> Cow<'static, str> {
        match self {
            Self::WrongCredentials => text.sign_in.wrong_credentials.into(),
            Self::TooManyAttempts { seconds } => {
                let when = (text.errors.try_again_in)(seconds);
                format!("{} {when}", text.sign_in.too_many_attempts).into()
            }
            Self::Busy => text.form.busy.into(),
            Self::Provider(problem, provider) => problem.words(text, provider).into(),
        }
    }
}

impl EmailProblem {
    /// What is wrong with a text that is no address.
    pub(crate) fn of(typed: &str) -> Self {
        if typed.trim().is_empty() {
            Self::Missing
        } else {
            Self::Invalid
        }
    }

    /// The words for it.
    pub(crate) fn words(self, text: &Text) -> &'static str {
        match self {
            Self::Missing => text.form.email_missing,
            Self::Invalid => text.form.email_invalid,
            Self::Taken => text.register.email_taken,
            Self::DomainNotAllowed => text.register.email_domain_not_allowed,
        }
    }
}
