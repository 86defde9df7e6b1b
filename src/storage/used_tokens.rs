//! Statements about tokens that count once. One is known by its hash.

use super::connection::{execute, fetch};
use super::{Connection, Result};
use crate::domain::clock::Timestamp;

/// Notes that a token was used. `false` when it was before.
///
/// # Errors
///
/// When the database fails.
pub async fn insert(
    db: &mut Connection,
    token_hash: &[u8; 32],
    ends_at: Timestamp,
) -> Result<bool> {
    let rows = execute!(
        db,
        "INSERT INTO used_tokens (token_hash, ends_at) VALUES ($1, $2) ON CONFLICT (token_hash) DO NOTHING",
        token_hash.as_slice(),
        ends_at,
    )?;
    Ok(rows == 1)
}

/// Forgets those that have ended by `now`; yields how many.
///
/// # Errors
///
/// When the database fails.
pub async fn delete_ended(db: &mut Connection, now: Timestamp) -> Result<u64> {
    Ok(execute!(
        db,
        "DELETE FROM used_tokens WHERE ends_at <= $1",
        now
    )?)
}

/// Whether a token was used.
///
/// # Errors
///
/// When the database fails.
pub async fn exists(db: &mut Connection, token_hash: &[u8; 32]) -> Result<bool> {
    let row = fetch!(
        db,
        (i64,),
        one,
        "SELECT count(*) FROM used_tokens WHERE token_hash = $1",
        token_hash.as_slice(),
    )?;
    Ok(row.0 > 0)
}
