//! Who somebody is at a provider of identities.
//!
//! Must not know how it was found out, nor which account it belongs to.

use std::fmt;

use crate::domain::email::Email;

/// The longest name of an account at a provider, in bytes. OpenID Connect Core, section 2, allows 255 characters.
pub const MAX_SUBJECT: usize = 255;

/// What names one account at one provider, for ever. Unlike an address it is never given to somebody else.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Subject {
    /// The issuer, as a URL.
    pub issuer: String,
    /// Our own id at the provider where it gives each client other names; empty where names are the same for all.
    pub client: String,
    /// The provider's name for the account.
    pub name: String,
}

impl fmt::Debug for Subject {
    /// The name is personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

/// An address that a provider told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldEmail {
    /// The address.
    pub address: Email,
    /// Whether the provider says that it belongs to the account. Whether its word counts is not said by this.
    pub verified: bool,
}

/// What a provider tells of somebody who has just signed in there.
#[derive(Debug, Clone)]
pub struct Identified {
    /// Who it is.
    pub subject: Subject,
    /// The address, where one was told.
    pub email: Option<ToldEmail>,
    /// What ends the session there, and by what its end is told here. Only OpenID Connect has it.
    pub session: Option<ProviderSession>,
}

/// A session at a provider.
#[derive(Clone, PartialEq, Eq)]
pub struct ProviderSession {
    /// The issuer, as tokens name it.
    pub issuer: String,
    /// The account, as tokens name it.
    pub subject: String,
    /// The session's own name, where the provider has told it.
    pub sid: Option<String>,
    /// The ID token, by which the provider knows whose session is to end.
    pub id_token: String,
}

impl fmt::Debug for ProviderSession {
    /// The token is personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderSession")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threat_40_what_is_personal_is_not_shown() {
        let subject = Subject {
            issuer: "https://id.example.com".to_owned(),
            client: String::new(),
            name: "anna".to_owned(),
        };
        assert!(!format!("{subject:?}").contains("anna"));
        let session = ProviderSession {
            issuer: "https://id.example.com".to_owned(),
            subject: "anna".to_owned(),
            sid: Some("anna's".to_owned()),
            id_token: "anna.anna.anna".to_owned(),
        };
        assert!(!format!("{session:?}").contains("anna"));
    }
}
