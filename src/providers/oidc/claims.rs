//! What an ID token that can be believed tells.
//!
//! Must not judge whether it can.

use openidconnect::core::CoreGenderClaim;
use openidconnect::{AccessTokenHash, OAuth2TokenResponse, UserInfoClaims, UserInfoError};
use openidconnect::{EmptyAdditionalClaims, EndUserEmail};

use super::known::Known;
use super::token::{self, Claims, Doubt, More};
use crate::domain::email::Email;
use crate::domain::identity::{Identified, MAX_SUBJECT, ProviderSession, Subject, ToldEmail};
use crate::domain::provider::ProviderKind;
use crate::providers::client::Client;
use crate::providers::{ProviderError, Settings};

/// Domains whose every address is Google's to give.
const GOOGLES_OWN: [&str; 2] = ["gmail.com", "googlemail.com"];

/// The claims of a token, and what was asked for besides.
#[derive(Debug)]
pub(super) struct IdToken {
    claims: Claims,
    kind: ProviderKind,
    /// Whether accounts of several organisations sign in there, each of which gives its accounts what addresses it likes.
    several_tenants: bool,
    pub(super) email: Option<ToldEmail>,
}

impl IdToken {
    pub(super) fn new(claims: Claims, kind: ProviderKind, several_tenants: bool) -> Self {
        let told = claims.email().cloned();
        let verified = claims.email_verified();
        let mut token = Self {
            claims,
            kind,
            several_tenants,
            email: None,
        };
        token.email = token.told(told, verified);
        token
    }

    /// The access token is the one that the ID token was issued with, where it says which (section 3.1.3.8).
    pub(super) fn check_access_token(
        &self,
        id_token: &token::IdToken,
        known: &Known,
        response: &token::Response,
    ) -> Result<(), ProviderError> {
        let Some(expected) = self.claims.access_token_hash() else {
            return Ok(());
        };
        let doubt = || ProviderError::from(Doubt::content("its access token is another one"));
        let algorithm = id_token.signing_alg().map_err(|_| doubt())?;
        let verifier = openidconnect::IdTokenVerifier::new_public_client(
            openidconnect::ClientId::new(String::new()),
            known.metadata.issuer().clone(),
            known.metadata.jwks().clone(),
        );
        let Ok(key) = id_token.signing_key(&verifier) else {
            // The token was believed with keys that are newer than these.
            return Ok(());
        };
        let hash = AccessTokenHash::from_token(response.access_token(), algorithm, key);
        match hash {
            Ok(hash) if hash == *expected => Ok(()),
            Ok(_) => Err(doubt()),
            // No key of this kind can be hashed with.
            Err(_) => Ok(()),
        }
    }

    /// Asks for the address where the token has none: some providers tell it only to those who ask (section 5.3).
    pub(super) async fn complete(
        &mut self,
        client: &token::Client,
        http: &Client,
        response: &token::Response,
    ) -> Result<(), ProviderError> {
        let subject = Some(self.claims.subject().clone());
        let request = client.user_info(response.access_token().clone(), subject);
        let request = request
            .map_err(|_| ProviderError::Unavailable("it has no userinfo endpoint".to_owned()))?;
        let answer: Result<UserInfoClaims<EmptyAdditionalClaims, CoreGenderClaim>, _> =
            request.request_async(http).await;
        let info = answer.map_err(|error| match error {
            UserInfoError::ClaimsVerification(_) => {
                ProviderError::Untrustworthy("userinfo: it is about somebody else".to_owned())
            }
            UserInfoError::Request(error) => {
                ProviderError::Unavailable(format!("userinfo: {error}"))
            }
            // The others may quote the answer.
            _ => ProviderError::Unavailable("userinfo: the answer is not as documented".to_owned()),
        })?;
        self.email = self.told(info.email().cloned(), info.email_verified());
        Ok(())
    }

    /// An address that is none is as if it had not been told.
    fn told(&self, email: Option<EndUserEmail>, verified: Option<bool>) -> Option<ToldEmail> {
        let address = Email::parse(email?.as_str()).ok()?;
        let more = self.claims.additional_claims();
        let verified = match self.kind {
            ProviderKind::Google => {
                let own = GOOGLES_OWN.contains(&address.domain()) || more.hd.is_some();
                verified == Some(true) && own
            }
            // It vouches for an address only where the application is set up to be told.
            ProviderKind::Microsoft => {
                verified != Some(false) && is_vouched_for(more).unwrap_or(!self.several_tenants)
            }
            _ => verified == Some(true),
        };
        Some(ToldEmail { address, verified })
    }

    pub(super) fn identified(
        self,
        settings: &Settings,
        id_token: &token::IdToken,
    ) -> Result<Identified, ProviderError> {
        let issuer = self.claims.issuer().as_str();
        let name = self.claims.subject().as_str();
        let subject = match self.kind {
            ProviderKind::Microsoft => microsoft(issuer, self.claims.additional_claims())?,
            _ => Subject {
                issuer: issuer.to_owned(),
                client: String::new(),
                name: name.to_owned(),
            },
        };
        if subject.name.len() > MAX_SUBJECT || settings.client_id.is_empty() {
            return Err(Doubt::content("its subject is too long").into());
        }
        Ok(Identified {
            subject,
            email: self.email,
            session: Some(ProviderSession {
                issuer: issuer.to_owned(),
                subject: name.to_owned(),
                sid: self.claims.additional_claims().sid.clone(),
                id_token: id_token.to_string(),
            }),
        })
    }
}

/// `sub` is another one for each client; tenant and object together are not.
fn microsoft(issuer: &str, more: &More) -> Result<Subject, ProviderError> {
    let (Some(tenant), Some(object)) = (&more.tid, &more.oid) else {
        return Err(Doubt::content("it has no oid; the scope profile is needed for it").into());
    };
    let host = issuer.split(tenant.as_str()).next().unwrap_or(issuer);
    Ok(Subject {
        issuer: host.trim_end_matches('/').to_owned(),
        client: String::new(),
        name: format!("{tenant}/{object}"),
    })
}

/// What `xms_edov` says, which comes as a boolean, a number or a text; nothing where it is not there.
fn is_vouched_for(more: &More) -> Option<bool> {
    use serde_json::Value;
    match more.xms_edov.as_ref()? {
        Value::Null => None,
        Value::Bool(vouched) => Some(*vouched),
        Value::Number(vouched) => Some(vouched.as_i64() == Some(1)),
        Value::String(vouched) => Some(matches!(vouched.as_str(), "1" | "true")),
        _ => Some(false),
    }
}
