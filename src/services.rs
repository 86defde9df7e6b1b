//! Use cases: what Doorward does, apart from how it is asked and where things are kept.
//!
//! Transactions begin here. Must not know HTTP, SQL or the configuration file.

pub mod accounts;
pub mod assertion;
pub mod common_clock;
pub mod devices;
pub mod gate;
pub mod identities;
pub mod login;
pub mod oauth_login;
pub mod passwords;
pub mod provider_logout;
pub mod register;
pub mod sessions;
pub mod throttle;

use std::error::Error;
use std::sync::Arc;

use tower_sessions_core::session_store;

use crate::domain::app::Apps;
use crate::domain::random::RandomError;
use crate::sessions::cache::CacheStats;
use crate::storage::{Database, DatabaseStats, StorageError};

/// Every use case, built once by `app` and shared by both listeners and the commands.
#[derive(Debug)]
pub struct Services {
    /// The protected apps.
    pub apps: Arc<Apps>,
    /// Sign-in.
    pub login: login::Login,
    /// Registration.
    pub register: register::Register,
    /// Sign-in at providers.
    pub oauth_login: oauth_login::OauthLogin,
    /// The ways into an account.
    pub identities: Arc<identities::Identities>,
    /// Sign-out at providers.
    pub provider_logout: provider_logout::ProviderLogout,
    /// Sessions: find, begin, revoke, sweep.
    pub sessions: Arc<sessions::Sessions>,
    /// The time by which nodes count together.
    pub common_clock: Arc<common_clock::CommonClock>,
    /// Counts attempts to sign in.
    pub throttle: Arc<throttle::Throttle>,
    /// The browsers that people have signed in with.
    pub devices: Arc<devices::Devices>,
    /// What operators do to accounts.
    pub accounts: accounts::Accounts,
    /// Judges what the proxy asks about.
    pub gate: gate::Gate,
    /// The database, for readiness.
    pub database: Database,
}

/// How busy everything is. Every value lies in memory.
#[derive(Debug)]
pub struct Stats {
    /// Sessions that this node knows.
    pub cache: CacheStats,
    /// Whether Redis is connected, where sessions are there.
    pub redis: Option<bool>,
    /// The pool that hashes passwords.
    pub hashing: passwords::Stats,
    /// Connections to the database.
    pub database: DatabaseStats,
}

impl Services {
    /// How busy everything is at this moment.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats {
            cache: self.sessions.cache.stats(),
            redis: self.sessions.store.connected(),
            hashing: self.login.passwords.stats(),
            database: self.database.stats(),
        }
    }

    /// Gives back memory that nobody has needed since the last call.
    pub fn tidy(&self) {
        self.login.passwords.tidy();
    }

    /// Whether the stores answer; both are asked at once.
    ///
    /// # Errors
    ///
    /// When one does not, or neither.
    pub async fn ready(&self) -> Result<(), NotReady> {
        let (database, sessions) = tokio::join!(self.database.ping(), self.sessions.store.ping());
        match (database, sessions) {
            (Ok(()), Ok(())) => Ok(()),
            (Err(error), Ok(())) => Err(NotReady::Database(error.into())),
            (Ok(()), Err(error)) => Err(NotReady::Sessions(error.into())),
            (Err(error), Err(_)) => Err(NotReady::Both(error.into())),
        }
    }
}

/// Which store does not answer.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    /// The database.
    #[error("the database: {0}")]
    Database(#[source] Failure),
    /// The store of the sessions, which is not the database.
    #[error("the sessions: {0}")]
    Sessions(#[source] Failure),
    /// Neither; the database's own words.
    #[error("the database and the sessions: {0}")]
    Both(#[source] Failure),
}

/// What no user can cause: it is logged once, where it becomes an answer, and the answer never tells.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A store did not answer, or answered with an error. Trying again may help.
    #[error("store: {0}")]
    Store(#[source] Box<dyn Error + Send + Sync>),
    /// Something that should not happen did.
    #[error("internal: {0}")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        Self::Store(error.into())
    }
}

impl From<session_store::Error> for Failure {
    fn from(error: session_store::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<RandomError> for Failure {
    fn from(error: RandomError) -> Self {
        Self::Internal(error.into())
    }
}
