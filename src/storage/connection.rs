//! One connection to either database, and the macro that runs one statement text on both.
//!
//! Must not know any statement.

use std::future::Future;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres, Sqlite, SqliteConnection};
use tokio::time::timeout;

use super::{Result, StorageError};

/// How long a statement may take before the store counts as down. A connection that fell silent would let its user wait
/// for a quarter of an hour.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(10);

/// The outcome of a statement, or an error when it is too late for one.
pub(super) async fn in_time<T>(statement: impl Future<Output = sqlx::Result<T>>) -> Result<T> {
    match timeout(STATEMENT_TIMEOUT, statement).await {
        Ok(outcome) => Ok(outcome?),
        Err(_) => Err(StorageError::Silent),
    }
}

/// A connection lent by the pool, inside a transaction or not.
#[derive(Debug)]
pub struct Connection(Kind);

#[derive(Debug)]
enum Kind {
    Postgres(PoolConnection<Postgres>),
    Sqlite(PoolConnection<Sqlite>),
    PostgresTransaction(sqlx::Transaction<'static, Postgres>),
    SqliteTransaction(sqlx::Transaction<'static, Sqlite>),
}

/// The same connection, as the driver wants it.
pub(super) enum Driver<'c> {
    Postgres(&'c mut PgConnection),
    Sqlite(&'c mut SqliteConnection),
}

impl Connection {
    pub(super) fn driver(&mut self) -> Driver<'_> {
        match &mut self.0 {
            Kind::Postgres(connection) => Driver::Postgres(connection),
            Kind::Sqlite(connection) => Driver::Sqlite(connection),
            Kind::PostgresTransaction(transaction) => Driver::Postgres(transaction),
            Kind::SqliteTransaction(transaction) => Driver::Sqlite(transaction),
        }
    }
}

impl From<PoolConnection<Postgres>> for Connection {
    fn from(connection: PoolConnection<Postgres>) -> Self {
        Self(Kind::Postgres(connection))
    }
}

impl From<PoolConnection<Sqlite>> for Connection {
    fn from(connection: PoolConnection<Sqlite>) -> Self {
        Self(Kind::Sqlite(connection))
    }
}

/// A transaction: rolled back unless [`Transaction::commit`] is called.
#[derive(Debug)]
pub struct Transaction(Connection);

impl Transaction {
    /// Makes everything done on it permanent.
    ///
    /// # Errors
    ///
    /// When the database refuses, and then nothing of it is permanent; or when it does not answer, and then that is not
    /// known: see [`StorageError::is_refusal`].
    pub async fn commit(self) -> Result<()> {
        match self.0.0 {
            Kind::PostgresTransaction(transaction) => in_time(transaction.commit()).await?,
            Kind::SqliteTransaction(transaction) => in_time(transaction.commit()).await?,
            Kind::Postgres(_) | Kind::Sqlite(_) => {}
        }
        Ok(())
    }
}

impl From<sqlx::Transaction<'static, Postgres>> for Transaction {
    fn from(transaction: sqlx::Transaction<'static, Postgres>) -> Self {
        Self(Connection(Kind::PostgresTransaction(transaction)))
    }
}

impl From<sqlx::Transaction<'static, Sqlite>> for Transaction {
    fn from(transaction: sqlx::Transaction<'static, Sqlite>) -> Self {
        Self(Connection(Kind::SqliteTransaction(transaction)))
    }
}

impl Deref for Transaction {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.0
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.0
    }
}

/// Runs a statement that returns nothing; yields the number of rows it touched.
macro_rules! execute {
    ($connection:expr, $sql:expr $(, $value:expr)* $(,)?) => {
        match $connection.driver() {
            $crate::storage::connection::Driver::Postgres(driver) => {
                let statement = sqlx::query($sql)$(.bind($value))*.execute(driver);
                $crate::storage::connection::in_time(statement).await.map(|done| done.rows_affected())
            }
            $crate::storage::connection::Driver::Sqlite(driver) => {
                let statement = sqlx::query($sql)$(.bind($value))*.execute(driver);
                $crate::storage::connection::in_time(statement).await.map(|done| done.rows_affected())
            }
        }
    };
}

/// Runs a query and fetches rows of a type that both databases can read: `fetch!(connection, Row, optional, SQL, …)`.
macro_rules! fetch {
    ($connection:expr, $row:ty, one, $($rest:tt)*) => { fetch!(@ $connection, $row, fetch_one, $($rest)*) };
    ($connection:expr, $row:ty, optional, $($rest:tt)*) => { fetch!(@ $connection, $row, fetch_optional, $($rest)*) };
    ($connection:expr, $row:ty, all, $($rest:tt)*) => { fetch!(@ $connection, $row, fetch_all, $($rest)*) };
    (@ $connection:expr, $row:ty, $fetch:ident, $sql:expr $(, $value:expr)* $(,)?) => {
        match $connection.driver() {
            $crate::storage::connection::Driver::Postgres(driver) => {
                let query = sqlx::query_as::<_, $row>($sql)$(.bind($value))*.$fetch(driver);
                $crate::storage::connection::in_time(query).await
            }
            $crate::storage::connection::Driver::Sqlite(driver) => {
                let query = sqlx::query_as::<_, $row>($sql)$(.bind($value))*.$fetch(driver);
                $crate::storage::connection::in_time(query).await
            }
        }
    };
}

pub(super) use {execute, fetch};
