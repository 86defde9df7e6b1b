//! What operators do to accounts, from the command line.
//!
//! Whatever should keep somebody out ends their sessions in the same transaction. Must not print anything.

use std::sync::Arc;

use super::Failure;
use super::passwords::{HashingError, Passwords};
use super::sessions::Sessions;
use crate::domain::clock::Clock;
use crate::domain::email::Email;
use crate::domain::ids::{PoolId, Role, UserId};
use crate::domain::password::NewPassword;
use crate::domain::random::{self, Random};
use crate::domain::user::User;
use crate::storage::users::{self, Account};
use crate::storage::{Database, sessions as rows};

/// Accounts of all pools.
#[derive(Debug)]
pub struct Accounts {
    /// Where they are.
    pub database: Database,
    /// The hashing pool.
    pub passwords: Arc<Passwords>,
    /// Their sessions, which follow what is done to them.
    pub sessions: Arc<Sessions>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where new ids come from.
    pub random: Arc<dyn Random>,
}

/// What is told of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The account.
    pub user: User,
    /// Whether it has a password to sign in with.
    pub has_password: bool,
}

impl Found {
    fn or_not(account: Option<Account>) -> Result<Self, AccountError> {
        let account = account.ok_or(AccountError::NotFound)?;
        Ok(Self {
            has_password: account.password_hash.is_some(),
            user: account.user,
        })
    }
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// No account has this address or id.
    #[error("no such user")]
    NotFound,
    /// The pool has an account with this address.
    #[error("the pool already has a user with this address")]
    EmailTaken,
    /// Something of ours failed.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<HashingError> for AccountError {
    fn from(error: HashingError) -> Self {
        Self::Failure(Failure::Internal(error.into()))
    }
}

impl Accounts {
    /// Adds an account. Without a password nobody can sign in to it yet.
    ///
    /// # Errors
    ///
    /// As [`AccountError`].
    pub async fn add(
        &self,
        pool: PoolId,
        email: Email,
        roles: Vec<Role>,
        password: Option<NewPassword>,
    ) -> Result<User, AccountError> {
        let hash = match password {
            Some(password) => Some(self.passwords.hash(password).await?),
            None => None,
        };
        let user = User {
            id: UserId(random::uuid(self.random.as_ref()).map_err(Failure::from)?),
            pool,
            email: Some(email),
            email_proven_at: None,
            roles: sorted(roles),
            disabled: false,
            created_at: self.clock.now(),
        };
        let mut db = self.database.acquire().await.map_err(Failure::from)?;
        let added = users::insert(&mut db, &user, hash.as_deref())
            .await
            .map_err(Failure::from)?;
        if added {
            Ok(user)
        } else {
            Err(AccountError::EmailTaken)
        }
    }

    /// The accounts of a pool that have an address, by address, at most `limit` of those after the address `after`.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn list(&self, pool: &PoolId, after: &str, limit: u32) -> Result<Vec<User>, Failure> {
        let mut db = self.database.acquire().await?;
        Ok(users::list(&mut db, pool, after, limit.into()).await?)
    }

    /// The accounts of a pool that have no address, by id, at most `limit` of those after the id `after`.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn list_without_email(
        &self,
        pool: &PoolId,
        after: UserId,
        limit: u32,
    ) -> Result<Vec<User>, Failure> {
        let mut db = self.database.acquire().await?;
        Ok(users::list_without_email(&mut db, pool, after, limit.into()).await?)
    }

    /// The account with this address.
    ///
    /// # Errors
    ///
    /// [`AccountError::NotFound`] when there is none.
    pub async fn by_email(&self, pool: &PoolId, email: &Email) -> Result<Found, AccountError> {
        let mut db = self.database.acquire().await.map_err(Failure::from)?;
        let account = users::by_email(&mut db, pool, email)
            .await
            .map_err(Failure::from)?;
        Found::or_not(account)
    }

    /// The account with this id.
    ///
    /// # Errors
    ///
    /// [`AccountError::NotFound`] when there is none.
    pub async fn by_id(&self, id: UserId) -> Result<Found, AccountError> {
        let mut db = self.database.acquire().await.map_err(Failure::from)?;
        let account = users::by_id(&mut db, id).await.map_err(Failure::from)?;
        Found::or_not(account)
    }

    /// Disables or enables an account; its sessions end. Yields how many there were.
    ///
    /// # Errors
    ///
    /// As [`AccountError`].
    pub async fn set_disabled(&self, id: UserId, disabled: bool) -> Result<u64, AccountError> {
        let mut db = self.database.begin().await.map_err(Failure::from)?;
        if !users::set_disabled(&mut db, id, disabled)
            .await
            .map_err(Failure::from)?
        {
            return Err(AccountError::NotFound);
        }
        Ok(self.sessions.end_all(db, id).await?)
    }

    /// Sets a new password; every session of the user ends. Yields how many there were.
    ///
    /// # Errors
    ///
    /// As [`AccountError`].
    pub async fn set_password(
        &self,
        id: UserId,
        password: NewPassword,
    ) -> Result<u64, AccountError> {
        let hash = self.passwords.hash(password).await?;
        let mut db = self.database.begin().await.map_err(Failure::from)?;
        if !users::set_password(&mut db, id, &hash)
            .await
            .map_err(Failure::from)?
        {
            return Err(AccountError::NotFound);
        }
        Ok(self.sessions.end_all(db, id).await?)
    }

    /// Replaces a user's roles. They count from the next request on.
    ///
    /// # Errors
    ///
    /// As [`AccountError`].
    pub async fn set_roles(&self, id: UserId, roles: Vec<Role>) -> Result<(), AccountError> {
        let mut db = self.database.begin().await.map_err(Failure::from)?;
        if !users::set_roles(&mut db, id, &sorted(roles))
            .await
            .map_err(Failure::from)?
        {
            return Err(AccountError::NotFound);
        }
        let state = self.sessions.announce(&mut db, id).await?;
        Ok(self.sessions.commit(db, state, &[]).await?)
    }

    /// Deletes an account with all its sessions. Yields how many there were.
    ///
    /// # Errors
    ///
    /// As [`AccountError`].
    pub async fn delete(&self, id: UserId) -> Result<u64, AccountError> {
        let mut db = self.database.begin().await.map_err(Failure::from)?;
        // Disabled first: that is what the session store is told of an account that goes.
        if !users::set_disabled(&mut db, id, true)
            .await
            .map_err(Failure::from)?
        {
            return Err(AccountError::NotFound);
        }
        let ended = rows::delete_of_user(&mut db, id)
            .await
            .map_err(Failure::from)?;
        let state = self.sessions.announce(&mut db, id).await?;
        users::delete(&mut db, id).await.map_err(Failure::from)?;
        self.sessions.commit(db, state, &ended).await?;
        Ok(u64::try_from(ended.len()).unwrap_or(u64::MAX))
    }
}

fn sorted(mut roles: Vec<Role>) -> Vec<Role> {
    roles.sort();
    roles.dedup();
    roles
}
