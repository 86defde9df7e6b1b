//! Has what Redis knows of accounts follow the database where Doorward itself does not tell it: what somebody changes by
//! SQL, and a change whose commit had no answer and was made all the same.
//!
//! Every node does so, and one of them is enough: they tell the same Redis. Must not tell it anything that the database
//! does not say.

use async_trait::async_trait;
use tokio::time::sleep;
use tower_sessions_core::session_store::Result;

use super::{LONG_PAUSE, RedisSessions};
use crate::sessions::link::{Hearer, keep_hearing};
use crate::sessions::watch::survived;
use crate::storage::changes::Change;

impl RedisSessions {
    /// Does so for as long as it is polled.
    pub(super) async fn follow_the_database(&self) {
        loop {
            let follows = keep_hearing(&self.database, self.random.as_ref(), self);
            survived("following the database", follows).await;
            sleep(LONG_PAUSE).await;
        }
    }

    async fn follow(&self, changes: &[Change]) -> Result<()> {
        for change in changes {
            match change {
                // The list is swept by what it knows of uses, which may be less than Redis does. What counts is the record.
                Change::Session(_) => {}
                Change::User(user) => {
                    self.accounts.follow(*user).await?;
                    // Redis tells nobody where it had nothing to change.
                    if let Some(cache) = self.tracking.cache() {
                        cache.forget_user(*user);
                    }
                }
                Change::Everything => tracing::warn!(
                    "something was changed in the database that can't be named (TRUNCATE, or very much at once), and Redis goes \
                     on with what it knew of accounts: FLUSHDB there ends all sessions"
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
