//! Providers of identities: everything that Doorward asks of them, and what it believes.
//!
//! One file for each kind. A provider is given the secrets of a sign-in and tells who signed in; it keeps nothing of any
//! sign-in, so that two can't be mixed up (THREATS 39). Must not know accounts, sessions or pages.

mod client;
mod facebook;
mod github;
mod oauth;
mod oidc;
mod settings;
mod x;

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use url::Url;

use crate::domain::clock::Clock;
use crate::domain::flow::Secrets;
use crate::domain::identity::Identified;
use crate::domain::provider::ProviderKind;
use client::Client;

pub use oidc::LoggedOut;
pub use settings::Settings;

/// Where a provider sends the browser back to, and what it is told to repeat.
#[derive(Debug, Clone, Copy)]
pub struct Errand<'a> {
    /// The secrets of this sign-in.
    pub secrets: Secrets,
    /// The exact address of the callback.
    pub redirect_uri: &'a str,
}

/// What came back with the browser.
#[derive(Debug, Clone, Copy)]
pub struct Reply<'a> {
    /// The authorization code.
    pub code: &'a str,
}

/// One provider of identities.
#[async_trait]
pub trait Provider: Debug + Send + Sync {
    /// Where the browser has to go to sign in.
    ///
    /// # Errors
    ///
    /// When the provider can't be asked where that is.
    async fn authorization_url(&self, errand: Errand<'_>) -> Result<Url, ProviderError>;

    /// Whether an answer may come from this provider, by the issuer that it names (RFC 9207, section 2.4). Asked before
    /// anything else of the answer is believed, an error in it included.
    ///
    /// # Errors
    ///
    /// When it may not, and when the provider can't be asked whether it names itself.
    async fn check_issuer(&self, _issuer: Option<&str>) -> Result<(), ProviderError> {
        Ok(())
    }

    /// Who signed in.
    ///
    /// # Errors
    ///
    /// When the provider does not answer, refuses, or says something that can't be believed.
    async fn identify(
        &self,
        errand: Errand<'_>,
        reply: Reply<'_>,
    ) -> Result<Identified, ProviderError>;

    /// Where the browser has to go to end its session there, back to `return_to` afterwards; nothing where that can't be
    /// done.
    async fn end_session_url(&self, _id_token: &str, _return_to: &str) -> Option<Url> {
        None
    }

    /// What a token says that the provider sent to tell of a sign-out (OpenID Connect Back-Channel Logout 1.0).
    ///
    /// # Errors
    ///
    /// When the token can't be believed, or this kind of provider sends none.
    async fn logged_out(&self, _token: &str) -> Result<LoggedOut, ProviderError> {
        Err(ProviderError::Unsupported)
    }

    /// Brings what is known of the provider up to date, where it is time to.
    ///
    /// # Errors
    ///
    /// When the provider does not answer. What was known stays known.
    async fn refresh(&self) -> Result<(), ProviderError> {
        Ok(())
    }
}

/// Why a provider was of no help. The words are for the log: they never hold a code, a token or an address.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// It can't be reached, or does not answer as it should. Trying again may help.
    #[error("{0}")]
    Unavailable(String),
    /// It does not take the code, or the client. Beginning anew may help.
    #[error("{0}")]
    Refused(String),
    /// What it says can't be believed.
    #[error("{0}")]
    Untrustworthy(String),
    /// It has no such thing.
    #[error("this kind of provider has no such thing")]
    Unsupported,
}

/// A word of a provider's, as far as it can go into the log.
#[must_use]
pub fn as_word(text: &str) -> &str {
    if oauth::is_word(text) {
        text
    } else {
        "(not a word)"
    }
}

/// Why a provider can't be asked at all.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// An address is none.
    #[error("the issuer is no address: {0}")]
    Address(#[from] url::ParseError),
    /// TLS can't be set up.
    #[error(
        "TLS can't be set up, perhaps for want of certificate authorities (ca-certificates): {0}"
    )]
    Tls(#[from] reqwest::Error),
}

/// A provider as it is configured. It is not asked anything yet.
///
/// # Errors
///
/// As [`SettingsError`].
pub fn provider(
    settings: Settings,
    clock: Arc<dyn Clock>,
) -> Result<Box<dyn Provider>, SettingsError> {
    let http = Client::new(&settings.issuer)?;
    Ok(match settings.kind {
        ProviderKind::Google | ProviderKind::Microsoft | ProviderKind::Oidc => {
            Box::new(oidc::Oidc::new(settings, http, clock))
        }
        ProviderKind::GitHub => Box::new(github::GitHub::new(&settings, http)?),
        ProviderKind::Facebook => Box::new(facebook::Facebook::new(&settings, http)?),
        ProviderKind::X => Box::new(x::X::new(&settings, http)?),
    })
}
