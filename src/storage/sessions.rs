//! Statements about sessions. A session is found by the hash of its id; the id itself is never stored.

use sqlx::FromRow;
use uuid::Uuid;

use super::columns::{join_words, split_words};
use super::connection::{execute, fetch};
use super::{Connection, Database, Result, StorageError};
use crate::domain::clock::Timestamp;
use crate::domain::ids::UserId;
use crate::domain::session::{Factor, Session};

/// The SHA-256 of a session's id: the key of its row.
pub type IdHash = [u8; 32];

/// A session as a list for people shows it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The hash of its id, by which it can be revoked.
    pub id_hash: IdHash,
    /// What it says.
    pub session: Session,
}

#[derive(FromRow)]
struct Row {
    id_hash: Vec<u8>,
    pool: String,
    app: String,
    user_id: Uuid,
    roles: String,
    epoch: i64,
    created_at: Timestamp,
    signed_in_at: Timestamp,
    last_seen_at: Timestamp,
    expires_at: Timestamp,
    factors: String,
    remembered: bool,
    device: String,
}

impl TryFrom<Row> for Listed {
    type Error = StorageError;

    fn try_from(row: Row) -> Result<Self> {
        let unreadable = |reason: &str| StorageError::Row {
            table: "sessions",
            reason: reason.to_owned(),
        };
        let session = Session {
            pool: row.pool.parse().map_err(|_| unreadable("pool"))?,
            app: row.app.parse().map_err(|_| unreadable("app"))?,
            user: UserId(row.user_id),
            roles: split_words(&row.roles, |word| word.parse().ok())
                .ok_or_else(|| unreadable("roles"))?,
            epoch: row.epoch,
            created_at: row.created_at,
            signed_in_at: row.signed_in_at,
            last_seen_at: row.last_seen_at,
            expires_at: row.expires_at,
            factors: split_words(&row.factors, Factor::from_word)
                .ok_or_else(|| unreadable("factors"))?,
            remembered: row.remembered,
            device: row.device,
        };
        let id_hash = row.id_hash.try_into().map_err(|_| unreadable("id_hash"))?;
        Ok(Self { id_hash, session })
    }
}

/// Adds a session. `false` when the id is taken.
///
/// # Errors
///
/// When the database fails.
pub async fn insert(db: &mut Connection, id_hash: &IdHash, session: &Session) -> Result<bool> {
    let rows = execute!(
        db,
        "INSERT INTO sessions (id_hash, pool, app, user_id, epoch, created_at, signed_in_at, last_seen_at,
                               expires_at, factors, remembered, device)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT (id_hash) DO NOTHING",
        id_hash.as_slice(),
        session.pool.as_str(),
        session.app.as_str(),
        session.user.0,
        session.epoch,
        session.created_at,
        session.signed_in_at,
        session.last_seen_at,
        session.expires_at,
        join_words(session.factors.iter().map(|factor| factor.as_str())),
        session.remembered,
        session.device.as_str(),
    )?;
    Ok(rows == 1)
}

/// A query of sessions whose user still exists, is enabled, and has had no reason to sign in anew since.
macro_rules! select {
    ($which:literal) => {
        concat!(
            "SELECT s.id_hash, s.pool, s.app, s.user_id, u.roles, s.epoch, s.created_at, s.signed_in_at, s.last_seen_at,
                    s.expires_at, s.factors, s.remembered, s.device
             FROM sessions s JOIN users u ON u.id = s.user_id AND u.epoch = s.epoch AND u.pool = s.pool
             WHERE u.disabled = FALSE AND ",
            $which
        )
    };
}

/// The session with this id, if its user still exists, is enabled, and has had no reason to sign in anew since.
/// Whether it has expired is for the caller to say.
///
/// # Errors
///
/// When the database fails.
pub async fn find(db: &mut Connection, id_hash: &IdHash) -> Result<Option<Session>> {
    let row = fetch!(
        db,
        Row,
        optional,
        select!("s.id_hash = $1"),
        id_hash.as_slice(),
    )?;
    row.map(|row| Listed::try_from(row).map(|listed| listed.session))
        .transpose()
}

