//! What anybody changes about sessions and accounts in the database, heard while it happens.
//!
//! Triggers tell, so that a change by hand counts as well as one of ours; a use of a session tells nothing. Whoever
//! listens learns at once, or within a second, that it can't be heard any more. Must not decide what follows.

mod postgres;
mod sqlite;

use std::future::Future;
use std::time::Duration;

use tokio::time::timeout;
use uuid::Uuid;

use super::sessions::IdHash;
use super::{Result, StorageError};
use crate::domain::ids::UserId;

pub(super) use {postgres::PostgresChanges, sqlite::SqliteChanges};

/// What was read before it happened may be wrong now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A session was deleted, or altered by hand.
    Session(IdHash),
    /// An account was deleted or disabled, has other roles, or ended its sessions.
    User(UserId),
    /// It can't be said what.
    Everything,
}

/// All changes since a moment, on a connection of its own.
#[derive(Debug)]
pub struct Changes(pub(super) Source);

#[derive(Debug)]
pub(super) enum Source {
    Postgres(PostgresChanges),
    Sqlite(SqliteChanges),
    /// A database in memory is changed by nobody else.
    Nobody,
}

impl Changes {
    /// Waits for the next changes. None is left out as long as this yields no error.
    ///
    /// # Errors
    ///
    /// When the database can't be heard any more, at most a second after it fell silent.
    pub async fn next(&mut self) -> Result<Vec<Change>> {
        match &mut self.0 {
            Source::Postgres(changes) => changes.next().await,
            Source::Sqlite(changes) => changes.next().await,
            Source::Nobody => std::future::pending().await,
        }
    }
}

/// Gives up on a database that takes longer than `limit`.
async fn within<T, E: Into<StorageError>>(
    limit: Duration,
    question: impl Future<Output = std::result::Result<T, E>>,
) -> Result<T> {
    match timeout(limit, question).await {
        Ok(answer) => answer.map_err(Into::into),
        Err(_) => Err(StorageError::Silent),
    }
}

fn user(bytes: &[u8]) -> Option<UserId> {
    Uuid::from_slice(bytes).ok().map(UserId)
}
