//! Identities that wait for the owner of the account with their address to say that both are theirs.

use super::{Identities, Identity, rows, still_open};
use crate::domain::email::Email;
use crate::domain::flow::{BrowserKey, Claim, SecretHash};
use crate::domain::ids::{ProviderId, UserId};
use crate::services::Failure;
use crate::services::oauth_login::{OauthError, SIGN_IN_LIFETIME};
use crate::storage::claims::{self, Waiting};
use crate::storage::{Connection, StorageError, users};

/// An identity that waits for the owner of an account.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The address that both have.
    pub email: Email,
    /// The provider of the identity.
    pub provider: String,
    /// Where to go afterwards.
    pub return_to: Option<String>,
    /// Whether the account has a password.
    pub has_password: bool,
    /// The providers that lead into the account, with what people call them.
    pub providers: Vec<(ProviderId, String)>,
}

/// Somebody who has proven to be the owner of an account, with the claim that waits for it.
#[derive(Debug, Clone, Copy)]
pub struct Proof<'a> {
    /// Of the claim.
    pub claim_hash: &'a SecretHash,
    /// Of the key of the browser in which it was made.
    pub browser_hash: &'a SecretHash,
    /// Who was proven.
    pub user: UserId,
    /// The user's epoch at that moment: what was proven before a change of the ways in counts no more.
    pub epoch: i64,
}

impl Identities {
    /// The identity that waits under this claim in this browser; nothing where it waits no longer.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn claimed(
        &self,
        claim: Claim,
        browser: BrowserKey,
    ) -> Result<Option<Claimed>, Failure> {
        let mut db = self.database.acquire().await?;
        let Some(waiting) = self
            .waiting(&mut db, &claim.hash(), &browser.hash())
            .await?
        else {
            return Ok(None);
        };
        let Some(account) = users::by_id(&mut db, waiting.user).await? else {
            return Ok(None);
        };
        let identities = rows::of_user(&mut db, waiting.user).await?;
        let ways = self.told(account, identities);
        let mut providers: Vec<(ProviderId, String)> = Vec::new();
        for way in ways.identities.into_iter().filter(|way| way.usable) {
            if providers.iter().all(|(id, _)| *id != way.provider) {
                providers.push((way.provider, way.name));
            }
        }
        Ok(Some(Claimed {
            provider: self.name_of(&waiting.provider),
            email: waiting.email,
            return_to: waiting.return_to,
            has_password: ways.has_password,
            providers,
        }))
    }

    async fn waiting(
        &self,
        db: &mut Connection,
        claim_hash: &SecretHash,
        browser_hash: &SecretHash,
    ) -> Result<Option<Waiting>, StorageError> {
        let since = self.common_clock.now() - SIGN_IN_LIFETIME;
        claims::find(db, (claim_hash, browser_hash), since).await
    }

    /// Links the identity that waits to the account whose owner has just been proven; yields where to go.
    ///
    /// # Errors
    ///
    /// [`OauthError::Expired`] where none waits, [`OauthError::OtherAccount`] where it waits for somebody else, and
    /// [`OauthError::IdentityTaken`].
    pub async fn prove(&self, proof: Proof<'_>) -> Result<Option<String>, OauthError> {
        let Proof {
            claim_hash,
            browser_hash,
            user,
            epoch,
        } = proof;
        let mut db = self.database.begin().await?;
        let account = still_open(&mut db, user).await?;
        let account = account.filter(|account| account.epoch == epoch);
        let account = account.ok_or(OauthError::Expired)?;
        let waiting = self.waiting(&mut db, claim_hash, browser_hash).await?;
        let waiting = waiting.ok_or(OauthError::Expired)?;
        if waiting.user != user {
            return Err(OauthError::OtherAccount);
        }
        if !claims::delete(&mut db, claim_hash).await? {
            return Err(OauthError::Expired);
        }
        let now = self.common_clock.now();
        let identity = Identity {
            subject: waiting.subject,
            user,
            provider: waiting.provider,
            email: Some(waiting.email.as_str().to_owned()),
            linked_at: now,
            last_used_at: now,
        };
        if !rows::insert(&mut db, &waiting.pool, &identity).await? {
            let owner = rows::find(&mut db, &waiting.pool, &identity.subject).await?;
            if owner.is_none_or(|owner| owner.user != user) {
                return Err(OauthError::IdentityTaken);
            }
        }
        if account.user.email.as_ref() == Some(&waiting.email) {
            users::prove_email(&mut db, user, now, false).await?;
        }
        db.commit().await?;
        Ok(waiting.return_to)
    }
}
