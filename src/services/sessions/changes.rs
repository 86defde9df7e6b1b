//! Changes of an account that its sessions have to follow, at every node and in every store.
//!
//! Must not change an account itself: the caller's transaction does.

use super::{Failure, Sessions};
use crate::domain::ids::UserId;
use crate::storage::sessions::IdHash;
use crate::storage::users::AccountState;
use crate::storage::{Connection, Transaction, sessions as rows, users};

impl Sessions {
    /// Ends every session of a user, those that are being begun at this moment too.
    ///
    /// # Errors
    ///
    /// When the database fails; then none has ended.
    pub async fn revoke_all(&self, user: UserId) -> Result<u64, Failure> {
        let mut db = self.database.begin().await?;
        users::raise_epoch(&mut db, user).await?;
        self.end_all(db, user).await
    }

    /// Commits a change that ends every session of a user, and sees to it that every node and store learns of it. Yields
    /// how many sessions there were.
    ///
    /// # Errors
    ///
    /// When a store fails; then nothing has changed.
    pub(in crate::services) async fn end_all(
        &self,
        mut db: Transaction,
        user: UserId,
    ) -> Result<u64, Failure> {
        let ended = rows::delete_of_user(&mut db, user).await?;
        let state = self.announce(&mut db, user).await?;
        self.commit(db, state, &ended).await?;
        Ok(u64::try_from(ended.len()).unwrap_or(u64::MAX))
    }

    /// Tells the session store what an account will be. It learns of it before the database does: it must never say that
    /// somebody may pass whom the database has locked out.
    ///
    /// # Errors
    ///
    /// When a store fails; the change must then not be made.
    pub(in crate::services) async fn announce(
        &self,
        db: &mut Connection,
        user: UserId,
    ) -> Result<Option<AccountState>, Failure> {
        let state = users::state(db, user).await?;
        if let Some(state) = &state {
            self.store.account_changing(state).await?;
        }
        Ok(state)
    }

    /// Commits a change that was announced, and forgets what it concerns.
    ///
    /// # Errors
    ///
    /// When the database fails; then nothing has changed there.
    pub(in crate::services) async fn commit(
        &self,
        db: Transaction,
        state: Option<AccountState>,
        ended: &[IdHash],
    ) -> Result<(), Failure> {
        if let Err(error) = db.commit().await {
            // Where the outcome is not known the change may have been made, or be made yet. What was announced then stands
            // for as long as the session store keeps an announcement.
            if error.is_refusal()
                && let Some(state) = state
                && let Err(error) = self.store.account_unchanged(&state).await
            {
                tracing::warn!(%error, user = %state.user, "the session store may take a change for made for a minute");
            }
            return Err(error.into());
        }
        let Some(state) = state else {
            return Ok(());
        };
        self.cache.forget_user(state.user);
        if let Err(error) = self.store.account_changed(&state, ended).await {
            tracing::warn!(%error, user = %state.user, "dead sessions stay in the session store until they expire");
        }
        Ok(())
    }
}
