//! Signing out at a provider, and being told of it by one.
//!
//! Must not end a session that began elsewhere.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use url::Url;

use super::Failure;
use super::oauth_login::{OauthError, Providers};
use super::sessions::{Sessions, Token};
use crate::domain::ids::ProviderId;
use crate::providers::LoggedOut;
use crate::storage::{Database, provider_sessions, used_tokens};

/// Ends sessions there and here.
#[derive(Debug)]
pub struct ProviderLogout {
    /// The providers.
    pub providers: Arc<Providers>,
    /// Where it is known which session began with which.
    pub database: Database,
    /// Our sessions.
    pub sessions: Arc<Sessions>,
}

/// A session at a provider that is to end, now that ours has.
#[derive(Debug)]
pub struct Elsewhere {
    /// The provider.
    pub provider: ProviderId,
    id_token: String,
}

impl ProviderLogout {
    /// Whether there is such a provider.
    #[must_use]
    pub fn knows(&self, provider: &ProviderId) -> bool {
        self.providers.all.contains_key(provider)
    }

    /// The session at a provider that ours began with, where signing out is to end it too. To be asked before ours ends.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn elsewhere(&self, token: Token) -> Result<Option<Elsewhere>, Failure> {
        if !self.providers.all.values().any(|offered| offered.sign_out) {
            return Ok(None);
        }
        let mut db = self.database.acquire().await?;
        let found = provider_sessions::find(&mut db, &token.hash()).await?;
        Ok(found.and_then(|(provider, session)| {
            let offered = self.providers.all.get(&provider)?;
            let known = offered.sign_out && !session.id_token.is_empty();
            known.then_some(Elsewhere {
                provider,
                id_token: session.id_token,
            })
        }))
    }

    /// What people call the provider, and where the browser has to go to end its session there. Nothing where it can't be
    /// asked: our session has ended all the same.
    pub async fn way_out(&self, elsewhere: &Elsewhere, return_to: &str) -> Option<(&str, Url)> {
        let offered = self.providers.all.get(&elsewhere.provider)?;
        let url = offered
            .provider
            .end_session_url(&elsewhere.id_token, return_to)
            .await?;
        Some((offered.name.as_str(), url))
    }

    /// Ends the sessions of whom a provider says that they have signed out there; yields how many. A token counts once.
    ///
    /// # Errors
    ///
    /// As [`OauthError`]; [`OauthError::Failed`] where the token can't be believed.
    pub async fn told(&self, provider: &ProviderId, token: &str) -> Result<usize, OauthError> {
        let offered = self
            .providers
            .all
            .get(provider)
            .ok_or(OauthError::NotOffered)?;
        let told = offered.provider.logged_out(token).await.map_err(|error| {
            tracing::info!(%provider, %error, "a sign-out that the provider told of was not believed");
            OauthError::from(&error)
        })?;
        let token_hash = hash_of(provider, &told);
        let mut db = self.database.acquire().await?;
        if used_tokens::exists(&mut db, &token_hash).await? {
            return Ok(0);
        }
        drop(db);
        let ended = self.end(provider, &told).await?;
        // Only now, so that one that failed, or was given up, can be told again.
        let mut db = self.database.acquire().await?;
        used_tokens::insert(&mut db, &token_hash, told.ends_at).await?;
        tracing::info!(%provider, ended, "the provider told of a sign-out");
        Ok(ended)
    }

    async fn end(&self, provider: &ProviderId, told: &LoggedOut) -> Result<usize, Failure> {
        let mut db = self.database.acquire().await?;
        let whose = (told.subject.as_deref(), told.sid.as_deref());
        let ours = provider_sessions::ours(&mut db, provider, &told.issuer, whose).await?;
        drop(db);
        for id_hash in &ours {
            self.sessions.revoke_by_hash(id_hash).await?;
        }
        Ok(ours.len())
    }
}

fn hash_of(provider: &ProviderId, told: &LoggedOut) -> [u8; 32] {
    let mut digest = Sha256::new();
    for part in [provider.as_str(), &told.issuer, &told.token_id] {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}
