//! The form that creates an account, and the page shown where that is not possible.
//!
//! Must not show a password again.

use super::frame::Frame;
use super::provider::ProviderButton;
use super::sign_in::EmailProblem;
use super::text::Text;
use askama::Template;

/// `GET /register`, and `POST /register` that did not succeed.
#[derive(Clone, Copy, Debug, Template)]
#[template(path = "pages/register.html")]
pub(crate) struct Register<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What was typed as e-mail address, kept after an error.
    pub email: &'a str,
    /// The hidden `rd`; empty for none.
    pub return_to: &'a str,
    /// The providers that lead in.
    pub providers: &'a [ProviderButton],
    /// What is wrong with the form as a whole.
    pub problem: Option<RegisterProblem>,
    /// What is wrong with the address.
    pub email_problem: Option<EmailProblem>,
    /// What is wrong with the password.
    pub password_problem: Option<PasswordProblem<'a>>,
}

/// `GET` and `POST /register` where registration is closed.
#[derive(Clone, Copy, Debug, Template)]
#[template(path = "pages/registration_closed.html")]
pub(crate) struct RegistrationClosed<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// The `rd` for the link to signing in; empty for none.
    pub return_to: &'a str,
}

/// Why a registration as a whole did not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RegisterProblem {
    /// The hashing pool is full.
    Busy,
}

/// What is wrong with a new password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PasswordProblem<'a> {
    /// Nothing was typed.
    Missing,
    /// Fewer than 8 characters.
    TooShort,
    /// More than 1,024 characters.
    TooLong,
    /// A tab or another character that no keyboard types into a password field.
    ControlCharacter,
    /// Easily guessed.
    TooWeak {
        /// A hint at a better one, as a whole sentence; may be empty.
        suggestion: &'a str,
    },
}

impl Register<'_> {
    /// Whether anything is wrong, for the window title.
    pub(crate) fn has_problem(&self) -> bool {
        self.problem.is_some() || self.email_problem.is_some() || self.password_problem.is_some()
    }

    /// Whether the address belongs to an account, so that signing in is the way on.
    pub(crate) fn email_taken(&self) -> bool {
        self.email_problem == Some(EmailProblem::Taken)
    }
}

impl RegisterProblem {
    /// The words for it.
    pub(crate) fn words(self, text: &Text) -> &'static str {
        match self {
            Self::Busy => text.form.busy,
        }
    }
}

impl<'a> PasswordProblem<'a> {
    /// The words for it.
    pub(crate) fn words(self, text: &Text) -> &'static str {
        match self {
            Self::Missing => text.register.password_missing,
            Self::TooShort => text.register.password_too_short,
            Self::TooLong => text.register.password_too_long,
            Self::ControlCharacter => text.register.password_control_character,
            Self::TooWeak { .. } => text.register.password_too_weak,
        }
    }

    /// The hint at a better password; empty for none.
    pub(crate) fn suggestion(self) -> &'a str {
        match self {
            Self::TooWeak { suggestion } => suggestion,
            _ => "",
        }
    }
}
