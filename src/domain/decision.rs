//! The answer to "may this request pass?", as a pure function of plain data.
//!
//! Must not read a cookie, a store or a header: what it needs is handed to it.

use std::fmt;

use crate::domain::access::{Access, Requirement};
use crate::domain::ids::UserId;
use crate::domain::session::Session;

/// Whom the app is told about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Nobody in particular.
    Anonymous,
    /// A signed-in user.
    User(UserId),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
            Self::User(id) => id.fmt(f),
        }
    }
}

/// Why a request is refused although signing in again would not help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forbidden {
    /// A rule denies the path to everybody.
    Denied,
    /// The user lacks a role the rule asks for.
    MissingRole,
}

impl Forbidden {
    /// The word for logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::MissingRole => "missing_role",
        }
    }
}

/// What the proxy is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Pass, with this identity.
    Allow(Subject),
    /// Signing in would help.
    LoginNeeded,
    /// Signing in would not help.
    Forbidden(Forbidden),
}

/// Judges a request. `session` is the visitor's live session, where the requirement made it worth reading.
#[must_use]
pub fn decide(requirement: &Requirement, session: Option<&Session>) -> Decision {
    match (requirement.access(), session) {
        (Access::Deny, _) => Decision::Forbidden(Forbidden::Denied),
        (Access::Public, _) | (Access::Optional, None) => Decision::Allow(Subject::Anonymous),
        (Access::Optional, Some(session)) => Decision::Allow(Subject::User(session.user)),
        (Access::User, None) => Decision::LoginNeeded,
        (Access::User, Some(session)) if requirement.satisfied_by(&session.roles) => {
            Decision::Allow(Subject::User(session.user))
        }
        (Access::User, Some(_)) => Decision::Forbidden(Forbidden::MissingRole),
    }
}
