//! The pool of connections to whichever database the URL names.
//!
//! Must not hold a statement about users or sessions.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use futures_util::future::join_all;
use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection as _, PgConnection, PgPool, SqlitePool};
use tokio::time::timeout;
use uuid::Uuid;

use super::changes::{Changes, PostgresChanges, Source, SqliteChanges};
use super::connection::{Connection, Transaction, fetch, in_time};
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

/// How many connections a pool has.
#[derive(Debug, Clone, Copy)]
pub struct DatabaseStats {
    /// `postgres` or `sqlite`.
    pub kind: &'static str,
    /// Connections, those in use included.
    pub open: u32,
    /// Connections that nobody uses.
    pub idle: u32,
    /// The most there may be.
    pub max: u32,
}

/// How long a statement waits for a connection before the store counts as down.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// The same for the question whether it is there at all: those who ask wait for a second.
const PING_TIMEOUT: Duration = Duration::from_millis(900);
/// How long a connection may take to say that it is alive: one that fell silent is replaced.
const ANSWER_TIMEOUT: Duration = Duration::from_millis(800);
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
            Pool::Postgres(pool) => in_time(pool.begin()).await?.into(),
            Pool::Sqlite { pool, .. } => {
                let begun = pool.begin_with("BEGIN IMMEDIATE");
                in_time(begun).await?.into()
            }
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

    /// Whether the database answers within a moment.
    ///
    /// # Errors
    ///
    /// When it does not.
    pub async fn ping(&self) -> Result<()> {
        let asking = async {
            let mut connection = self.acquire().await?;
            // PostgreSQL has just answered; SQLite has to look into the file.
            if matches!(self.0, Pool::Sqlite { .. }) {
                fetch!(
                    connection,
                    (i64,),
                    one,
                    "SELECT count(*) FROM sqlite_schema"
                )?;
            }
            Ok(())
        };
        let answer = timeout(PING_TIMEOUT, asking).await;
        answer.map_err(|_| StorageError::Silent)?
    }

    /// All changes of sessions and accounts from now on, whoever makes them. `word` is one that nobody has used before.
    ///
    /// # Errors
    ///
    /// When they can't be heard.
    pub async fn changes(&self, word: Uuid) -> Result<Changes> {
        let source = match &self.0 {
            Pool::Postgres(pool) => {
                let options = pool.connect_options().as_ref().clone();
                let changes = PostgresChanges::open(options, word).await?;
                ask_idle(pool).await;
                Source::Postgres(changes)
            }
            Pool::Sqlite { file: None, .. } => Source::Nobody,
            Pool::Sqlite { pool, .. } => {
                let options = pool.connect_options().as_ref().clone();
                Source::Sqlite(SqliteChanges::open(options).await?)
            }
        };
        Ok(Changes(source))
    }

    /// How many connections there are, without waiting for one.
    #[must_use]
    pub fn stats(&self) -> DatabaseStats {
        let (kind, open, idle, max) = match &self.0 {
            Pool::Postgres(pool) => (
                "postgres",
                pool.size(),
                pool.num_idle(),
                pool.options().get_max_connections(),
            ),
            Pool::Sqlite { pool, .. } => (
                "sqlite",
                pool.size(),
                pool.num_idle(),
                pool.options().get_max_connections(),
            ),
        };
        DatabaseStats {
            kind,
            open,
            idle: u32::try_from(idle).unwrap_or(u32::MAX),
            max,
        }
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
        // The rows that a frozen node holds would stay locked for as long as TCP waits for it.
        .after_connect(|connection, _| {
            let limit = sqlx::query("SET idle_in_transaction_session_timeout = 20000");
            Box::pin(async move { limit.execute(connection).await.map(drop) })
        })
        // The pool's own tests wait for as long as TCP does.
        .test_before_acquire(false)
        .before_acquire(|connection, _| Box::pin(async move { Ok(answers(connection).await) }))
        .after_release(|connection, _| Box::pin(async move { Ok(answers(connection).await) }))
        .connect_lazy_with(options);
    Ok(Database(Pool::Postgres(pool)))
}

/// What broke the last link may have broken the pool's connections too: those that lie idle have to answer before anybody
/// is lent one, however fresh they are.
async fn ask_idle(pool: &PgPool) {
    let idle = std::iter::from_fn(|| pool.try_acquire()).take(pool.num_idle());
    let asked = idle.map(async |mut connection| {
        if !answers(&mut connection).await {
            // Not returned, so that the pool may make another one.
            drop(connection.detach());
        }
    });
    join_all(asked.collect::<Vec<_>>()).await;
}

/// Whether nothing is under way on a connection, or what is ends soon.
async fn answers(connection: &mut PgConnection) -> bool {
    let answer = timeout(ANSWER_TIMEOUT, connection.ping()).await;
    matches!(answer, Ok(Ok(())))
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
