//! All SQL, for PostgreSQL and SQLite.
//!
//! Plain functions that take a [`Connection`] and return domain types. Each statement is written once, in the words
//! that both databases accept. Must not decide anything: use cases and their transactions live in `services`.

pub mod sessions;
pub mod users;

mod columns;
mod connection;
mod database;
mod migrations;

pub use connection::{Connection, Transaction};
pub use database::{Database, Settings};

/// A statement failed.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The database refused, or could not be reached.
    #[error("database: {0}")]
    Sql(#[from] sqlx::Error),
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
    /// A row holds what Doorward never wrote.
    #[error("a row of {table} can't be read: {reason}")]
    Row {
        /// The table.
        table: &'static str,
        /// What is wrong with it, without the value.
        reason: String,
    },
}

/// What a storage function returns.
pub type Result<T> = std::result::Result<T, StorageError>;
