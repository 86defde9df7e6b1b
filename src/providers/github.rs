//! GitHub, and GitHub Enterprise Server.
//!
//! An account is named by its number, which is never given to another one; its login can be. Only the primary address
//! counts, and only where GitHub says that it is verified.

use async_trait::async_trait;
use oauth2::AuthType;
use serde::Deserialize;
use url::Url;

use super::client::Client;
use super::oauth::{Endpoints, OAuth};
use super::{Errand, Provider, ProviderError, Reply, Settings};
use crate::domain::email::Email;
use crate::domain::identity::{Identified, Subject, ToldEmail};

/// Where programs ask github.com. An Enterprise Server has both at one host, and programs below `/api/v3`.
const API: &str = "https://api.github.com";
const HEADERS: [(&str, &str); 2] = [
    ("accept", "application/vnd.github+json"),
    ("x-github-api-version", "2022-11-28"),
];

/// Addresses that GitHub makes up, and that take no mail.
const NO_MAIL: &str = "@users.noreply.github.com";

#[derive(Debug)]
pub(super) struct GitHub {
    oauth: OAuth,
    issuer: String,
    /// What it calls itself in its answers (RFC 9207).
    named: String,
    user: Url,
    emails: Url,
}

#[derive(Deserialize)]
struct User {
    id: u64,
}

#[derive(Deserialize)]
struct Address {
    email: String,
    primary: bool,
    verified: bool,
}

impl GitHub {
    pub(super) fn new(settings: &Settings, http: Client) -> Result<Self, url::ParseError> {
        let api = |path: &str| api(settings, path);
        let endpoints = Endpoints {
            authorize: settings.below_issuer("/login/oauth/authorize")?,
            token: settings.below_issuer("/login/oauth/access_token")?,
            auth: AuthType::RequestBody,
        };
        Ok(Self {
            user: api("/user")?,
            emails: api("/user/emails?per_page=100")?,
            named: settings.below_issuer("/login/oauth")?.into(),
            issuer: settings.issuer.clone(),
            oauth: OAuth::new(settings, http, endpoints),
        })
    }
}

/// Where programs ask: github.com and its enterprises have a host for them, a server of one's own has not.
fn api(settings: &Settings, path: &str) -> Result<Url, url::ParseError> {
    if settings.kind.facts().issuer == Some(settings.issuer.as_str()) {
        return settings.at_api(API, path);
    }
    match settings.issuer.strip_prefix("https://") {
        Some(host) if host.ends_with(".ghe.com") => {
            Url::parse(&format!("https://api.{host}{path}"))
        }
        _ => settings.below_issuer(&format!("/api/v3{path}")),
    }
}

#[async_trait]
impl Provider for GitHub {
    async fn authorization_url(&self, errand: Errand<'_>) -> Result<Url, ProviderError> {
        self.oauth.authorization_url(errand)
    }

    async fn check_issuer(&self, issuer: Option<&str>) -> Result<(), ProviderError> {
        match issuer {
            Some(issuer) if issuer != self.named => Err(ProviderError::Untrustworthy(
                "the answer names another issuer".to_owned(),
            )),
            _ => Ok(()),
        }
    }

    async fn identify(
        &self,
        errand: Errand<'_>,
        reply: Reply<'_>,
    ) -> Result<Identified, ProviderError> {
        let token = self.oauth.access_token(errand, reply.code).await?;
        let user: User = self.oauth.profile(&self.user, &token, &HEADERS).await?;
        // Without the scope there is no list: whoever took it out of the configuration wants no addresses.
        let addresses = match self
            .oauth
            .profile::<Vec<Address>>(&self.emails, &token, &HEADERS)
            .await
        {
            Err(ProviderError::Refused(_)) => Vec::new(),
            other => other?,
        };
        let mut primary = addresses.into_iter().filter(|address| address.primary);
        let primary = primary.find(|address| !address.email.ends_with(NO_MAIL));
        Ok(Identified {
            subject: Subject {
                issuer: self.issuer.clone(),
                client: String::new(),
                name: user.id.to_string(),
            },
            email: primary.and_then(|address| {
                Some(ToldEmail {
                    address: Email::parse(&address.email).ok()?,
                    verified: address.verified,
                })
            }),
            session: None,
        })
    }
}
