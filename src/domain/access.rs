//! The access rules of an app, and what they ask of one request.
//!
//! Where a path can be read in several ways the strictest reading holds. Must not know sessions: what a requirement is
//! held against belongs to `decision`.

mod method;
mod policy;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

pub use method::{Method, MethodError};
pub use policy::{Judgement, Policy, Requirement, Rule, Source, own_pages};

/// Who may pass, from the most open to the strictest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// Everybody; the session is not even read.
    Public,
    /// Everybody; the app learns who it is, if there is a session.
    Optional,
    /// Users with a session, and the roles that the rule asks for.
    User,
    /// Nobody.
    Deny,
}

impl Access {
    /// The word in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Optional => "optional",
            Self::User => "user",
            Self::Deny => "deny",
        }
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no kind of access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be public, optional, user or deny")]
pub struct AccessError;

impl FromStr for Access {
    type Err = AccessError;

    fn from_str(word: &str) -> Result<Self, AccessError> {
        let all = [Self::Public, Self::Optional, Self::User, Self::Deny];
        all.into_iter()
            .find(|access| access.as_str() == word)
            .ok_or(AccessError)
    }
}
