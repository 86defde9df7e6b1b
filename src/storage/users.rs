//! Statements about accounts.
//!
//! Must not look before a write: a constraint decides.

use sqlx::FromRow;
use uuid::Uuid;

use super::columns::{join_words, split_words};
use super::connection::{execute, fetch};
use super::{Connection, Result, StorageError};
use crate::domain::clock::Timestamp;
use crate::domain::email::Email;
use crate::domain::ids::{PoolId, Role, UserId};
use crate::domain::user::User;

/// An account with what only sign-in may see.
#[derive(Debug, Clone)]
pub struct Account {
    /// The account.
    pub user: User,
    /// The password's hash in PHC form; none for an account without a password.
    pub password_hash: Option<String>,
    /// Raised whenever every session of the user must end.
    pub epoch: i64,
}

/// What a session store has to know of an account. Whichever of two has the higher version is the later one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountState {
    /// Whose it is.
    pub user: UserId,
    /// Raised with every change of what follows.
    pub version: i64,
    /// Sessions of another epoch are dead.
    pub epoch: i64,
    /// Every session is dead.
    pub disabled: bool,
    /// The roles of all sessions.
    pub roles: Vec<Role>,
}

#[derive(FromRow)]
struct StateRow {
    version: i64,
    epoch: i64,
    disabled: bool,
    roles: String,
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    pool: String,
    email: Option<String>,
    email_proven_at: Option<Timestamp>,
    password_hash: Option<String>,
    roles: String,
    disabled: bool,
    epoch: i64,
    created_at: Timestamp,
}

impl TryFrom<Row> for Account {
    type Error = StorageError;

    fn try_from(row: Row) -> Result<Self> {
        let unreadable = |reason: &str| StorageError::Row {
            table: "users",
            reason: reason.to_owned(),
        };
        let user = User {
            id: UserId(row.id),
            pool: row.pool.parse().map_err(|_| unreadable("pool"))?,
            email: row
                .email
                .map(|email| Email::parse(&email))
                .transpose()
                .map_err(|_| unreadable("email"))?,
            email_proven_at: row.email_proven_at,
            roles: split_words(&row.roles, |word| word.parse().ok())
                .ok_or_else(|| unreadable("roles"))?,
            disabled: row.disabled,
            created_at: row.created_at,
        };
        Ok(Self {
            user,
            password_hash: row.password_hash,
            epoch: row.epoch,
        })
    }
}

/// Adds an account. `false` when the pool already has one with this address: nothing is changed then.
///
/// # Errors
///
/// When the database fails.
pub async fn insert(db: &mut Connection, user: &User, password_hash: Option<&str>) -> Result<bool> {
    let rows = execute!(
        db,
        "INSERT INTO users (id, pool, email, email_proven_at, password_hash, roles, disabled, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (pool, email) DO NOTHING",
        user.id.0,
        user.pool.as_str(),
        user.email.as_ref().map(Email::as_str),
        user.email_proven_at,
        password_hash,
        join_words(user.roles.iter().map(Role::as_str)),
        user.disabled,
        user.created_at,
    )?;
    Ok(rows == 1)
}

/// The account with this address in this pool.
///
/// # Errors
///
/// When the database fails.
pub async fn by_email(
    db: &mut Connection,
    pool: &PoolId,
    email: &Email,
) -> Result<Option<Account>> {
    let row = fetch!(
        db,
        Row,
        optional,
        "SELECT id, pool, email, email_proven_at, password_hash, roles, disabled, epoch, created_at
         FROM users WHERE pool = $1 AND email = $2",
        pool.as_str(),
        email.as_str(),
    )?;
    row.map(Account::try_from).transpose()
}

/// The account with this id.
///
/// # Errors
///
/// When the database fails.
pub async fn by_id(db: &mut Connection, id: UserId) -> Result<Option<Account>> {
    let row = fetch!(
        db,
        Row,
        optional,
        "SELECT id, pool, email, email_proven_at, password_hash, roles, disabled, epoch, created_at FROM users WHERE id = $1",
        id.0,
    )?;
    row.map(Account::try_from).transpose()
}

/// What a session store has to know of this account.
///
/// # Errors
///
/// When the database fails.
pub async fn state(db: &mut Connection, id: UserId) -> Result<Option<AccountState>> {
    let row = fetch!(
        db,
        StateRow,
        optional,
        "SELECT version, epoch, disabled, roles FROM users WHERE id = $1",
        id.0,
    )?;
    row.map(|row| {
        let roles = split_words(&row.roles, |word| word.parse().ok());
        Ok(AccountState {
            user: id,
            version: row.version,
            epoch: row.epoch,
            disabled: row.disabled,
            roles: roles.ok_or_else(|| StorageError::Row {
                table: "users",
                reason: "roles".to_owned(),
            })?,
        })
    })
    .transpose()
}

