//! X.
//!
//! It tells an address only to clients that it lets ask for one, and only one that its owner has confirmed.

use async_trait::async_trait;
use oauth2::AuthType;
use serde::Deserialize;
use url::Url;

use super::client::Client;
use super::oauth::{Endpoints, OAuth};
use super::{Errand, Provider, ProviderError, Reply, Settings};
use crate::domain::email::Email;
use crate::domain::identity::{Identified, Subject, ToldEmail};

/// Where programs ask.
const API: &str = "https://api.x.com";

#[derive(Debug)]
pub(super) struct X {
    oauth: OAuth,
    issuer: String,
    me: Url,
}

#[derive(Deserialize)]
struct Answer {
    data: User,
}

#[derive(Deserialize)]
struct User {
    id: String,
    confirmed_email: Option<String>,
}

impl X {
    pub(super) fn new(settings: &Settings, http: Client) -> Result<Self, url::ParseError> {
        let endpoints = Endpoints {
            authorize: settings.below_issuer("/i/oauth2/authorize")?,
            token: settings.at_api(API, "/2/oauth2/token")?,
            // A public client names itself in the body.
            auth: if settings.client_secret.is_some() {
                AuthType::BasicAuth
            } else {
                AuthType::RequestBody
            },
        };
        let mut me = settings.at_api(API, "/2/users/me")?;
        // Whoever did not ask for the right to it is refused the field.
        if settings.scopes.iter().any(|scope| scope == "users.email") {
            me.query_pairs_mut()
                .append_pair("user.fields", "confirmed_email");
        }
        Ok(Self {
            me,
            issuer: settings.issuer.clone(),
            oauth: OAuth::new(settings, http, endpoints),
        })
    }
}

#[async_trait]
impl Provider for X {
    async fn authorization_url(&self, errand: Errand<'_>) -> Result<Url, ProviderError> {
        self.oauth.authorization_url(errand)
    }

    async fn identify(
        &self,
        errand: Errand<'_>,
        reply: Reply<'_>,
    ) -> Result<Identified, ProviderError> {
        let token = self.oauth.access_token(errand, reply.code).await?;
        let Answer { data: user } = self.oauth.profile(&self.me, &token, &[]).await?;
        let email = user
            .confirmed_email
            .and_then(|email| Email::parse(&email).ok());
        Ok(Identified {
            subject: Subject {
                issuer: self.issuer.clone(),
                client: String::new(),
                name: super::oauth::checked_name(user.id)?,
            },
            email: email.map(|address| ToldEmail {
                address,
                verified: true,
            }),
            session: None,
        })
    }
}
