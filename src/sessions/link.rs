//! Hears what anybody changes in the SQL database, for as long as somebody wants to.
//!
//! The link is up only while every change is heard, and it is down from the moment it may not be. Must not read or write
//! a session.

use std::time::Duration;

use async_trait::async_trait;

use tokio::time::{Instant, sleep};

use super::Cache;
use crate::domain::random::{self, Random};
use crate::storage::changes::{Change, Changes};
use crate::storage::{Database, StorageError};

/// The pause before the next attempt: it doubles with each one that fails.
const SHORTEST: Duration = Duration::from_millis(100);
/// See [`SHORTEST`]. A link that lasted longer than this begins again with the shortest.
const LONGEST: Duration = Duration::from_secs(2);

/// Whoever wants to hear of changes.
#[async_trait]
pub(super) trait Hearer: Sync {
    /// What the log says when changes are heard.
    const UP: &'static str;
    /// What it says when they are not.
    const DOWN: &'static str;

    /// From now on every change is heard.
    fn up(&self);

    /// From now on it may not be.
    fn down(&self);

    /// Something was changed. What is changed meanwhile is heard afterwards.
    async fn hear(&self, changes: Vec<Change>);
}

/// Has `hearer` hear of the changes in `database` for as long as it is polled.
pub(super) async fn keep_hearing<H: Hearer>(database: &Database, random: &dyn Random, hearer: &H) {
    let mut pause = SHORTEST;
    let mut told_down = false;
    loop {
        let error = match open(database, random).await {
            Ok(changes) => {
                hearer.up();
                tracing::info!("{}", H::UP);
                told_down = false;
                let began = Instant::now();
                let error = pass_on(changes, hearer).await;
                hearer.down();
                if began.elapsed() > LONGEST {
                    pause = SHORTEST;
                }
                error
            }
            Err(error) => error,
        };
        if !told_down {
            tracing::warn!(%error, "{}", H::DOWN);
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
async fn pass_on(mut changes: Changes, hearer: &impl Hearer) -> LinkError {
    loop {
        match changes.next().await {
            Ok(heard) => hearer.hear(heard).await,
            Err(error) => return error.into(),
        }
    }
}

/// A cache before the database forgets what is changed there. What was missed while nothing was heard can't matter: coming
/// up forgets everything.
#[async_trait]
impl Hearer for Cache {
    const UP: &'static str = "the link to the database is up";
    const DOWN: &'static str =
        "the link to the database is down: sessions are soon read anew each time";

    fn up(&self) {
        self.link_up();
    }

    fn down(&self) {
        self.link_down();
    }

    async fn hear(&self, changes: Vec<Change>) {
        for change in changes {
            match change {
                Change::Session(id_hash) => self.forget(&id_hash),
                Change::User(user) => self.forget_user(user),
                Change::Everything => self.forget_all(),
            }
        }
    }
}