/// The accounts of a pool that have an address, by address, at most `limit` of those after `after`.
///
/// # Errors
///
/// When the database fails.
pub async fn list(
    db: &mut Connection,
    pool: &PoolId,
    after: &str,
    limit: i64,
) -> Result<Vec<User>> {
    let rows = fetch!(
        db,
        Row,
        all,
        "SELECT id, pool, email, email_proven_at, password_hash, roles, disabled, epoch, created_at
         FROM users WHERE pool = $1 AND email > $2 ORDER BY email LIMIT $3",
        pool.as_str(),
        after,
        limit,
    )?;
    rows.into_iter()
        .map(|row| Account::try_from(row).map(|account| account.user))
        .collect()
}

/// The accounts of a pool that have no address, by id, at most `limit` of those after `after`.
///
/// # Errors
///
/// When the database fails.
pub async fn list_without_email(
    db: &mut Connection,
    pool: &PoolId,
    after: UserId,
    limit: i64,
) -> Result<Vec<User>> {
    let rows = fetch!(
        db,
        Row,
        all,
        "SELECT id, pool, email, email_proven_at, password_hash, roles, disabled, epoch, created_at
         FROM users WHERE pool = $1 AND email IS NULL AND id > $2 ORDER BY id LIMIT $3",
        pool.as_str(),
        after.0,
        limit,
    )?;
    rows.into_iter()
        .map(|row| Account::try_from(row).map(|account| account.user))
        .collect()
}

/// Notes that the address of an account is its owner's, unless that was noted before. With `anew` what was set without
/// that proof does not count any more: the password goes, and the epoch rises. `false` when nothing was changed.
///
/// # Errors
///
/// When the database fails.
pub async fn prove_email(
    db: &mut Connection,
    id: UserId,
    now: Timestamp,
    anew: bool,
) -> Result<bool> {
    let rows = if anew {
        execute!(
            db,
            "UPDATE users SET email_proven_at = $2, password_hash = NULL, epoch = epoch + 1, version = version + 1
             WHERE id = $1 AND email IS NOT NULL AND email_proven_at IS NULL",
            id.0,
            now,
        )?
    } else {
        execute!(
            db,
            "UPDATE users SET email_proven_at = $2
             WHERE id = $1 AND email IS NOT NULL AND email_proven_at IS NULL",
            id.0,
            now,
        )?
    };
    Ok(rows == 1)
}

/// Keeps everybody else from changing the ways into an account until the transaction ends.
///
/// # Errors
///
/// When the database fails.
pub async fn lock(db: &mut Connection, id: UserId) -> Result<bool> {
    let rows = execute!(db, "UPDATE users SET version = version WHERE id = $1", id.0)?;
    Ok(rows == 1)
}

/// Sets a new password hash and raises the epoch, which ends every session of the user at once.
///
/// # Errors
///
/// When the database fails.
pub async fn set_password(db: &mut Connection, id: UserId, password_hash: &str) -> Result<bool> {
    let rows = execute!(
        db,
        "UPDATE users SET password_hash = $2, epoch = epoch + 1, version = version + 1 WHERE id = $1",
        id.0,
        password_hash,
    )?;
    Ok(rows == 1)
}

/// Replaces a hash by one of the same password with higher parameters, unless the password changed meanwhile.
///
/// # Errors
///
/// When the database fails.
pub async fn upgrade_hash(db: &mut Connection, id: UserId, old: &str, new: &str) -> Result<bool> {
    let rows = execute!(
        db,
        "UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2",
        id.0,
        old,
        new,
    )?;
    Ok(rows == 1)
}

/// Disables or enables an account. Either way the epoch rises: sessions from before do not come back.
///
/// # Errors
///
/// When the database fails.
pub async fn set_disabled(db: &mut Connection, id: UserId, disabled: bool) -> Result<bool> {
    let rows = execute!(
        db,
        "UPDATE users SET disabled = $2, epoch = epoch + 1, version = version + 1 WHERE id = $1",
        id.0,
        disabled,
    )?;
    Ok(rows == 1)
}

/// Ends every session of the user at once.
///
/// # Errors
///
/// When the database fails.
pub async fn raise_epoch(db: &mut Connection, id: UserId) -> Result<bool> {
    let rows = execute!(
        db,
        "UPDATE users SET epoch = epoch + 1, version = version + 1 WHERE id = $1",
        id.0
    )?;
    Ok(rows == 1)
}

/// Replaces the roles of a user.
///
/// # Errors
///
/// When the database fails.
pub async fn set_roles(db: &mut Connection, id: UserId, roles: &[Role]) -> Result<bool> {
    let roles = join_words(roles.iter().map(Role::as_str));
    let rows = execute!(
        db,
        "UPDATE users SET roles = $2, version = version + 1 WHERE id = $1",
        id.0,
        roles
    )?;
    Ok(rows == 1)
}

/// Deletes an account with all its sessions.
///
/// # Errors
///
/// When the database fails.
pub async fn delete(db: &mut Connection, id: UserId) -> Result<bool> {
    let rows = execute!(db, "DELETE FROM users WHERE id = $1", id.0)?;
    Ok(rows == 1)
}
