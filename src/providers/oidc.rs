//! OpenID Connect: Google, Microsoft, and every provider that can be discovered (OpenID Connect Core 1.0).
//!
//! What a provider says is believed for its signature, with keys of its own and an algorithm that needs them, and for
//! nothing else. Must not keep anything of a sign-in.

mod claims;
mod discovery;
mod known;
mod logout;
mod token;

use std::sync::Arc;

use async_trait::async_trait;
use openidconnect::core::{CoreAuthenticationFlow, CoreResponseType};
use openidconnect::{
    AuthenticationFlow, AuthorizationCode, ClientId, ClientSecret, CsrfToken, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse,
};
use secrecy::ExposeSecret;
use url::Url;

use super::client::Client;
use super::oauth;
use super::{Errand, Provider, ProviderError, Reply, Settings};
use crate::domain::clock::Clock;
use crate::domain::identity::Identified;
use claims::IdToken;
use discovery::Discovery;
use known::Known;

pub use logout::LoggedOut;

/// A provider that speaks OpenID Connect.
#[derive(Debug)]
pub(super) struct Oidc {
    settings: Settings,
    http: Arc<Client>,
    discovery: Discovery,
    clock: Arc<dyn Clock>,
}

impl Oidc {
    pub(super) fn new(settings: Settings, http: Client, clock: Arc<dyn Clock>) -> Self {
        let http = Arc::new(http);
        Self {
            discovery: Discovery::new(&settings, Arc::clone(&http), Arc::clone(&clock)),
            settings,
            http,
            clock,
        }
    }

    /// The library's client, made anew for each request from what is known at that moment.
    fn client(&self, known: &Known, redirect_uri: &str) -> Result<token::Client, ProviderError> {
        let secret = self.settings.client_secret.as_ref();
        let secret = secret.map(|secret| ClientSecret::new(secret.expose_secret().to_owned()));
        let id = ClientId::new(self.settings.client_id.clone());
        let redirect = RedirectUrl::new(redirect_uri.to_owned()).map_err(oauth::internal)?;
        let client = token::Client::from_provider_metadata(known.metadata.clone(), id, secret);
        Ok(client
            .set_redirect_uri(redirect)
            .set_auth_type(known.auth_type(self.settings.kind)))
    }

    async fn exchange(
        &self,
        known: &Known,
        errand: Errand<'_>,
        code: &str,
    ) -> Result<token::Response, ProviderError> {
        let client = self.client(known, errand.redirect_uri)?;
        let request = client.exchange_code(AuthorizationCode::new(code.to_owned()));
        let request = request
            .map_err(|_| ProviderError::Unavailable("it has no token endpoint".to_owned()))?;
        let verifier = PkceCodeVerifier::new(errand.secrets.pkce_verifier());
        let answer = request
            .set_pkce_verifier(verifier)
            .request_async(self.http.as_ref())
            .await;
        answer.map_err(oauth::refused)
    }

    /// The claims of an ID token that can be believed. Keys that are not known are fetched once: the provider may have
    /// changed them a moment ago.
    async fn believe(
        &self,
        known: Arc<Known>,
        id_token: &token::IdToken,
        nonce: &Nonce,
    ) -> Result<IdToken, ProviderError> {
        let verifier = token::Verifier {
            settings: &self.settings,
            now: self.clock.now(),
        };
        match verifier.claims(&known, id_token, nonce) {
            Err(token::Doubt::Key(reason)) => match self.discovery.anew(&known).await {
                Some(known) => verifier
                    .claims(&known, id_token, nonce)
                    .map_err(ProviderError::from),
                None => Err(token::Doubt::Key(reason).into()),
            },
            other => other.map_err(ProviderError::from),
        }
    }
}

#[async_trait]
impl Provider for Oidc {
    async fn authorization_url(&self, errand: Errand<'_>) -> Result<Url, ProviderError> {
        let known = self.discovery.known().await?;
        let client = self.client(&known, errand.redirect_uri)?;
        let flow: CoreAuthenticationFlow =
            AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let secrets = errand.secrets;
        let verifier = PkceCodeVerifier::new(secrets.pkce_verifier());
        let scopes = self
            .settings
            .scopes
            .iter()
            .filter(|scope| *scope != "openid");
        let request = client
            .authorize_url(
                flow,
                move || CsrfToken::new(secrets.state.reveal()),
                move || Nonce::new(secrets.nonce()),
            )
            .add_scopes(scopes.map(|scope| Scope::new(scope.clone())))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        Ok(request.url().0)
    }

    async fn check_issuer(&self, issuer: Option<&str>) -> Result<(), ProviderError> {
        let known = self.discovery.known().await?;
        match issuer {
            Some(issuer) if known.is_issuer(issuer) => Ok(()),
            Some(_) => Err(ProviderError::Untrustworthy(
                "the answer names another issuer".to_owned(),
            )),
            None if known.names_itself() => Err(ProviderError::Untrustworthy(
                "the answer does not name its issuer, as this provider does".to_owned(),
            )),
            None => Ok(()),
        }
    }

    async fn identify(
        &self,
        errand: Errand<'_>,
        reply: Reply<'_>,
    ) -> Result<Identified, ProviderError> {
        let known = self.discovery.known().await?;
        let response = self.exchange(&known, errand, reply.code).await?;
        let missing = || ProviderError::Untrustworthy("the answer holds no ID token".to_owned());
        let id_token = response.id_token().ok_or_else(missing)?;
        let nonce = Nonce::new(errand.secrets.nonce());
        let mut told = self.believe(Arc::clone(&known), id_token, &nonce).await?;
        told.check_access_token(id_token, &known, &response)?;
        if told.email.is_none() && known.metadata.userinfo_endpoint().is_some() {
            let client = self.client(&known, errand.redirect_uri)?;
            told.complete(&client, &self.http, &response).await?;
        }
        told.identified(&self.settings, id_token)
    }

    async fn end_session_url(&self, id_token: &str, return_to: &str) -> Option<Url> {
        let known = self.discovery.known().await.ok()?;
        let mut url = known.end_session_endpoint()?;
        url.query_pairs_mut()
            .append_pair("id_token_hint", id_token)
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("post_logout_redirect_uri", return_to);
        Some(url)
    }

    async fn logged_out(&self, token: &str) -> Result<LoggedOut, ProviderError> {
        let known = self.discovery.known().await?;
        let check = logout::Check {
            client_id: &self.settings.client_id,
            now: self.clock.now(),
        };
        match check.token(&known, token) {
            Err(logout::Doubt::Key) => match self.discovery.anew(&known).await {
                Some(known) => check.token(&known, token).map_err(ProviderError::from),
                None => Err(logout::Doubt::Key.into()),
            },
            other => other.map_err(ProviderError::from),
        }
    }

    async fn refresh(&self) -> Result<(), ProviderError> {
        self.discovery.refresh().await
    }
}
