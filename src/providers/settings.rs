//! What a provider has to know of itself: who we are there, and where it is.

use secrecy::SecretString;
use url::Url;

use crate::domain::provider::ProviderKind;

/// One provider as it is configured.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How it is asked.
    pub kind: ProviderKind,
    /// The issuer, whose path has no `/` at its end unless the issuer has.
    pub issuer: String,
    /// Our id there.
    pub client_id: String,
    /// Our secret there; none for a public client.
    pub client_secret: Option<SecretString>,
    /// What is asked for.
    pub scopes: Vec<String>,
}

impl Settings {
    /// An address below the issuer.
    pub(super) fn below_issuer(&self, path: &str) -> Result<Url, url::ParseError> {
        Url::parse(&format!("{}{path}", self.issuer.trim_end_matches('/')))
    }

    /// An address at the provider's host for programs, which only its own installation has apart from the issuer.
    pub(super) fn at_api(&self, api: &str, path: &str) -> Result<Url, url::ParseError> {
        if self.kind.facts().issuer == Some(self.issuer.as_str()) {
            Url::parse(&format!("{api}{path}"))
        } else {
            self.below_issuer(path)
        }
    }
}
