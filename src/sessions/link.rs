//! Keeps the cache coherent with the SQL database: whatever is changed there is forgotten here.
//!
//! The link is up only while every change is heard. It is down from the moment it may not be, and what was missed until
//! it is up again can't matter: coming up forgets everything. Must not read or write a session.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Cache;
use crate::domain::random::{self, Random};
use crate::storage::changes::{Change, Changes};
use crate::storage::{Database, StorageError};

/// The pause before the next attempt: it doubles with each one that fails.
const SHORTEST: Duration = Duration::from_millis(100);
/// See [`SHORTEST`]. A link that lasted longer than this begins again with the shortest.
const LONGEST: Duration = Duration::from_secs(2);

/// Hears the changes in `database` for as long as it is polled.
pub(super) async fn keep_coherent(database: &Database, random: &dyn Random, cache: &Cache) {
    let mut pause = SHORTEST;
    let mut told_down = false;
    loop {
        let error = match open(database, random).await {
            Ok(changes) => {
                cache.link_up();
                tracing::info!("the link to the database is up");
                told_down = false;
                let began = Instant::now();
                let error = forget_what_changes(changes, cache).await;
                cache.link_down();
                if began.elapsed() > LONGEST {
                    pause = SHORTEST;
                }
                error
            }
            Err(error) => error,
        };
        if !told_down {
            tracing::warn!(%error, "the link to the database is down: sessions are soon read anew each time");
            told_down = true;
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST);
    }
}

async fn open(database: &Database, random: &dyn Random) -> Result<Changes, LinkError> {
    let word = random::uuid(random)?;
    Ok(database.changes(word).await?)
}

/// Why there is no link.
#[derive(Debug, thiserror::Error)]
enum LinkError {
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Random(#[from] random::RandomError),
}

/// Ends when changes can't be heard any more.
async fn forget_what_changes(mut changes: Changes, cache: &Cache) -> LinkError {
    loop {
        match changes.next().await {
            Ok(heard) => heard.into_iter().for_each(|change| forget(cache, change)),
            Err(error) => return error.into(),
        }
    }
}

fn forget(cache: &Cache, change: Change) {
    match change {
        Change::Session(id_hash) => cache.forget(&id_hash),
        Change::User(user) => cache.forget_user(user),
        Change::Everything => cache.forget_all(),
    }
}
