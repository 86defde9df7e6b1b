//! The ways into an account: what there is, and what its owner adds and removes.
//!
//! The last one can't be removed. Must not ask a provider anything.

use std::sync::Arc;

use super::Failure;
use super::oauth_login::{OauthError, Providers, SIGN_IN_LIFETIME};
use super::sessions::{Begun, Entrance, Proven, Sessions};
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::email::Email;
use crate::domain::flow::{BrowserKey, Claim, SecretHash};
use crate::domain::identity::ProviderSession;
use crate::domain::ids::{PoolId, ProviderId, UserId};
use crate::domain::session::Session;
use crate::storage::claims::{self, Waiting};
use crate::storage::identities as rows;
use crate::storage::sessions::{self, IdHash};
use crate::storage::users::{self, Account};
use crate::storage::{Connection, Database, StorageError, provider_sessions};

pub use crate::storage::identities::Identity;

/// The ways into accounts.
#[derive(Debug)]
pub struct Identities {
    /// The providers.
    pub providers: Arc<Providers>,
    /// Where identities are.
    pub database: Database,
    /// Sessions, which end when a way in is removed.
    pub sessions: Arc<Sessions>,
    /// What time it is for all nodes.
    pub common_clock: Arc<dyn Clock>,
}

/// The ways into one account.
#[derive(Debug, Clone, Default)]
pub struct Ways {
    /// The address, where there is one.
    pub email: Option<Email>,
    /// Whether there is a password.
    pub has_password: bool,
    /// The accounts at providers, in the order in which they were linked.
    pub identities: Vec<Way>,
}

impl Ways {
    /// Whether there is a way in beside this one.
    #[must_use]
    pub fn is_removable(&self, way: &Way) -> bool {
        // A password needs an address beside it.
        let password = self.has_password && self.email.is_some();
        let mut others = self
            .identities
            .iter()
            .filter(|other| other.handle != way.handle);
        password || others.any(|other| other.usable)
    }
}

/// An account at a provider.
#[derive(Debug, Clone)]
pub struct Way {
    /// By which it is named in forms.
    pub handle: String,
    /// The provider.
    pub provider: ProviderId,
    /// What people call it; the id where it is not configured (any more).
    pub name: String,
    /// The address that was told last.
    pub email: Option<String>,
    /// When it was linked.
    pub linked_at: Timestamp,
    /// Whether the pool offers the provider: otherwise it lets nobody in.
    pub usable: bool,
}

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

/// A session that somebody acts by: what was true when a request arrived need not be true any more when it is done.
#[derive(Debug, Clone, Copy)]
pub struct Acting {
    /// The hash of its id.
    pub id_hash: IdHash,
    /// Whose it is.
    pub user: UserId,
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

/// Why a way in was not removed.
#[derive(Debug, thiserror::Error)]
pub enum UnlinkError {
    /// The session has ended meanwhile.
    #[error("nobody is signed in")]
    SignedOut,
    /// The account has no such way in.
    #[error("the account has no such way in")]
    NotFound,
    /// It is the only one; what people call its provider.
    #[error("it is the last way into the account")]
    LastWay(String),
    /// Something of ours failed.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<StorageError> for UnlinkError {
    fn from(error: StorageError) -> Self {
        Self::Failure(error.into())
    }
}

impl Identities {
    /// The ways into an account; nothing where there is none (any more).
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn ways(&self, user: UserId) -> Result<Option<Ways>, Failure> {
        let mut db = self.database.acquire().await?;
        let Some(account) = users::by_id(&mut db, user).await? else {
            return Ok(None);
        };
        let identities = rows::of_user(&mut db, user).await?;
        Ok(Some(self.told(account, identities)))
    }

    /// The identities of an account, in the order in which they were linked.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn of_user(&self, user: UserId) -> Result<Vec<Identity>, Failure> {
        let mut db = self.database.acquire().await?;
        Ok(rows::of_user(&mut db, user).await?)
    }

    fn told(&self, account: Account, identities: Vec<Identity>) -> Ways {
        let pool = account.user.pool;
        let way = |identity: Identity| Way {
            handle: identity.handle(),
            name: self.name_of(&identity.provider),
            usable: self
                .providers
                .lead_in(&pool, &identity.provider, &identity.subject),
            provider: identity.provider,
            email: identity.email,
            linked_at: identity.linked_at,
        };
        Ways {
            email: account.user.email,
            has_password: account.password_hash.is_some(),
            identities: identities.into_iter().map(way).collect(),
        }
    }

