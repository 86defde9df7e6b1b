//! Statements about identities that wait for the owner of an account to say that they are theirs.
//!
//! Must not link one.

use sqlx::FromRow;
use uuid::Uuid;

use super::connection::{execute, fetch};
use super::{Connection, Result, StorageError};
use crate::domain::clock::Timestamp;
use crate::domain::email::Email;
use crate::domain::flow::SecretHash;
use crate::domain::identity::Subject;
use crate::domain::ids::{PoolId, ProviderId, UserId};

/// An identity whose verified address is that of an account.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// The account.
    pub user: UserId,
    /// Its pool.
    pub pool: PoolId,
    /// Who it is at the provider.
    pub subject: Subject,
    /// The provider.
    pub provider: ProviderId,
    /// The address.
    pub email: Email,
    /// Where to go afterwards.
    pub return_to: Option<String>,
    /// When it was made.
    pub made_at: Timestamp,
}

#[derive(FromRow)]
struct Row {
    user_id: Uuid,
    pool: String,
    issuer: String,
    client: String,
    subject: String,
    provider: String,
    email: String,
    return_to: Option<String>,
    made_at: Timestamp,
}

impl TryFrom<Row> for Waiting {
    type Error = StorageError;

    fn try_from(row: Row) -> Result<Self> {
        let unreadable = |reason: &str| StorageError::Row {
            table: "claims",
            reason: reason.to_owned(),
        };
        Ok(Self {
            user: UserId(row.user_id),
            pool: row.pool.parse().map_err(|_| unreadable("pool"))?,
            subject: Subject {
                issuer: row.issuer,
                client: row.client,
                name: row.subject,
            },
            provider: row.provider.parse().map_err(|_| unreadable("provider"))?,
            email: Email::parse(&row.email).map_err(|_| unreadable("email"))?,
            return_to: row.return_to,
            made_at: row.made_at,
        })
    }
}

/// Lets an identity wait.
///
/// # Errors
///
/// When the database fails, and when there is no such user (any more).
pub async fn insert(
    db: &mut Connection,
    (claim_hash, browser_hash): (&SecretHash, &SecretHash),
    waiting: &Waiting,
) -> Result<()> {
    execute!(
        db,
        "INSERT INTO claims (claim_hash, browser_hash, user_id, pool, issuer, client, subject, provider, email, return_to,
                             made_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        claim_hash.as_slice(),
        browser_hash.as_slice(),
        waiting.user.0,
        waiting.pool.as_str(),
        waiting.subject.issuer.as_str(),
        waiting.subject.client.as_str(),
        waiting.subject.name.as_str(),
        waiting.provider.as_str(),
        waiting.email.as_str(),
        waiting.return_to.as_deref(),
        waiting.made_at,
    )?;
    Ok(())
}

/// The identity that waits under this claim in this browser, if it was made at or after `since`.
///
/// # Errors
///
/// When the database fails.
pub async fn find(
    db: &mut Connection,
    (claim_hash, browser_hash): (&SecretHash, &SecretHash),
    since: Timestamp,
) -> Result<Option<Waiting>> {
    let row = fetch!(
        db,
        Row,
        optional,
        "SELECT user_id, pool, issuer, client, subject, provider, email, return_to, made_at
         FROM claims WHERE claim_hash = $1 AND browser_hash = $2 AND made_at >= $3",
        claim_hash.as_slice(),
        browser_hash.as_slice(),
        since,
    )?;
    row.map(Waiting::try_from).transpose()
}

/// Lets it wait no longer. `false` when it did not (any more): of several who come at once one is told `true`.
///
/// # Errors
///
/// When the database fails.
pub async fn delete(db: &mut Connection, claim_hash: &SecretHash) -> Result<bool> {
    let rows = execute!(
        db,
        "DELETE FROM claims WHERE claim_hash = $1",
        claim_hash.as_slice()
    )?;
    Ok(rows == 1)
}

/// Forgets those that were made before `since`; yields how many.
///
/// # Errors
///
/// When the database fails.
pub async fn delete_old(db: &mut Connection, since: Timestamp) -> Result<u64> {
    Ok(execute!(
        db,
        "DELETE FROM claims WHERE made_at < $1",
        since
    )?)
}
