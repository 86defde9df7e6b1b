//! The values of labels: fixed words, so that nobody outside can make a new series.
//!
//! Must not hold a variant that carries a text.

use axum::http::StatusCode;

use crate::domain::decision::{Decision, Forbidden, Subject};
use crate::services::gate::UnknownApp;

/// A set of words that a label can be.
pub(in crate::http) trait Word: Copy + 'static {
    /// Every one of them, in the order of [`Word::index`].
    const ALL: &'static [Self];

    /// The word itself.
    fn as_str(self) -> &'static str;

    /// Its place in [`Word::ALL`].
    fn index(self) -> usize;
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(in crate::http) enum $name {
            $($(#[$about])* $variant,)+
        }

        impl Word for $name {
            const ALL: &'static [Self] = &[$(Self::$variant,)+];

            fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            fn index(self) -> usize {
                self as usize
            }
        }
    };
}

words! {
    /// What was said about a request that was understood.
    Outcome {
        /// Passed, as a signed-in user.
        AllowUser = "allow_user",
        /// Passed, as `anonymous`.
        AllowAnonymous = "allow_anonymous",
        /// Signing in would help.
        LoginNeeded = "login_needed",
        /// A rule denies the path to everybody.
        Denied = "denied",
        /// The user lacks a role.
        MissingRole = "missing_role",
        /// A store is down, or the answer could not be signed.
        Unavailable = "unavailable",
    }
}

words! {
    /// Why a request was refused before anybody asked who is there.
    Refused {
        /// The peer is not one of `server.trusted_proxies`.
        Peer = "peer",
        /// What the proxy sent is missing, repeated or ambiguous.
        Unclear = "unclear",
        /// No app has the host, or not the app that the endpoint is pinned to.
        UnknownHost = "unknown_host",
        /// There is no app with the pinned id, or none is named where one has to be.
        UnknownApp = "unknown_app",
    }
}

words! {
    /// How a sign-in ended.
    SignedIn {
        /// A session began.
        Ok = "ok",
        /// A field was missing or could not be an address or a password.
        Invalid = "invalid",
        /// Unknown address, wrong password or disabled account.
        InvalidCredentials = "invalid_credentials",
        /// Too many attempts at this account.
        TooManyAttempts = "too_many_attempts",
        /// The client's address has used up its budget.
        RateLimited = "rate_limited",
        /// The hashing queue is full.
        Busy = "busy",
        /// Something of ours failed.
        Failure = "failure",
    }
}

words! {
    /// How a sign-in at a provider ended.
    ProviderSignIn {
        /// A session began, of an account that there was.
        Ok = "ok",
        /// A session began, of an account that was made for it.
        Registered = "registered",
        /// The identity was linked to the account of whoever was signed in.
        Linked = "linked",
        /// An account has the verified address: its owner is asked to prove that it is theirs.
        Claimed = "claimed",
        /// It came back once more, in a browser that is signed in.
        Repeated = "repeated",
        /// Cancelled at the provider.
        Cancelled = "cancelled",
        /// Too late, once more, or from another browser.
        Expired = "expired",
        /// The provider does not answer as it should.
        Unavailable = "unavailable",
        /// The provider refused, or can't be believed.
        Failed = "failed",
        /// There is no account for it, and none may be made; or the account is disabled.
        NotAdmitted = "not_admitted",
        /// Something of ours failed.
        Failure = "failure",
    }
}

words! {
    /// How a registration ended.
    Registered {
        /// An account was made.
        Ok = "ok",
        /// A field was missing, weak or malformed.
        Invalid = "invalid",
        /// Registration is closed.
        Closed = "closed",
        /// Addresses of this domain may not register.
        DomainNotAllowed = "domain_not_allowed",
        /// There is an account with this address.
        EmailTaken = "email_taken",
        /// The client's address has used up its budget.
        RateLimited = "rate_limited",
        /// The hashing queue is full.
        Busy = "busy",
        /// Something of ours failed.
        Failure = "failure",
    }
}

words! {
    /// The budgets that a client's address has.
    Budget {
        /// Attempts to sign in.
        SignIn = "sign_in",
        /// Attempts to register.
        Registration = "registration",
        /// Requests for a new password.
        Reset = "reset",
        /// Everything else.
        General = "general",
    }
}

words! {
    /// The first digit of a page's status.
    Class {
        /// 1xx and 2xx.
        Success = "2xx",
        /// 3xx.
        Redirection = "3xx",
        /// 4xx.
        ClientError = "4xx",
        /// 5xx.
        ServerError = "5xx",
    }
}

impl From<Decision> for Outcome {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Allow(Subject::User(_)) => Self::AllowUser,
            Decision::Allow(Subject::Anonymous) => Self::AllowAnonymous,
            Decision::LoginNeeded => Self::LoginNeeded,
            Decision::Forbidden(Forbidden::Denied) => Self::Denied,
            Decision::Forbidden(Forbidden::MissingRole) => Self::MissingRole,
        }
    }
}

impl From<UnknownApp> for Refused {
    fn from(unknown: UnknownApp) -> Self {
        match unknown {
            UnknownApp::Host | UnknownApp::PinnedHost => Self::UnknownHost,
            UnknownApp::Pinned => Self::UnknownApp,
        }
    }
}

impl From<StatusCode> for Class {
    fn from(status: StatusCode) -> Self {
        match status.as_u16() {
            0..300 => Self::Success,
            300..400 => Self::Redirection,
            400..500 => Self::ClientError,
            _ => Self::ServerError,
        }
    }
}
