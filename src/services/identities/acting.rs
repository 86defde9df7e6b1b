//! Whether somebody who changes the ways into an account may still do so at that moment.
//!
//! A request takes its time: its session may end, and the account be disabled, between its beginning and the change.

use crate::domain::ids::UserId;
use crate::domain::session::Session;
use crate::storage::sessions::{self, IdHash};
use crate::storage::users::{self, Account};
use crate::storage::{Connection, StorageError};

/// A session that somebody acts by: what was true when a request arrived need not be true any more when it is done.
#[derive(Debug, Clone, Copy)]
pub struct Acting {
    /// The hash of its id.
    pub id_hash: IdHash,
    /// Whose it is.
    pub user: UserId,
}

/// The account, where it is not disabled. Nobody else changes the ways into it until the transaction ends.
pub(in crate::services) async fn still_open(
    db: &mut Connection,
    user: UserId,
) -> Result<Option<Account>, StorageError> {
    users::lock(db, user).await?;
    let account = users::by_id(db, user).await?;
    Ok(account.filter(|account| !account.user.disabled))
}

/// The account and the session of somebody who acts, where the session is still one (THREATS 18). Nobody else changes the
/// ways into the account until the transaction ends.
pub(in crate::services) async fn still_acting(
    db: &mut Connection,
    acting: Acting,
) -> Result<Option<(Account, Session)>, StorageError> {
    let Some(account) = still_open(db, acting.user).await? else {
        return Ok(None);
    };
    let session = sessions::find(db, &acting.id_hash).await?;
    let session = session.filter(|session| session.user == acting.user);
    Ok(session.map(|session| (account, session)))
}
