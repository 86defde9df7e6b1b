//! Statements about who somebody is at providers.
//!
//! Must not decide whose an identity is.

use sha2::{Digest, Sha256};
use sqlx::FromRow;
use uuid::Uuid;

use super::connection::{execute, fetch};
use super::{Connection, Result, StorageError};
use crate::domain::clock::Timestamp;
use crate::domain::identity::Subject;
use crate::domain::ids::{PoolId, ProviderId, UserId};

/// An identity that belongs to an account.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Who it is there.
    pub subject: Subject,
    /// Whose account it belongs to.
    pub user: UserId,
    /// The provider under whose id it was last used.
    pub provider: ProviderId,
    /// The address that was told last, as text.
    pub email: Option<String>,
    /// When it was linked.
    pub linked_at: Timestamp,
    /// When somebody last signed in with it.
    pub last_used_at: Timestamp,
}

impl Identity {
    /// By which forms and operators name it: neither its name nor its issuer can be told from it.
    #[must_use]
    pub fn handle(&self) -> String {
        let mut digest = Sha256::new();
        for part in [
            &self.subject.issuer,
            &self.subject.client,
            &self.subject.name,
        ] {
            digest.update(part.len().to_be_bytes());
            digest.update(part);
        }
        let hash: [u8; 32] = digest.finalize().into();
        hex::encode(hash.get(..16).unwrap_or_default())
    }
}

#[derive(FromRow)]
struct Row {
    issuer: String,
    client: String,
    subject: String,
    user_id: Uuid,
    provider: String,
    email: Option<String>,
    linked_at: Timestamp,
    last_used_at: Timestamp,
}

impl TryFrom<Row> for Identity {
    type Error = StorageError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            subject: Subject {
                issuer: row.issuer,
                client: row.client,
                name: row.subject,
            },
            user: UserId(row.user_id),
            provider: row.provider.parse().map_err(|_| StorageError::Row {
                table: "identities",
                reason: "provider".to_owned(),
            })?,
            email: row.email,
            linked_at: row.linked_at,
            last_used_at: row.last_used_at,
        })
    }
}

/// Links an identity to an account of the pool. `false` when it is linked already, to whomever.
///
/// # Errors
///
/// When the database fails, and when there is no such user (any more).
pub async fn insert(db: &mut Connection, pool: &PoolId, identity: &Identity) -> Result<bool> {
    let rows = execute!(
        db,
        "INSERT INTO identities (pool, issuer, client, subject, user_id, provider, email, linked_at, last_used_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (pool, issuer, client, subject) DO NOTHING",
        pool.as_str(),
        identity.subject.issuer.as_str(),
        identity.subject.client.as_str(),
        identity.subject.name.as_str(),
        identity.user.0,
        identity.provider.as_str(),
        identity.email.as_deref(),
        identity.linked_at,
        identity.last_used_at,
    )?;
    Ok(rows == 1)
}

/// The identity that a subject has in a pool.
///
/// # Errors
///
/// When the database fails.
pub async fn find(
    db: &mut Connection,
    pool: &PoolId,
    subject: &Subject,
) -> Result<Option<Identity>> {
    let row = fetch!(
        db,
        Row,
        optional,
        "SELECT issuer, client, subject, user_id, provider, email, linked_at, last_used_at
         FROM identities WHERE pool = $1 AND issuer = $2 AND client = $3 AND subject = $4",
        pool.as_str(),
        subject.issuer.as_str(),
        subject.client.as_str(),
        subject.name.as_str(),
    )?;
    row.map(Identity::try_from).transpose()
}

/// The identities of an account, in the order in which they were linked.
///
/// # Errors
///
/// When the database fails.
pub async fn of_user(db: &mut Connection, user: UserId) -> Result<Vec<Identity>> {
    let rows = fetch!(
        db,
        Row,
        all,
        "SELECT issuer, client, subject, user_id, provider, email, linked_at, last_used_at
         FROM identities WHERE user_id = $1 ORDER BY linked_at, issuer, subject",
        user.0,
    )?;
    rows.into_iter().map(Identity::try_from).collect()
}

/// Notes that somebody has signed in with an identity, and what was told of them this time. `false` where it is theirs no
/// more.
///
/// # Errors
///
/// When the database fails.
pub async fn note_use(
    db: &mut Connection,
    (pool, user): (&PoolId, UserId),
    subject: &Subject,
    (provider, email): (&ProviderId, Option<&str>),
    now: Timestamp,
) -> Result<bool> {
    let rows = execute!(
        db,
        "UPDATE identities SET provider = $5, email = $6, last_used_at = $7
         WHERE pool = $1 AND issuer = $2 AND client = $3 AND subject = $4 AND user_id = $8",
        pool.as_str(),
        subject.issuer.as_str(),
        subject.client.as_str(),
        subject.name.as_str(),
        provider.as_str(),
        email,
        now,
        user.0,
    )?;
    Ok(rows == 1)
}

/// Takes an identity from an account.
///
/// # Errors
///
/// When the database fails.
pub async fn delete(db: &mut Connection, user: UserId, subject: &Subject) -> Result<bool> {
    let rows = execute!(
        db,
        "DELETE FROM identities WHERE user_id = $1 AND issuer = $2 AND client = $3 AND subject = $4",
        user.0,
        subject.issuer.as_str(),
        subject.client.as_str(),
        subject.name.as_str(),
    )?;
    Ok(rows == 1)
}

/// Takes every identity from an account; yields how many there were.
///
/// # Errors
///
/// When the database fails.
pub async fn delete_of_user(db: &mut Connection, user: UserId) -> Result<u64> {
    Ok(execute!(
        db,
        "DELETE FROM identities WHERE user_id = $1",
        user.0
    )?)
}