/// The sessions of a user, the latest first; expired ones too, until they are swept.
///
/// # Errors
///
/// When the database fails.
pub async fn of_user(db: &mut Connection, user: UserId) -> Result<Vec<Listed>> {
    let rows = fetch!(
        db,
        Row,
        all,
        select!("s.user_id = $1 ORDER BY s.signed_in_at DESC"),
        user.0,
    )?;
    rows.into_iter().map(Listed::try_from).collect()
}

/// The sessions of all users that `find` would find, by the hash of their ids, at most `limit` of those after `after`.
///
/// # Errors
///
/// When the database fails.
pub async fn page(db: &mut Connection, after: &[u8], limit: i64) -> Result<Vec<Listed>> {
    let rows = fetch!(
        db,
        Row,
        all,
        select!("s.id_hash > $1 ORDER BY s.id_hash LIMIT $2"),
        after,
        limit,
    )?;
    rows.into_iter().map(Listed::try_from).collect()
}

/// The hashes of all sessions after `after` up to `last`.
///
/// # Errors
///
/// When the database fails.
pub async fn between(db: &mut Connection, after: &[u8], last: &IdHash) -> Result<Vec<IdHash>> {
    let rows = fetch!(
        db,
        (Vec<u8>,),
        all,
        "SELECT id_hash FROM sessions WHERE id_hash > $1 AND id_hash <= $2",
        after,
        last.as_slice(),
    )?;
    // The column takes nothing of another length.
    let hashes = rows.into_iter().map(|(hash,)| hash.try_into());
    Ok(hashes.filter_map(std::result::Result::ok).collect())
}

/// Notes that a session was used. Never moves backwards, and never brings back a deleted one.
///
/// # Errors
///
/// When the database fails.
pub async fn touch(db: &mut Connection, id_hash: &IdHash, seen: Timestamp) -> Result<bool> {
    let rows = execute!(
        db,
        "UPDATE sessions SET last_seen_at = $2 WHERE id_hash = $1 AND last_seen_at < $2",
        id_hash.as_slice(),
        seen,
    )?;
    Ok(rows == 1)
}

/// How many uses are written in one transaction.
const USES_AT_ONCE: usize = 500;

/// Notes many uses. Rows are locked in the order of their hashes, so that two nodes that note the same sessions wait for
/// each other at most once.
///
/// # Errors
///
/// When the database fails; what was written before that stays written.
pub async fn touch_all(database: &Database, uses: &[(IdHash, Timestamp)]) -> Result<()> {
    let mut uses = uses.to_vec();
    uses.sort_unstable();
    for batch in uses.chunks(USES_AT_ONCE) {
        let mut db = database.begin().await?;
        for (id_hash, seen) in batch {
            touch(&mut db, id_hash, *seen).await?;
        }
        db.commit().await?;
    }
    Ok(())
}

/// Deletes one session.
///
/// # Errors
///
/// When the database fails.
pub async fn delete(db: &mut Connection, id_hash: &IdHash) -> Result<bool> {
    let rows = execute!(
        db,
        "DELETE FROM sessions WHERE id_hash = $1",
        id_hash.as_slice()
    )?;
    Ok(rows == 1)
}

/// Deletes every session of a user; yields which there were.
///
/// # Errors
///
/// When the database fails.
pub async fn delete_of_user(db: &mut Connection, user: UserId) -> Result<Vec<IdHash>> {
    let rows = fetch!(
        db,
        (Vec<u8>,),
        all,
        "DELETE FROM sessions WHERE user_id = $1 RETURNING id_hash",
        user.0
    )?;
    // The column takes nothing of another length.
    let hashes = rows.into_iter().map(|(hash,)| hash.try_into());
    Ok(hashes.filter_map(std::result::Result::ok).collect())
}

/// Deletes at most `limit` sessions that have ended by `now`, or have lain idle since before `idle_since`; yields how many.
///
/// # Errors
///
/// When the database fails.
pub async fn delete_ended(
    db: &mut Connection,
    now: Timestamp,
    idle_since: Timestamp,
    limit: i64,
) -> Result<u64> {
    Ok(execute!(
        db,
        "DELETE FROM sessions WHERE id_hash IN (
            SELECT id_hash FROM sessions
            WHERE expires_at <= $1 OR (remembered = FALSE AND last_seen_at <= $2) LIMIT $3)",
        now,
        idle_since,
        limit,
    )?)
}
