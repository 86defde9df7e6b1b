//! Statements about sign-ins that are under way at a provider. One is found by the hash of its state, and by that of the
//! key of the browser it began in.
//!
//! Must not decide how long one may take.

use sqlx::FromRow;
use uuid::Uuid;

use super::connection::{execute, fetch};
use super::{Connection, Result};
use crate::domain::clock::Timestamp;
use crate::domain::flow::SecretHash;
use crate::domain::ids::{ProviderId, UserId};

/// A sign-in that is under way.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// The browser it began in.
    pub browser_hash: SecretHash,
    /// The provider it is under way at.
    pub provider: ProviderId,
    /// Where the provider was told to send the browser.
    pub redirect_uri: String,
    /// Where to go afterwards.
    pub return_to: Option<String>,
    /// The signed-in user to whose account the identity is to be linked.
    pub link_user: Option<UserId>,
    /// The claim that this sign-in is to prove.
    pub claim_hash: Option<SecretHash>,
    /// When it began.
    pub begun_at: Timestamp,
}

#[derive(FromRow)]
struct Row {
    return_to: Option<String>,
    link_user: Option<Uuid>,
    claim_hash: Option<Vec<u8>>,
    begun_at: Timestamp,
}

/// Which sign-in comes back: everything that it was bound to.
#[derive(Debug, Clone, Copy)]
pub struct Return<'a> {
    /// Of the state.
    pub state_hash: &'a SecretHash,
    /// Of the browser's key.
    pub browser_hash: &'a SecretHash,
    /// The provider whose callback was asked for.
    pub provider: &'a ProviderId,
    /// The address that was asked for.
    pub redirect_uri: &'a str,
}

impl Return<'_> {
    fn sign_in(&self, row: Row) -> SignIn {
        SignIn {
            browser_hash: *self.browser_hash,
            provider: self.provider.clone(),
            redirect_uri: self.redirect_uri.to_owned(),
            return_to: row.return_to,
            link_user: row.link_user.map(UserId),
            // The column takes nothing of another length.
            claim_hash: row.claim_hash.and_then(|hash| hash.try_into().ok()),
            begun_at: row.begun_at,
        }
    }
}

/// Notes that a sign-in has begun.
///
/// # Errors
///
/// When the database fails.
pub async fn insert(db: &mut Connection, state_hash: &SecretHash, sign_in: &SignIn) -> Result<()> {
    execute!(
        db,
        "INSERT INTO sign_ins (state_hash, browser_hash, provider, redirect_uri, return_to, link_user, claim_hash, begun_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        state_hash.as_slice(),
        sign_in.browser_hash.as_slice(),
        sign_in.provider.as_str(),
        sign_in.redirect_uri.as_str(),
        sign_in.return_to.as_deref(),
        sign_in.link_user.map(|user| user.0),
        sign_in.claim_hash.as_ref().map(|hash| hash.as_slice()),
        sign_in.begun_at,
    )?;
    Ok(())
}

/// The sign-in that comes back, if it began at or after `since` and has not come back before. One statement: of equal
/// returns at once one has it.
///
/// # Errors
///
/// When the database fails.
pub async fn take(
    db: &mut Connection,
    back: Return<'_>,
    (since, now): (Timestamp, Timestamp),
) -> Result<Option<SignIn>> {
    let row = fetch!(
        db,
        Row,
        optional,
        "UPDATE sign_ins SET used_at = $6
         WHERE state_hash = $1 AND browser_hash = $2 AND provider = $3 AND redirect_uri = $4
           AND begun_at >= $5 AND used_at IS NULL
         RETURNING return_to, link_user, claim_hash, begun_at",
        back.state_hash.as_slice(),
        back.browser_hash.as_slice(),
        back.provider.as_str(),
        back.redirect_uri,
        since,
        now,
    )?;
    Ok(row.map(|row| back.sign_in(row)))
}

/// The sign-in that comes back late, or once more.
///
/// # Errors
///
/// When the database fails.
pub async fn past(db: &mut Connection, back: Return<'_>) -> Result<Option<SignIn>> {
    let row = fetch!(
        db,
        Row,
        optional,
        "SELECT return_to, link_user, claim_hash, begun_at FROM sign_ins
         WHERE state_hash = $1 AND browser_hash = $2 AND provider = $3 AND redirect_uri = $4",
        back.state_hash.as_slice(),
        back.browser_hash.as_slice(),
        back.provider.as_str(),
        back.redirect_uri,
    )?;
    Ok(row.map(|row| back.sign_in(row)))
}

/// Forgets those that began before `since`, at most `limit`; yields how many.
///
/// # Errors
///
/// When the database fails.
pub async fn delete_old(db: &mut Connection, since: Timestamp, limit: i64) -> Result<u64> {
    Ok(execute!(
        db,
        "DELETE FROM sign_ins WHERE state_hash IN (SELECT state_hash FROM sign_ins WHERE begun_at < $1 LIMIT $2)",
        since,
        limit,
    )?)
}
