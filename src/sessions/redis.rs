//! The session store in Redis.
//!
//! Records are in Redis alone, through tower-sessions' own store, under names made from the hash of an id. The typed rows
//! in the database stay the list of a user's sessions. What Redis has to know of accounts is beside the records, so that
//! judging a session asks Redis alone. docs/decisions/0013-redis.md says why. Expiry is judged by the caller. Here is how
//! Redis is reached; what the store's traits ask for is in `store`.

mod accounts;
mod advice;
mod canary;
mod failure;
mod follower;
mod import;
mod keys;
mod link;
mod record;
mod settings;
mod store;
mod tracking;
mod uses;

use std::fmt::Display;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Once};
use std::time::Duration;

use fred::clients::Client;
use fred::interfaces::{ClientLike as _, KeysInterface as _};
use tokio::time::sleep;
use tower_sessions_core::SessionStore;
use tower_sessions_core::session_store::{Error, Result};
use tower_sessions_redis_store::RedisStore;

use super::watch::survived;
use crate::domain::random::{self, Random};
use crate::domain::session::Session;
use crate::storage::Database;
use crate::storage::sessions::{self, IdHash};
use accounts::Accounts;
use import::Import;
use tracking::Tracking;

pub use settings::Settings;
use settings::SettingsError;

/// How many records are deleted at once.
const BATCH: usize = 500;
/// The pause before a client that gave up is started again.
const PAUSE: Duration = Duration::from_millis(200);

/// The pause before what panicked is begun anew.
const LONG_PAUSE: Duration = Duration::from_secs(2);

/// Sessions in Redis.
#[derive(Debug)]
pub struct RedisSessions {
    /// Reads; Redis tracks what it has read.
    reader: Client,
    /// Does all else.
    writer: Client,
    found: RedisStore<Client>,
    kept: RedisStore<Client>,
    accounts: Accounts,
    import: Import,
    database: Database,
    tracking: Tracking,
    idle: Duration,
    /// Names this node's own keys.
    node: String,
    random: Arc<dyn Random>,
    started: Once,
}

impl RedisSessions {
    /// A store in Redis, with its list of sessions in `database`. It connects when it is first used.
    ///
    /// # Errors
    ///
    /// When the settings can't be used, or there is no randomness.
    pub fn new(
        settings: &Settings,
        database: Database,
        random: Arc<dyn Random>,
    ) -> std::result::Result<Self, OpenError> {
        let [reader, writer] = settings::clients(settings)?;
        Ok(Self {
            found: RedisStore::new(reader.clone()),
            kept: RedisStore::new(writer.clone()),
            accounts: Accounts {
                reader: reader.clone(),
                writer: writer.clone(),
                database: database.clone(),
            },
            import: Import {
                writer: writer.clone(),
                database: database.clone(),
                idle: settings.idle,
                is_done: AtomicBool::new(false),
            },
            tracking: Tracking::of(&reader),
            idle: settings.idle,
            node: hex::encode(random::bytes::<8>(random.as_ref())?),
            random,
            started: Once::new(),
            database,
            reader,
            writer,
        })
    }

    /// Connects, once, and goes on trying for as long as the process lives.
    fn start(&self) {
        self.started.call_once(|| {
            for client in [&self.reader, &self.writer] {
                tokio::spawn(stay_connected(client.clone()));
            }
        });
    }

    /// What Redis has under the name of this hash.
    async fn read(&self, id_hash: &IdHash) -> Result<Option<Session>> {
        let record = match self.found.load(&keys::record(id_hash)).await {
            Ok(None) => return Ok(None),
            Ok(Some(record)) => Some(record),
            Err(Error::Decode(_)) => None,
            Err(Error::Backend(reason)) if reason.contains("WRONGTYPE") => None,
            Err(error) => return Err(self.explained(error)),
        };
        let session = record.and_then(|record| record::session(id_hash, record));
        if session.is_none() {
            tracing::warn!("a record in Redis is none of Doorward's and counts as no session");
        }
        Ok(session)
    }

    /// The error, with why Redis can't be reached or what can be done, where that is known.
    fn explained(&self, error: Error) -> Error {
        match (error, self.tracking.last_error()) {
            (Error::Backend(reason), Some(cause)) if !reason.contains(&cause) => {
                Error::Backend(format!("{reason} ({cause})"))
            }
            (Error::Backend(reason), _) => Error::Backend(failure::explained(reason)),
            (error, _) => error,
        }
    }

    async fn delete_record(&self, id_hash: &IdHash) -> Result<bool> {
        self.start();
        let deleted = self.writer.del::<i64, _>(keys::record(id_hash).to_string());
        let deleted = deleted.await.map_err(|error| failure::backend(&error));
        Ok(deleted.map_err(|error| self.explained(error))? > 0)
    }

    async fn delete_records(&self, ended: &[IdHash]) -> Result<()> {
        for batch in ended.chunks(BATCH) {
            let delete = self.writer.pipeline();
            for id_hash in batch {
                let name = keys::record(id_hash).to_string();
                let queued = delete.del::<(), _>(name).await;
                queued.map_err(|error| failure::backend(&error))?;
            }
            for deleted in delete.try_all::<i64>().await {
                deleted.map_err(|error| failure::backend(&error))?;
            }
        }
        Ok(())
    }

    /// Takes over what the database has, and says what is wrong with Redis. No fault in it is the link's.
    async fn prepare(&self) {
        while survived("taking sessions over into Redis", self.import.finish())
            .await
            .is_none()
        {
            sleep(LONG_PAUSE).await;
        }
        survived("judging Redis", advice::give(&self.writer)).await;
    }

    async fn list(&self, id_hash: &IdHash, session: &Session) -> Result<bool> {
        let mut db = self.database.acquire().await.map_err(storage)?;
        let inserted = sessions::insert(&mut db, id_hash, session).await;
        inserted.map_err(storage)
    }
}

/// Why there is no store.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The settings can't be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The operating system gave no randomness.
    #[error(transparent)]
    Random(#[from] random::RandomError),
}

async fn stay_connected(client: Client) {
    loop {
        // It ends only when it gives up.
        if let Ok(Err(error)) = client.connect().await {
            tracing::debug!(%error, "a client of Redis gave up and is started again");
        }
        sleep(PAUSE).await;
    }
}

fn storage(error: impl Display) -> Error {
    Error::Backend(error.to_string())
}