    /// Removes a way into the account of a signed-in user. Every session of theirs ends, and one begins here anew: whoever
    /// came in by that way is out.
    ///
    /// # Errors
    ///
    /// As [`UnlinkError`]; then nothing has changed.
    pub async fn unlink(
        &self,
        acting: Acting,
        wanted: &str,
        entrance: Entrance,
    ) -> Result<Begun, UnlinkError> {
        let user = acting.user;
        let mut db = self.database.begin().await?;
        let still = still_acting(&mut db, acting).await?;
        let (account, session) = still.ok_or(UnlinkError::SignedOut)?;
        let epoch = account.epoch;
        let elsewhere = provider_sessions::find(&mut db, &acting.id_hash).await?;
        let identities = rows::of_user(&mut db, user).await?;
        let named = identities
            .iter()
            .find(|identity| identity.handle() == wanted);
        let subject = named.map(|identity| identity.subject.clone());
        let ways = self.told(account, identities);
        let way = ways.identities.iter().find(|way| way.handle == wanted);
        let (subject, way) = subject.zip(way).ok_or(UnlinkError::NotFound)?;
        if !ways.is_removable(way) {
            return Err(UnlinkError::LastWay(way.name.clone()));
        }
        rows::delete(&mut db, user, &subject).await?;
        users::raise_epoch(&mut db, user).await?;
        self.sessions.end_all(db, user).await?;
        let proven = Proven {
            user,
            epoch: epoch + 1,
            factors: session.factors.clone(),
            continues: Some(session),
        };
        let begun = self.sessions.begin(proven, entrance).await?;
        if let Some((provider, session)) = elsewhere {
            self.note_elsewhere(&begun, (&provider, &session)).await?;
        }
        Ok(begun)
    }

    /// Notes with which session at a provider one of ours began. One of which that can't be noted ends: the provider could
    /// not end it.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub(in crate::services) async fn note_elsewhere(
        &self,
        begun: &Begun,
        (provider, session): (&ProviderId, &ProviderSession),
    ) -> Result<(), Failure> {
        let noted = async {
            let mut db = self.database.acquire().await?;
            provider_sessions::insert(&mut db, &begun.token.hash(), (provider, session)).await
        };
        if let Err(error) = noted.await {
            self.sessions.revoke(begun.token).await?;
            return Err(error.into());
        }
        Ok(())
    }

    /// Removes a way into an account, or with no handle every one, for an operator; all sessions end. Yields how many ways
    /// and sessions there were.
    ///
    /// # Errors
    ///
    /// When a store fails; then nothing has changed.
    pub async fn evict(&self, user: UserId, wanted: Option<&str>) -> Result<(u64, u64), Failure> {
        let mut db = self.database.begin().await?;
        users::raise_epoch(&mut db, user).await?;
        let mut removed = 0;
        for identity in rows::of_user(&mut db, user).await? {
            if wanted.is_none_or(|wanted| identity.handle().starts_with(wanted)) {
                removed += u64::from(rows::delete(&mut db, user, &identity.subject).await?);
            }
        }
        if removed == 0 {
            return Ok((0, 0));
        }
        let sessions = self.sessions.end_all(db, user).await?;
        Ok((removed, sessions))
    }

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

    /// Notes that the address of an account was proven to be its owner's by other means than a provider. What was set
    /// before without that proof dies: the password, the identities, the sessions (THREATS 38). Yields how many identities
    /// and sessions there were; nothing where the proof was there already, or there is no address.
    ///
    /// # Errors
    ///
    /// When a store fails; then nothing has changed.
    pub async fn prove_email(&self, user: UserId) -> Result<Option<(u64, u64)>, Failure> {
        let mut db = self.database.begin().await?;
        if !users::prove_email(&mut db, user, self.common_clock.now(), true).await? {
            return Ok(None);
        }
        let identities = rows::delete_of_user(&mut db, user).await?;
        let sessions = self.sessions.end_all(db, user).await?;
        Ok(Some((identities, sessions)))
    }

    /// What people call a provider.
    #[must_use]
    pub fn name_of(&self, provider: &ProviderId) -> String {
        let known = self.providers.all.get(provider);
        known.map_or_else(|| provider.to_string(), |known| known.name.clone())
    }

    /// The providers of a pool, in the order of their buttons, with what people call them.
    #[must_use]
    pub fn offered(&self, pool: &PoolId) -> Vec<(ProviderId, String)> {
        let offered = self.providers.of(pool);
        offered
            .map(|(id, offered)| (id.clone(), offered.name.clone()))
            .collect()
    }
}

/// The account, where it is not disabled. Nobody else changes the ways into it until the transaction ends.
pub(in crate::services) async fn still_open(
    db: &mut Connection,
    user: UserId,
) -> Result<Option<Account>, StorageError> {
    users::lock(db, user).await?;
    let account = users::by_id(db, user).await?;
    Ok(account.filter(|account| !account.user.disabled))
}

/// The account and the session of somebody who acts, where the session is still one (THREATS 18). Nobody else changes the
/// ways into the account until the transaction ends.
pub(in crate::services) async fn still_acting(
    db: &mut Connection,
    acting: Acting,
) -> Result<Option<(Account, Session)>, StorageError> {
    let Some(account) = still_open(db, acting.user).await? else {
        return Ok(None);
    };
    let session = sessions::find(db, &acting.id_hash).await?;
    let session = session.filter(|session| session.user == acting.user);
    Ok(session.map(|session| (account, session)))
}
