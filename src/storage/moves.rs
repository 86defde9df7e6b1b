//! Statements about where sessions are kept: whether those of the database were taken over by Redis.
//!
//! Must not move anything.

use super::connection::{execute, fetch};
use super::{Connection, Result};

/// What took them over.
const REDIS: &str = "redis";

/// Whether Redis has taken them over.
///
/// # Errors
///
/// When the database fails.
pub async fn is_done(db: &mut Connection) -> Result<bool> {
    let sql = "SELECT store FROM session_moves WHERE store = $1";
    let row = fetch!(db, (String,), optional, sql, REDIS)?;
    Ok(row.is_some())
}

/// Notes that Redis has taken them over.
///
/// # Errors
///
/// When the database fails.
pub async fn note(db: &mut Connection) -> Result<()> {
    let sql = "INSERT INTO session_moves (store) VALUES ($1) ON CONFLICT (store) DO NOTHING";
    execute!(db, sql, REDIS)?;
    Ok(())
}

/// Notes that the database keeps them again: whoever takes them over next, takes them over anew.
///
/// # Errors
///
/// When the database fails.
pub async fn forget(db: &mut Connection) -> Result<()> {
    execute!(db, "DELETE FROM session_moves WHERE store = $1", REDIS)?;
    Ok(())
}
