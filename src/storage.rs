//! All SQL, for PostgreSQL and SQLite.
//!
//! Plain functions that take a [`Connection`] and return domain types. Each statement is written once, in the words
//! that both databases accept. Must not decide anything: use cases and their transactions live in `services`.

pub mod attempts;
pub mod changes;
pub mod claims;
pub mod devices;
pub mod identities;
pub mod moves;
pub mod provider_sessions;
pub mod sessions;
pub mod sign_ins;
pub mod time;
pub mod used_tokens;
pub mod users;

mod columns;
mod connection;
mod database;
mod migrations;

pub use connection::{Connection, Transaction};
pub use database::{Database, DatabaseStats, Settings};

/// A statement failed.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The database refused, or could not be reached.
    #[error("database: {0}")]
    Sql(#[source] sqlx::Error),
    /// The tables could not be brought up to date.
    #[error("migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The folder or the lock file of a SQLite database could not be made.
    #[error("{path}: {source}")]
    File {
        /// The file or folder.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A statement took too long.
    #[error("the database did not answer in time")]
    Silent,
    /// The database answers and yet tells nothing: a pooler between may lend its connections to many.
    #[error(
        "changes are not heard: LISTEN needs a connection that no pooler shares among several clients"
    )]
    Unheard,
    /// A row holds what Doorward never wrote.
    #[error("a row of {table} can't be read: {reason}")]
    Row {
        /// The table.
        table: &'static str,
        /// What is wrong with it, without the value.
        reason: String,
    },
}

impl StorageError {
    /// Whether the database itself refused: whatever was asked was then not done. After anything else it is not known.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        matches!(self, Self::Sql(sqlx::Error::Database(_)))
    }
}

impl From<sqlx::Error> for StorageError {
    /// A value that its column should not hold is the row's fault, and no outage.
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::ColumnDecode { index, .. } => Self::Row {
                table: "the database",
                reason: index,
            },
            error => Self::Sql(error),
        }
    }
}

/// What a storage function returns.
pub type Result<T> = std::result::Result<T, StorageError>;
