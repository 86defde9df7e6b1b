//! Statements about the browsers that somebody has signed in with. One is found by the hash of its token.
//!
//! Must not decide how many failures a device may have.

use sqlx::FromRow;
use uuid::Uuid;

use super::connection::{execute, fetch};
use super::{Connection, Result};
use crate::domain::clock::Timestamp;
use crate::domain::device::DeviceHash;
use crate::domain::email::Email;
use crate::domain::ids::{PoolId, UserId};

/// A browser that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Device {
    /// Whose sign-ins it is known for.
    pub user: UserId,
    /// Attempts since the last success, those under way among them.
    pub failures: i32,
}

#[derive(FromRow)]
struct Row {
    user_id: Uuid,
    failures: i32,
}

/// Makes a device known.
///
/// # Errors
///
/// When the database fails, and when there is no such user (any more).
pub async fn insert(
    db: &mut Connection,
    token_hash: &DeviceHash,
    (pool, user): (&PoolId, UserId),
    now: Timestamp,
) -> Result<()> {
    execute!(
        db,
        "INSERT INTO devices (token_hash, pool, user_id, created_at, last_used_at) VALUES ($1, $2, $3, $4, $4)",
        token_hash.as_slice(),
        pool.as_str(),
        user.0,
        now,
    )?;
    Ok(())
}

/// The device with this token, if it belongs to somebody of this pool.
///
/// # Errors
///
/// When the database fails.
pub async fn find(
    db: &mut Connection,
    token_hash: &DeviceHash,
    pool: &PoolId,
) -> Result<Option<Device>> {
    let row = fetch!(
        db,
        Row,
        optional,
        "SELECT user_id, failures FROM devices WHERE token_hash = $1 AND pool = $2",
        token_hash.as_slice(),
        pool.as_str(),
    )?;
    Ok(row.map(|row| Device {
        user: UserId(row.user_id),
        failures: row.failures,
    }))
}

/// Counts an attempt at the account with this address, if the token belongs to it and has had fewer than `most`
/// failures. One statement, so that equal attempts at once can't all be the last; and the same one for an address that
/// nobody has.
///
/// # Errors
///
/// When the database fails.
pub async fn count(
    db: &mut Connection,
    token_hash: &DeviceHash,
    (pool, email): (&PoolId, &Email),
    most: i32,
) -> Result<bool> {
    let rows = execute!(
        db,
        "UPDATE devices SET failures = failures + 1
         WHERE token_hash = $1 AND pool = $2 AND failures < $4
           AND user_id = (SELECT id FROM users WHERE pool = $2 AND email = $3)",
        token_hash.as_slice(),
        pool.as_str(),
        email.as_str(),
        most,
    )?;
    Ok(rows == 1)
}

/// Takes back one attempt that was counted.
///
/// # Errors
///
/// When the database fails.
pub async fn uncount(db: &mut Connection, token_hash: &DeviceHash) -> Result<bool> {
    let rows = execute!(
        db,
        "UPDATE devices SET failures = failures - 1 WHERE token_hash = $1 AND failures > 0",
        token_hash.as_slice(),
    )?;
    Ok(rows == 1)
}

/// Notes a sign-in that succeeded: no failure counts any more.
///
/// # Errors
///
/// When the database fails.
pub async fn used(db: &mut Connection, token_hash: &DeviceHash, now: Timestamp) -> Result<bool> {
    let rows = execute!(
        db,
        "UPDATE devices SET failures = 0, last_used_at = $2 WHERE token_hash = $1",
        token_hash.as_slice(),
        now,
    )?;
    Ok(rows == 1)
}

/// Forgets a device.
///
/// # Errors
///
/// When the database fails.
pub async fn delete(db: &mut Connection, token_hash: &DeviceHash) -> Result<bool> {
    let rows = execute!(
        db,
        "DELETE FROM devices WHERE token_hash = $1",
        token_hash.as_slice(),
    )?;
    Ok(rows == 1)
}

/// Forgets all devices of a user but the `most` that were used last; yields how many.
///
/// # Errors
///
/// When the database fails.
pub async fn delete_beyond(db: &mut Connection, user: UserId, most: i64) -> Result<u64> {
    Ok(execute!(
        db,
        "DELETE FROM devices WHERE user_id = $1 AND token_hash NOT IN (
             SELECT token_hash FROM devices WHERE user_id = $1
             ORDER BY last_used_at DESC, created_at DESC, token_hash LIMIT $2)",
        user.0,
        most,
    )?)
}

/// Forgets what nobody has used since `since`; yields how many.
///
/// # Errors
///
/// When the database fails.
pub async fn delete_unused(db: &mut Connection, since: Timestamp) -> Result<u64> {
    Ok(execute!(
        db,
        "DELETE FROM devices WHERE last_used_at <= $1",
        since
    )?)
}
