//! What pages say about providers.
//!
//! Must not hold a word that came from one.

use super::text::Text;

/// A link that leads to a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProviderButton {
    /// What people call it.
    pub name: String,
    /// The address that begins a sign-in there.
    pub url: String,
}

/// Why nobody was signed in at a provider, or nothing linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProviderProblem {
    /// The visitor did not want to.
    Cancelled,
    /// It took too long, came back once more, or began elsewhere.
    Expired,
    /// The provider does not answer.
    Unavailable,
    /// The provider refused, or can't be believed.
    Failed,
    /// No account has the identity, and none can be made.
    RegistrationClosed,
    /// No account has the identity, and the address is none that may register.
    DomainNotAllowed,
    /// An account has the address, for which the provider does not vouch.
    EmailTaken,
    /// Too many accounts were made from there.
    TooMany,
    /// The account is disabled.
    Disabled,
    /// The identity belongs to another account.
    IdentityTaken,
    /// The visitor proved to be the owner of another account than the one that was asked for.
    OtherAccount,
    /// The way in is the last one.
    LastWay,
}

impl ProviderProblem {
    /// Every problem.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 12] = [
        Self::Cancelled,
        Self::Expired,
        Self::Unavailable,
        Self::Failed,
        Self::RegistrationClosed,
        Self::DomainNotAllowed,
        Self::EmailTaken,
        Self::TooMany,
        Self::Disabled,
        Self::IdentityTaken,
        Self::OtherAccount,
        Self::LastWay,
    ];

    /// The words for it.
    pub(crate) fn words(self, text: &Text, provider: &str) -> String {
        let words = &text.providers;
        match self {
            Self::Cancelled => (words.cancelled)(provider),
            Self::Expired => (words.expired)(provider),
            Self::Unavailable => (words.unavailable)(provider),
            Self::Failed => (words.failed)(provider),
            Self::RegistrationClosed => (words.registration_closed)(provider),
            Self::DomainNotAllowed => (words.domain_not_allowed)(provider),
            Self::EmailTaken => (words.email_taken)(provider),
            Self::TooMany => (words.too_many)(provider),
            Self::Disabled => (words.disabled)(provider),
            Self::IdentityTaken => (words.identity_taken)(provider),
            Self::OtherAccount => (words.other_account)(provider),
            Self::LastWay => (words.last_way)(provider),
        }
    }
}
