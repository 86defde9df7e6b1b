//! The kinds of providers of identities, and what is known of each without asking it.
//!
//! Must not know how a provider is asked.

use std::str::FromStr;

use url::Url;

use crate::domain::host::HostName;

/// A kind of provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderKind {
    /// Google.
    Google,
    /// Microsoft: Entra ID and personal accounts.
    Microsoft,
    /// GitHub, or a GitHub Enterprise Server.
    GitHub,
    /// Facebook.
    Facebook,
    /// X.
    X,
    /// Anything that speaks OpenID Connect and can be discovered.
    Oidc,
}

/// What holds for a kind where the configuration does not say otherwise.
#[derive(Debug, Clone, Copy)]
pub struct KindFacts {
    /// The word in the configuration.
    pub word: &'static str,
    /// What people call it; none where the operator has to know.
    pub name: Option<&'static str>,
    /// The issuer, as a URL; none where there are many.
    pub issuer: Option<&'static str>,
    /// What is asked for.
    pub scopes: &'static [&'static str],
    /// Whether its word counts that an address belongs to an account.
    pub trust_email: bool,
    /// Whether it has clients without a secret.
    pub public_clients: bool,
}

impl ProviderKind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Self; 6] = [
        Self::Google,
        Self::Microsoft,
        Self::GitHub,
        Self::Facebook,
        Self::X,
        Self::Oidc,
    ];

    /// What is known of the kind.
    #[must_use]
    pub const fn facts(self) -> KindFacts {
        match self {
            Self::Google => KindFacts {
                word: "google",
                name: Some("Google"),
                issuer: Some("https://accounts.google.com"),
                scopes: &["openid", "email"],
                trust_email: true,
                public_clients: false,
            },
            Self::Microsoft => KindFacts {
                word: "microsoft",
                name: Some("Microsoft"),
                issuer: Some("https://login.microsoftonline.com/common/v2.0"),
                // Without profile there is no oid in the token.
                scopes: &["openid", "profile", "email"],
                trust_email: false,
                public_clients: false,
            },
            Self::GitHub => KindFacts {
                word: "github",
                name: Some("GitHub"),
                issuer: Some("https://github.com"),
                scopes: &["user:email"],
                trust_email: true,
                public_clients: false,
            },
            Self::Facebook => KindFacts {
                word: "facebook",
                name: Some("Facebook"),
                issuer: Some("https://www.facebook.com"),
                scopes: &["email"],
                trust_email: false,
                public_clients: false,
            },
            Self::X => KindFacts {
                word: "x",
                name: Some("X"),
                issuer: Some("https://x.com"),
                // Without tweet.read nobody's profile can be read, not even one's own.
                scopes: &["users.read", "tweet.read", "users.email"],
                trust_email: false,
                public_clients: true,
            },
            Self::Oidc => KindFacts {
                word: "oidc",
                name: None,
                issuer: None,
                scopes: &["openid", "email"],
                trust_email: false,
                public_clients: true,
            },
        }
    }
}

/// Whether a URL leads to this machine by its name alone: there http is as good as https.
#[must_use]
pub fn is_on_this_machine(url: &Url) -> bool {
    let name = url.host_str().and_then(|host| HostName::parse(host).ok());
    name.is_some_and(|name| name.is_loopback())
}

/// A word that is no kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a kind of provider")]
pub struct KindError;

impl FromStr for ProviderKind {
    type Err = KindError;

    fn from_str(word: &str) -> Result<Self, KindError> {
        let kind = Self::ALL.into_iter().find(|kind| kind.facts().word == word);
        kind.ok_or(KindError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_word_of_its_own() {
        for kind in ProviderKind::ALL {
            assert_eq!(kind.facts().word.parse(), Ok(kind));
        }
        for word in ["", "Google", "twitter", "saml"] {
            assert_eq!(word.parse::<ProviderKind>(), Err(KindError), "{word}");
        }
    }

    /// THREATS 38: only those count by default whose word is known to be good.
    #[test]
    fn threat_38_few_kinds_are_believed_about_addresses() {
        let believed = ProviderKind::ALL
            .into_iter()
            .filter(|kind| kind.facts().trust_email);
        let believed: Vec<_> = believed.map(|kind| kind.facts().word).collect();
        assert_eq!(believed, ["google", "github"]);
    }
}
