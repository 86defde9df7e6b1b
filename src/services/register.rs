//! Making an account, by the person it is for.
//!
//! A taken address costs the same work as a free one. Must not know forms, JSON or cookies.

use std::sync::Arc;

use super::Failure;
use super::devices::Devices;
use super::passwords::{HashingError, Passwords};
use super::sessions::{Begun, Entrance, Proven, Sessions};
use crate::domain::clock::Clock;
use crate::domain::email::Email;
use crate::domain::ids::UserId;
use crate::domain::password::{NewPassword, PasswordError};
use crate::domain::random::{self, Random};
use crate::domain::session::Factor;
use crate::domain::user::User;
use crate::storage::{Database, users};

/// Who may register.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Whether people may register at all.
    pub open: bool,
    /// The e-mail domains that may; empty for all.
    pub allowed_domains: Vec<String>,
}

impl Settings {
    /// Whether addresses of this domain may register.
    #[must_use]
    pub fn allows(&self, email: &Email) -> bool {
        let allowed = &self.allowed_domains;
        allowed.is_empty() || allowed.iter().any(|domain| domain == email.domain())
    }
}

/// Registers people.
#[derive(Debug)]
pub struct Register {
    /// Who may.
    pub settings: Settings,
    /// Where accounts go.
    pub database: Database,
    /// The hashing pool.
    pub passwords: Arc<Passwords>,
    /// Where the new session goes.
    pub sessions: Arc<Sessions>,
    /// Knows browsers again.
    pub devices: Arc<Devices>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where new ids come from.
    pub random: Arc<dyn Random>,
}

/// Why nobody was registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// Registration is closed.
    #[error("registration is closed")]
    Closed,
    /// Addresses of this domain may not register.
    #[error("addresses of this domain may not register")]
    DomainNotAllowed,
    /// The pool has an account with this address.
    #[error("the address is taken")]
    EmailTaken,
    /// Too many registrations at once.
    #[error("too many registrations at once")]
    Busy,
    /// Something of ours failed.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<HashingError> for RegisterError {
    fn from(error: HashingError) -> Self {
        match error {
            HashingError::Busy => Self::Busy,
            failed @ HashingError::Failed(_) => Self::Failure(Failure::Internal(failed.into())),
        }
    }
}

impl Register {
    /// Whether the register page has a form.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.settings.open
    }

    /// Judges a new password; words in `context`, such as the address, make it easier to guess.
    ///
    /// # Errors
    ///
    /// [`RegisterError::Closed`] before any work is done, [`RegisterError::Busy`] when the hashing pool is full; the
    /// inner error says what is wrong with the password.
    pub async fn judge_password(
        &self,
        text: String,
        context: Vec<String>,
    ) -> Result<Result<NewPassword, PasswordError>, RegisterError> {
        if !self.is_open() {
            return Err(RegisterError::Closed);
        }
        Ok(self.passwords.judge(text, context).await?)
    }

    /// Makes the account and begins its first session.
    ///
    /// # Errors
    ///
    /// As [`RegisterError`].
    pub async fn register(
        &self,
        email: Email,
        password: NewPassword,
        entrance: Entrance,
    ) -> Result<Begun, RegisterError> {
        self.admit(&email)?;
        let hash = self.passwords.hash(password).await?;
        let user = User {
            id: UserId(random::uuid(self.random.as_ref()).map_err(Failure::from)?),
            pool: entrance.pool.clone(),
            email: Some(email),
            email_proven_at: None,
            roles: Vec::new(),
            disabled: false,
            created_at: self.clock.now(),
        };
        if !self.insert(&user, &hash).await? {
            return Err(RegisterError::EmailTaken);
        }
        let proven = Proven {
            user: user.id,
            epoch: 0,
            factors: vec![Factor::Password],
            continues: None,
        };
        let presented = entrance.devices.clone();
        let begun = self.sessions.begin(proven, entrance).await?;
        let devices = &self.devices;
        Ok(Begun {
            devices: devices.remember(&user.pool, user.id, &presented).await,
            ..begun
        })
    }

    fn admit(&self, email: &Email) -> Result<(), RegisterError> {
        if !self.is_open() {
            Err(RegisterError::Closed)
        } else if !self.settings.allows(email) {
            Err(RegisterError::DomainNotAllowed)
        } else {
            Ok(())
        }
    }

    async fn insert(&self, user: &User, hash: &str) -> Result<bool, Failure> {
        let mut db = self.database.acquire().await?;
        Ok(users::insert(&mut db, user, Some(hash)).await?)
    }
}
