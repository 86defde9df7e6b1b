//! Signing in with an address and a password.
//!
//! An unknown address, a wrong password and a disabled account are one outcome after the same work. Must not know
//! forms, JSON or cookies.

use std::sync::Arc;
use std::time::Duration;

use super::Failure;
use super::devices::Devices;
use super::passwords::{Comparison, HashingError, Passwords};
use super::sessions::{Begun, Entrance, Proven, Sessions};
use super::throttle::{Attempt, Denied, Throttle};
use crate::domain::email::Email;
use crate::domain::ids::PoolId;
use crate::domain::password::GivenPassword;
use crate::domain::session::Factor;
use crate::storage::Database;
use crate::storage::users::{self, Account};

/// Signs people in.
#[derive(Debug)]
pub struct Login {
    /// Where accounts are.
    pub database: Database,
    /// The hashing pool.
    pub passwords: Arc<Passwords>,
    /// Where the new session goes.
    pub sessions: Arc<Sessions>,
    /// Counts attempts.
    pub throttle: Arc<Throttle>,
    /// Knows browsers again.
    pub devices: Arc<Devices>,
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// There is no such account, its password is another one, or it is disabled.
    #[error("invalid credentials")]
    InvalidCredentials,
    /// There were too many attempts at this address; after this time there may be another. Says nothing of whether
    /// somebody has the address.
    #[error("too many attempts")]
    TooManyAttempts(Duration),
    /// Too many sign-ins at once.
    #[error("too many sign-ins at once")]
    Busy,
    /// Something of ours failed.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<HashingError> for LoginError {
    fn from(error: HashingError) -> Self {
        match error {
            HashingError::Busy => Self::Busy,
            failed @ HashingError::Failed(_) => Self::Failure(Failure::Internal(failed.into())),
        }
    }
}

impl From<Denied> for LoginError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Wait(wait) => Self::TooManyAttempts(wait),
            Denied::Busy => Self::Busy,
            Denied::Failure(failure) => Self::Failure(failure),
        }
    }
}

impl Login {
    /// Compares the password, if there may be an attempt now, and begins a session under a new id.
    ///
    /// # Errors
    ///
    /// As [`LoginError`].
    pub async fn sign_in(
        &self,
        email: &Email,
        password: GivenPassword,
        entrance: Entrance,
    ) -> Result<Begun, LoginError> {
        let password = Arc::new(password);
        let (account, comparison) = self.attempt(email, &password, &entrance).await?;
        self.upgrade(&account, password, comparison).await;
        let (pool, presented) = (entrance.pool.clone(), entrance.devices.clone());
        let begun = self.begin(&account, email, entrance).await?;
        let devices = &self.devices;
        Ok(Begun {
            devices: devices.remember(&pool, account.user.id, &presented).await,
            ..begun
        })
    }

    /// One counted attempt. It stays counted when it was a guess, and is given back when nothing was compared.
    async fn attempt(
        &self,
        email: &Email,
        password: &Arc<GivenPassword>,
        entrance: &Entrance,
    ) -> Result<(Account, Comparison), LoginError> {
        let attempt = Attempt {
            pool: &entrance.pool,
            email,
            client: entrance.client,
            devices: &entrance.devices,
        };
        let pass = self.throttle.admit(attempt).await?;
        let proven = self.prove(email, Arc::clone(password), &entrance.pool);
        let outcome = proven.await;
        match &outcome {
            Ok(_) => self.throttle.succeeded(pass).await,
            Err(LoginError::InvalidCredentials) => drop(pass),
            Err(_) => self.throttle.give_back(pass).await,
        }
        outcome
    }

    async fn prove(
        &self,
        email: &Email,
        password: Arc<GivenPassword>,
        pool: &PoolId,
    ) -> Result<(Account, Comparison), LoginError> {
        let account = self.account(pool, email).await?;
        let hash = account
            .as_ref()
            .and_then(|account| account.password_hash.clone());
        let comparison = self.passwords.compare(password, hash).await?;
        match account {
            Some(account) if comparison.matches && !account.user.disabled => {
                Ok((account, comparison))
            }
            _ => Err(LoginError::InvalidCredentials),
        }
    }

    async fn begin(
        &self,
        account: &Account,
        email: &Email,
        entrance: Entrance,
    ) -> Result<Begun, LoginError> {
        let proven = Proven {
            user: account.user.id,
            epoch: account.epoch,
            factors: vec![Factor::Password],
            continues: None,
        };
        let pool = entrance.pool.clone();
        match self.sessions.begin(proven, entrance).await {
            Ok(begun) => Ok(begun),
            // No session can be stored for somebody who was deleted a moment ago: that is no failure of the store.
            Err(failure) => match self.account(&pool, email).await {
                Ok(None) => Err(LoginError::InvalidCredentials),
                Ok(Some(_)) | Err(_) => Err(failure.into()),
            },
        }
    }

    async fn account(&self, pool: &PoolId, email: &Email) -> Result<Option<Account>, Failure> {
        let mut db = self.database.acquire().await?;
        Ok(users::by_email(&mut db, pool, email).await?)
    }

    /// Raises an old hash to the present parameters. A failure is no reason to turn somebody away.
    async fn upgrade(
        &self,
        account: &Account,
        password: Arc<GivenPassword>,
        comparison: Comparison,
    ) {
        let Some(old) = account
            .password_hash
            .as_deref()
            .filter(|_| comparison.outdated)
        else {
            return;
        };
        if let Err(error) = self.try_upgrade(account, old, password).await {
            tracing::warn!(%error, user = %account.user.id, "the password hash was not upgraded");
        }
    }

    async fn try_upgrade(
        &self,
        account: &Account,
        old: &str,
        password: Arc<GivenPassword>,
    ) -> Result<(), LoginError> {
        let new = self.passwords.rehash(password).await?;
        let mut db = self.database.acquire().await.map_err(Failure::from)?;
        users::upgrade_hash(&mut db, account.user.id, old, &new)
            .await
            .map_err(Failure::from)?;
        Ok(())
    }
}
