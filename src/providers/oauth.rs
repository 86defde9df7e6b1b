//! What GitHub, Facebook and X have in common: plain OAuth 2.0 (RFC 6749) with PKCE, and a profile that is asked for with
//! the access token.
//!
//! Must not know any of them.

use std::error::Error;
use std::fmt::Display;

use oauth2::basic::{BasicClient, BasicTokenType};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields,
    EndpointNotSet, EndpointSet, ErrorResponseType, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, RequestTokenError, Scope, StandardTokenResponse, TokenResponse, TokenUrl,
};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::client::{Client, ClientError, GetError};
use super::{Errand, ProviderError, Settings, as_word};
use crate::domain::identity::MAX_SUBJECT;

/// Where a provider is asked, and how it is told our secret.
pub(super) struct Endpoints {
    pub(super) authorize: Url,
    pub(super) token: Url,
    pub(super) auth: AuthType,
}

/// A provider of plain OAuth.
#[derive(Debug)]
pub(super) struct OAuth {
    http: Client,
    client: BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>,
    scopes: Vec<Scope>,
}

impl OAuth {
    pub(super) fn new(settings: &Settings, http: Client, endpoints: Endpoints) -> Self {
        let mut client = BasicClient::new(ClientId::new(settings.client_id.clone()));
        if let Some(secret) = &settings.client_secret {
            client = client.set_client_secret(ClientSecret::new(secret.expose_secret().to_owned()));
        }
        let client = client
            .set_auth_uri(AuthUrl::from_url(endpoints.authorize))
            .set_token_uri(TokenUrl::from_url(endpoints.token))
            .set_auth_type(endpoints.auth);
        Self {
            http,
            client,
            scopes: settings.scopes.iter().cloned().map(Scope::new).collect(),
        }
    }

    /// Where the browser has to go.
    pub(super) fn authorization_url(&self, errand: Errand<'_>) -> Result<Url, ProviderError> {
        let redirect = RedirectUrl::new(errand.redirect_uri.to_owned()).map_err(internal)?;
        let verifier = PkceCodeVerifier::new(errand.secrets.pkce_verifier());
        let client = self.client.clone().set_redirect_uri(redirect);
        let request = client
            .authorize_url(|| CsrfToken::new(errand.secrets.state.reveal()))
            .add_scopes(self.scopes.iter().cloned())
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        Ok(request.url().0)
    }

    /// The access token for a code.
    pub(super) async fn access_token(
        &self,
        errand: Errand<'_>,
        code: &str,
    ) -> Result<String, ProviderError> {
        let redirect = RedirectUrl::new(errand.redirect_uri.to_owned()).map_err(internal)?;
        let client = self.client.clone().set_redirect_uri(redirect);
        let request = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(errand.secrets.pkce_verifier()));
        let answer: Result<StandardTokenResponse<EmptyExtraTokenFields, BasicTokenType>, _> =
            request.request_async(&self.http).await;
        let answer = answer.map_err(refused)?;
        Ok(answer.access_token().secret().clone())
    }

    /// A part of the profile.
    pub(super) async fn profile<T: DeserializeOwned>(
        &self,
        url: &Url,
        access_token: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<T, ProviderError> {
        let bearer = format!("Bearer {access_token}");
        let headers = [&[("authorization", bearer.as_str())], headers].concat();
        let answer = self.http.get(url, &headers).await;
        answer.map_err(|error| match error {
            GetError::Client(_) => ProviderError::Unavailable(format!("profile: {error}")),
            GetError::Status(status)
                if status.is_server_error() || matches!(status.as_u16(), 402 | 429) =>
            {
                ProviderError::Unavailable(format!("profile: {error}"))
            }
            GetError::Status(_) => ProviderError::Refused(format!("profile: {error}")),
            GetError::Json(_) => ProviderError::Untrustworthy(format!("profile: {error}")),
        })
    }
}

/// What can only be wrong on our side.
pub(super) fn internal(error: impl Error) -> ProviderError {
    ProviderError::Unavailable(format!("an address of ours is none: {error}"))
}

/// Why a code was not exchanged.
pub(super) fn refused<K: ErrorResponseType + Display + 'static>(
    error: RequestTokenError<ClientError, oauth2::StandardErrorResponse<K>>,
) -> ProviderError {
    match error {
        RequestTokenError::Request(error) => ProviderError::Unavailable(format!("token: {error}")),
        RequestTokenError::ServerResponse(answer) => of_word(&answer.error().to_string()),
        RequestTokenError::Parse(_, body) => match serde_json::from_slice::<Refusal>(&body) {
            // GitHub refuses with status 200.
            Ok(refusal) => of_word(refusal.error.as_str().unwrap_or("an_object")),
            Err(_) if serde_json::from_slice::<Granted>(&body).is_ok() => {
                ProviderError::Untrustworthy("token: what the answer holds is no token".to_owned())
            }
            Err(_) => {
                ProviderError::Unavailable("token: the answer is not as documented".to_owned())
            }
        },
        RequestTokenError::Other(_) => {
            ProviderError::Unavailable("token: the answer is not as documented".to_owned())
        }
    }
}

/// The beginning of an answer that grants something, whatever is wrong with the rest.
#[derive(Deserialize)]
struct Granted {
    #[serde(rename = "access_token")]
    _access_token: String,
}

/// A word as the standard has it, or an object as Facebook has it.
#[derive(Deserialize)]
struct Refusal {
    error: serde_json::Value,
}

/// The provider's own word for why (RFC 6749, section 5.2), as far as it is one.
fn of_word(word: &str) -> ProviderError {
    let word = as_word(word);
    let text = format!("token: the provider says {word}");
    match word {
        "server_error" | "temporarily_unavailable" | "slow_down" => {
            ProviderError::Unavailable(text)
        }
        _ => ProviderError::Refused(text),
    }
}

/// Whether a text can go into the log as it is.
pub(super) fn is_word(text: &str) -> bool {
    let usual = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=64).contains(&text.len()) && text.bytes().all(usual)
}

/// A provider's name for an account, as it told it.
pub(super) fn checked_name(name: String) -> Result<String, ProviderError> {
    if (1..=MAX_SUBJECT).contains(&name.len()) {
        Ok(name)
    } else {
        Err(ProviderError::Untrustworthy(
            "profile: the account has no name, or one that is too long".to_owned(),
        ))
    }
}
