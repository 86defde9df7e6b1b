//! Facebook.
//!
//! It names an account anew for each client, so the client is part of the name. It does not say whether an address is
//! verified: where the operator trusts it, every address that it tells counts.

use async_trait::async_trait;
use hmac::{Hmac, KeyInit, Mac};
use oauth2::AuthType;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sha2::Sha256;
use url::Url;

use super::client::Client;
use super::oauth::{Endpoints, OAuth};
use super::{Errand, Provider, ProviderError, Reply, Settings};
use crate::domain::email::Email;
use crate::domain::identity::{Identified, Subject, ToldEmail};

/// Where programs ask.
const API: &str = "https://graph.facebook.com";
/// The version of the Graph API. One is served for two years at least.
const VERSION: &str = "/v26.0";

#[derive(Debug)]
pub(super) struct Facebook {
    oauth: OAuth,
    issuer: String,
    client_id: String,
    client_secret: Option<SecretString>,
    me: Url,
}

#[derive(Deserialize)]
struct Me {
    id: String,
    email: Option<String>,
}

impl Facebook {
    pub(super) fn new(settings: &Settings, http: Client) -> Result<Self, url::ParseError> {
        let endpoints = Endpoints {
            authorize: settings.below_issuer(&format!("{VERSION}/dialog/oauth"))?,
            token: settings.at_api(API, &format!("{VERSION}/oauth/access_token"))?,
            auth: AuthType::RequestBody,
        };
        Ok(Self {
            me: settings.at_api(API, &format!("{VERSION}/me"))?,
            issuer: settings.issuer.clone(),
            client_id: settings.client_id.clone(),
            client_secret: settings.client_secret.clone(),
            oauth: OAuth::new(settings, http, endpoints),
        })
    }

    /// Proof that whoever uses an access token is who it was given to.
    fn proof(&self, access_token: &str) -> String {
        let secret = self
            .client_secret
            .as_ref()
            .map_or("", |secret| secret.expose_secret());
        // HMAC takes a key of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
            return String::new();
        };
        mac.update(access_token.as_bytes());
        hex::encode(mac.finalize().into_bytes())
    }
}

#[async_trait]
impl Provider for Facebook {
    async fn authorization_url(&self, errand: Errand<'_>) -> Result<Url, ProviderError> {
        self.oauth.authorization_url(errand)
    }

    async fn identify(
        &self,
        errand: Errand<'_>,
        reply: Reply<'_>,
    ) -> Result<Identified, ProviderError> {
        let token = self.oauth.access_token(errand, reply.code).await?;
        let mut url = self.me.clone();
        url.query_pairs_mut()
            .append_pair("fields", "id,email")
            .append_pair("appsecret_proof", &self.proof(&token));
        let me: Me = self.oauth.profile(&url, &token, &[]).await?;
        let email = me.email.and_then(|email| Email::parse(&email).ok());
        Ok(Identified {
            subject: Subject {
                issuer: self.issuer.clone(),
                client: self.client_id.clone(),
                name: super::oauth::checked_name(me.id)?,
            },
            email: email.map(|address| ToldEmail {
                address,
                verified: true,
            }),
            session: None,
        })
    }
}
