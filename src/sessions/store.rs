//! What a session store does beyond tower-sessions' trait: it knows accounts, and it can be watched.

use std::sync::Arc;

use async_trait::async_trait;
use tower_sessions_core::SessionStore;
use tower_sessions_core::session_store::Result;

use super::Cache;
use crate::domain::clock::Timestamp;
use crate::storage::sessions::IdHash;
use crate::storage::users::AccountState;

/// A store of sessions. `load` yields only what counts by what the store knows: a session of a user who is disabled, or
/// has had a reason to sign in anew since, is none, and roles are those of now. Expiry is judged by the caller.
#[async_trait]
pub trait Store: SessionStore {
    /// Ends the session with this hash; `false` when there was none.
    async fn delete_by_hash(&self, id_hash: &IdHash) -> Result<bool>;

    /// Writes when sessions were last used. Never moves backwards, and never brings back a deleted one.
    async fn touch(&self, uses: &[(IdHash, Timestamp)]) -> Result<()>;

    /// Called with what an account will be, inside the transaction that changes it: when this fails nothing is changed.
    /// A store that asks the database itself at each load has nothing to do.
    async fn account_changing(&self, _state: &AccountState) -> Result<()> {
        Ok(())
    }

    /// Called when that transaction is through, with the sessions that ended with it.
    async fn account_changed(&self, _state: &AccountState, _ended: &[IdHash]) -> Result<()> {
        Ok(())
    }

    /// Called when that transaction failed, or may have: what it would have changed is the database's to say.
    async fn account_unchanged(&self, _state: &AccountState) -> Result<()> {
        Ok(())
    }

    /// Whether the store answers, apart from the database.
    async fn ping(&self) -> Result<()> {
        Ok(())
    }

    /// Whether the connections stand that a store beside the database has of its own. Asks nobody.
    fn connected(&self) -> Option<bool> {
        None
    }

    /// Keeps `cache` coherent for as long as it is polled: hears what the store forgets, and says when it does not.
    async fn watch(&self, cache: Arc<Cache>);
}
