//! Has Redis follow the database where Doorward itself does not tell it: what somebody changes by SQL, and a change whose
//! commit had no answer and was made all the same.
//!
//! Every node does so, and one of them is enough: they tell the same Redis. Must not tell it anything that the database
//! does not say.

use async_trait::async_trait;
use tokio::time::sleep;
use tower_sessions_core::session_store::Result;

use super::{LONG_PAUSE, RedisSessions};
use crate::sessions::link::Hearer;
use crate::storage::changes::Change;

impl RedisSessions {
    /// A session that was deleted or altered ends: here its record counts, which can only be deleted.
    async fn follow(&self, changes: &[Change]) -> Result<()> {
        let sessions = changes.iter().filter_map(|change| match change {
            Change::Session(id_hash) => Some(*id_hash),
            Change::User(_) | Change::Everything => None,
        });
        self.delete_records(&sessions.collect::<Vec<_>>()).await?;
        for change in changes {
            match change {
                Change::Session(_) => {}
                Change::User(user) => self.accounts.follow(*user).await?,
                Change::Everything => tracing::warn!(
                    "rows went from the database that nobody can name (TRUNCATE?), and Redis goes on with what it knew: \
                     FLUSHDB there ends all sessions"
                ),
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Hearer for RedisSessions {
    const UP: &'static str = "changes in the database are heard and told to Redis";
    const DOWN: &'static str = "changes that somebody makes in the database by SQL are not heard";

    fn up(&self) {}

    fn down(&self) {}

    async fn hear(&self, changes: Vec<Change>) {
        let mut told = false;
        // What follows waits: it is told to the same Redis.
        while let Err(error) = self.follow(&changes).await {
            if !told {
                tracing::warn!(%error, "Redis can't be told of a change in the database yet");
                told = true;
            }
            sleep(LONG_PAUSE).await;
        }
    }
}
