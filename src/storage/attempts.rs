//! Statements about buckets of attempts to sign in. Their keys are hashes; whose they are can't be read.
//!
//! Must not know what fills a bucket or when it is full.

use sqlx::FromRow;

use super::connection::{execute, fetch};
use super::{Connection, Result};
use crate::domain::clock::Timestamp;
use crate::domain::throttle::{Bucket, Key, Pair};

#[derive(FromRow)]
struct Row {
    drained_at: Timestamp,
    next_at: Timestamp,
}

impl From<Row> for Bucket {
    fn from(row: Row) -> Self {
        Self {
            drained_at: row.drained_at,
            next_at: row.next_at,
        }
    }
}

/// The bucket under this key, if there is one, as it was last committed.
///
/// # Errors
///
/// When the database fails.
pub async fn find(db: &mut Connection, key: &Key) -> Result<Option<Bucket>> {
    let row = fetch!(
        db,
        Row,
        optional,
        "SELECT drained_at, next_at FROM attempts WHERE key = $1",
        key.as_slice(),
    )?;
    Ok(row.map(Bucket::from))
}

/// Both buckets, empty where there were none. Inside a transaction nobody else can count in them until it ends: the
/// account's comes first, so that no two transactions wait for each other.
///
/// # Errors
///
/// When the database fails.
pub async fn hold(db: &mut Connection, keys: &Pair<Key>, now: Timestamp) -> Result<Pair<Bucket>> {
    Ok(Pair {
        account: hold_one(db, &keys.account, now).await?,
        network: hold_one(db, &keys.network, now).await?,
    })
}

/// The update changes nothing but takes the lock of the row, in PostgreSQL; in SQLite the transaction has it already.
async fn hold_one(db: &mut Connection, key: &Key, now: Timestamp) -> Result<Bucket> {
    let empty = Bucket::empty(now);
    let row = fetch!(
        db,
        Row,
        one,
        "INSERT INTO attempts (key, drained_at, next_at) VALUES ($1, $2, $3)
         ON CONFLICT (key) DO UPDATE SET key = excluded.key
         RETURNING drained_at, next_at",
        key.as_slice(),
        empty.drained_at,
        empty.next_at,
    )?;
    Ok(row.into())
}

/// Keeps a bucket that was held.
///
/// # Errors
///
/// When the database fails.
pub async fn keep(db: &mut Connection, key: &Key, bucket: &Bucket) -> Result<()> {
    execute!(
        db,
        "UPDATE attempts SET drained_at = $2, next_at = $3 WHERE key = $1",
        key.as_slice(),
        bucket.drained_at,
        bucket.next_at,
    )?;
    Ok(())
}

/// Removes a bucket.
///
/// # Errors
///
/// When the database fails.
pub async fn delete(db: &mut Connection, key: &Key) -> Result<bool> {
    let rows = execute!(db, "DELETE FROM attempts WHERE key = $1", key.as_slice())?;
    Ok(rows == 1)
}

/// Removes the buckets that are empty by `now`; yields how many.
///
/// # Errors
///
/// When the database fails.
pub async fn delete_empty(db: &mut Connection, now: Timestamp) -> Result<u64> {
    Ok(execute!(
        db,
        "DELETE FROM attempts WHERE drained_at <= $1 AND next_at <= $1",
        now,
    )?)
}
