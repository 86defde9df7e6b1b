//! Statements about the sessions at providers that ours began with.

use sqlx::FromRow;

use super::connection::{execute, fetch};
use super::sessions::IdHash;
use super::{Connection, Result, StorageError};
use crate::domain::identity::ProviderSession;
use crate::domain::ids::ProviderId;

#[derive(FromRow)]
struct Row {
    provider: String,
    issuer: String,
    subject: String,
    sid: Option<String>,
    id_token: Option<String>,
}

/// Notes which session at a provider one of ours began with.
///
/// # Errors
///
/// When the database fails, and when our session has ended.
pub async fn insert(
    db: &mut Connection,
    id_hash: &IdHash,
    (provider, session): (&ProviderId, &ProviderSession),
) -> Result<()> {
    let id_token = (!session.id_token.is_empty()).then_some(session.id_token.as_str());
    execute!(
        db,
        "INSERT INTO provider_sessions (id_hash, provider, issuer, subject, sid, id_token) VALUES ($1, $2, $3, $4, $5, $6)",
        id_hash.as_slice(),
        provider.as_str(),
        session.issuer.as_str(),
        session.subject.as_str(),
        session.sid.as_deref(),
        id_token,
    )?;
    Ok(())
}

/// The session at a provider that one of ours began with.
///
/// # Errors
///
/// When the database fails.
pub async fn find(
    db: &mut Connection,
    id_hash: &IdHash,
) -> Result<Option<(ProviderId, ProviderSession)>> {
    let row = fetch!(
        db,
        Row,
        optional,
        "SELECT provider, issuer, subject, sid, id_token FROM provider_sessions WHERE id_hash = $1",
        id_hash.as_slice(),
    )?;
    let Some(row) = row else { return Ok(None) };
    let provider = row.provider.parse().map_err(|_| StorageError::Row {
        table: "provider_sessions",
        reason: "provider".to_owned(),
    })?;
    let session = ProviderSession {
        issuer: row.issuer,
        subject: row.subject,
        sid: row.sid,
        id_token: row.id_token.unwrap_or_default(),
    };
    Ok(Some((provider, session)))
}

/// Our sessions that began with the sessions of a subject there, or with one of them alone.
///
/// # Errors
///
/// When the database fails.
pub async fn ours(
    db: &mut Connection,
    provider: &ProviderId,
    issuer: &str,
    (subject, sid): (Option<&str>, Option<&str>),
) -> Result<Vec<IdHash>> {
    let rows = fetch!(
        db,
        (Vec<u8>,),
        all,
        "SELECT id_hash FROM provider_sessions
         WHERE provider = $1 AND issuer = $2 AND (sid = $4 OR (($4 IS NULL OR sid IS NULL) AND subject = $3))
           AND ($3 IS NULL OR subject = $3)",
        provider.as_str(),
        issuer,
        subject,
        sid,
    )?;
    // The column takes nothing of another length.
    let hashes = rows.into_iter().map(|(hash,)| hash.try_into());
    Ok(hashes.filter_map(std::result::Result::ok).collect())
}
