//! The pool of connections to whichever database the URL names.
//!
//! Must not hold a statement about users or sessions.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, PgPool, SqlitePool};

use super::connection::{Connection, Transaction, fetch};
use super::{Result, StorageError, migrations};

/// How to reach the database.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `sqlite://path` or `postgres://…`; may hold a password.
    pub url: SecretString,
    /// The most connections held open at once.
    pub max_connections: u32,
}

/// A pool of connections. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Database(Pool);

#[derive(Debug, Clone)]
enum Pool {
    Postgres(PgPool),
    Sqlite {
        pool: SqlitePool,
        /// None for a database in memory.
        file: Option<PathBuf>,
    },
}

/// How long a statement waits for a connection before the store counts as down.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// How long SQLite waits for another writer.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

impl Database {
    /// Opens the pool. Connections are made when they are first needed, so a database that is down does not stop the
    /// start; a SQLite file and its folder are created.
    ///
    /// # Errors
    ///
    /// When the URL can't be read or the folder can't be made.
    pub fn open(settings: &Settings) -> Result<Self> {
        let url = settings.url.expose_secret();
        if url.starts_with("sqlite:") {
            open_sqlite(url, settings.max_connections)
        } else {
            open_postgres(url, settings.max_connections)
        }
    }

    /// An empty SQLite database in memory, which ends with this value: nothing is written anywhere.
    ///
    /// # Errors
    ///
    /// When SQLite can't be set up.
    pub fn in_memory() -> Result<Self> {
        let options = SqliteConnectOptions::from_str("sqlite::memory:")?
            .foreign_keys(true)
            .disable_statement_logging();
        // With its only connection the database would go.
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_lazy_with(options);
        Ok(Self(Pool::Sqlite { pool, file: None }))
    }

    /// A connection outside any transaction.
    ///
    /// # Errors
    ///
    /// When the database can't be reached or all connections are taken for too long.
    pub async fn acquire(&self) -> Result<Connection> {
        Ok(match &self.0 {
            Pool::Postgres(pool) => pool.acquire().await?.into(),
            Pool::Sqlite { pool, .. } => pool.acquire().await?.into(),
        })
    }

    /// A transaction. In SQLite it takes the write lock at once, so that it can't fail half-way for want of it.
    ///
    /// # Errors
    ///
    /// As [`Database::acquire`].
    pub async fn begin(&self) -> Result<Transaction> {
        Ok(match &self.0 {
            Pool::Postgres(pool) => pool.begin().await?.into(),
            Pool::Sqlite { pool, .. } => pool.begin_with("BEGIN IMMEDIATE").await?.into(),
        })
    }

    /// Brings the tables up to date, under a lock: several processes may call it at once.
    ///
    /// # Errors
    ///
    /// When the database can't be reached or a migration fails; the failed one is rolled back.
    pub async fn migrate(&self) -> Result<()> {
        match &self.0 {
            Pool::Postgres(pool) => migrations::postgres(pool).await,
            Pool::Sqlite { pool, file } => migrations::sqlite(pool, file.as_deref()).await,
        }
    }

    /// Whether the database answers.
    ///
    /// # Errors
    ///
    /// When it does not.
    pub async fn ping(&self) -> Result<()> {
        let mut connection = self.acquire().await?;
        fetch!(connection, (i32,), one, "SELECT 1")?;
        Ok(())
    }

    /// Closes every connection; what is under way is finished first.
    pub async fn close(&self) {
        match &self.0 {
            Pool::Postgres(pool) => pool.close().await,
            Pool::Sqlite { pool, .. } => pool.close().await,
        }
    }
}

fn open_postgres(url: &str, max_connections: u32) -> Result<Database> {
    let options = PgConnectOptions::from_str(url)?
        .application_name("doorward")
        .disable_statement_logging();
    let pool = PgPoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_lazy_with(options);
    Ok(Database(Pool::Postgres(pool)))
}

fn open_sqlite(url: &str, max_connections: u32) -> Result<Database> {
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging();
    let file = options.get_filename().to_path_buf();
    create_private(&file).map_err(|source| StorageError::File {
        path: file.clone(),
        source,
    })?;
    let pool = SqlitePoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_lazy_with(options);
    let file = Some(file);
    Ok(Database(Pool::Sqlite { pool, file }))
}

/// Makes the file and its folder where there are none, for nobody but the owner: the hashes of passwords are in it.
/// SQLite gives its other files the same mode.
fn create_private(file: &Path) -> io::Result<()> {
    if let Some(folder) = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(file)
        .map(drop)
}
