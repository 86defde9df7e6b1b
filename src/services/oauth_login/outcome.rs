//! How a sign-in at a provider ends.

use crate::domain::flow::Claim;
use crate::providers::ProviderError;
use crate::services::Failure;
use crate::services::sessions::Begun;
use crate::storage::StorageError;

/// A sign-in that ended well.
#[derive(Debug)]
pub enum Finished {
    /// Somebody is signed in.
    SignedIn {
        /// The new session.
        begun: Box<Begun>,
        /// Whether there was no account before.
        registered: bool,
        /// Where to go.
        return_to: Option<String>,
    },
    /// The identity belongs to the account of whoever was signed in.
    Linked,
    /// The address is verified and an account has it: its owner has to say that both are theirs.
    Claimed(Claim),
    /// It had come back before, and somebody is signed in.
    Repeated {
        /// Where to go.
        return_to: Option<String>,
    },
}

/// A sign-in that did not.
#[derive(Debug)]
pub struct Unfinished {
    /// Why.
    pub reason: OauthError,
    /// Where its owner wanted to go.
    pub return_to: Option<String>,
    /// Whether it was to link an identity to the account of whoever is signed in.
    pub linking: bool,
}

impl Unfinished {
    pub(super) fn at_once(reason: impl Into<OauthError>) -> Self {
        Self {
            reason: reason.into(),
            return_to: None,
            linking: false,
        }
    }
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum OauthError {
    /// The pool offers no such provider.
    #[error("the pool offers no such provider")]
    NotOffered,
    /// The provider does not answer, or not as it should.
    #[error("the provider does not answer as it should")]
    Unavailable,
    /// The provider refused, or said something that can't be believed.
    #[error("the provider refused, or can't be believed")]
    Failed,
    /// Whoever it was did not want to.
    #[error("the sign-in was cancelled at the provider")]
    Cancelled,
    /// It took too long, came back once more, or began elsewhere.
    #[error("no such sign-in is under way in this browser")]
    Expired,
    /// There is no account, and none can be made.
    #[error("registration is closed")]
    RegistrationClosed,
    /// There is no account, and none can be made with this address, or without one that is verified.
    #[error("addresses of this domain may not register")]
    DomainNotAllowed,
    /// An account has the address, which nobody has verified.
    #[error("an account has the address, which is not verified")]
    EmailTaken,
    /// Too many accounts were made from there.
    #[error("too many accounts were made")]
    TooMany,
    /// The account is disabled.
    #[error("the account is disabled")]
    Disabled,
    /// The identity belongs to another account.
    #[error("the identity belongs to another account")]
    IdentityTaken,
    /// Somebody proved to be the owner of another account than the one that was asked for.
    #[error("this is another account")]
    OtherAccount,
    /// Something of ours failed.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<StorageError> for OauthError {
    fn from(error: StorageError) -> Self {
        Self::Failure(error.into())
    }
}

impl From<&ProviderError> for OauthError {
    fn from(error: &ProviderError) -> Self {
        match error {
            ProviderError::Unavailable(_) => Self::Unavailable,
            ProviderError::Refused(_)
            | ProviderError::Untrustworthy(_)
            | ProviderError::Unsupported => Self::Failed,
        }
    }
}
