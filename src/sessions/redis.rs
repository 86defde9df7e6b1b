//! The session store in Redis.
//!
//! Records are in Redis alone, through tower-sessions' own store, under names made from the hash of an id. The typed rows
//! in the database stay the list of a user's sessions. What Redis has to know of accounts is beside the records, so that
//! judging a session asks Redis alone. docs/decisions/0013-redis.md says why. Expiry is judged by the caller.

mod accounts;
mod advice;
mod canary;
mod failure;
mod import;
mod keys;
mod link;
mod record;
mod settings;
mod tracking;
mod uses;

use std::fmt::Display;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Once};
use std::time::Duration;

use async_trait::async_trait;
use fred::clients::Client;
use fred::interfaces::{ClientLike, KeysInterface as _, TrackingInterface as _};
use tokio::time::sleep;
use tower_sessions_core::SessionStore;
use tower_sessions_core::session::{Id, Record};
use tower_sessions_core::session_store::{Error, Result};
use tower_sessions_redis_store::RedisStore;

use super::{Cache, Store, Token, from_record, to_record};
use crate::domain::clock::Timestamp;
use crate::domain::random::{self, Random};
use crate::domain::session::Session;
use crate::storage::Database;
use crate::storage::sessions::{self, IdHash};
use crate::storage::users::AccountState;
use accounts::Accounts;
use import::Import;
use link::Link;
use tracking::Tracking;
use uses::Uses;

pub use settings::Settings;
use settings::SettingsError;

/// How many rows are written in one transaction, and how many records deleted at once.
const BATCH: usize = 500;
/// The pause before a client that gave up is started again.
const PAUSE: Duration = Duration::from_millis(200);

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
        random: &dyn Random,
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
            node: hex::encode(random::bytes::<8>(random)?),
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

    /// The error, with why Redis can't be reached where that is known.
    fn explained(&self, error: Error) -> Error {
        match (error, self.tracking.last_error()) {
            (Error::Backend(reason), Some(cause)) if !reason.contains(&cause) => {
                Error::Backend(format!("{reason} ({cause})"))
            }
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

#[async_trait]
impl SessionStore for RedisSessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        self.start();
        let Some(session) = from_record(record.clone()) else {
            return Err(Error::Encode("the record holds no session".to_owned()));
        };
        let id_hash = Token::from(record.id).hash();
        let mut kept = record::of(&id_hash, &session, self.idle);
        let name = kept.id;
        let created = self.kept.create(&mut kept).await;
        created.map_err(|error| self.explained(error))?;
        if kept.id != name {
            // The name was taken, so the store has chosen another one, which nobody could find again.
            self.kept.delete(&kept.id).await?;
            return Err(Error::Backend("the id of the session is taken".to_owned()));
        }
        let listed = self.list(&id_hash, &session).await;
        if matches!(listed, Ok(true)) {
            return Ok(());
        }
        if let Err(error) = self.kept.delete(&name).await {
            tracing::warn!(%error, "a session that nobody was given stays in Redis until it expires");
        }
        listed?;
        Err(Error::Backend("the id of the session is taken".to_owned()))
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let Some(session) = from_record(record.clone()) else {
            return Err(Error::Encode("the record holds no session".to_owned()));
        };
        let id_hash = Token::from(record.id).hash();
        self.touch(&[(id_hash, session.last_seen_at)]).await
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        self.start();
        let token = Token::from(*id);
        let found = self.read(&token.hash()).await;
        self.tracking.check();
        let Some(mut session) = found? else {
            if self.import.is_done().await? {
                return Ok(None);
            }
            let reason = "the sessions are still being taken over into Redis";
            return Err(Error::Backend(reason.to_owned()));
        };
        let account = self.accounts.state(session.user).await;
        // Whatever was read, it was read by now.
        self.tracking.check();
        let Some(account) = account.map_err(|error| self.explained(error))? else {
            return Ok(None);
        };
        if account.disabled || account.epoch != session.epoch {
            return Ok(None);
        }
        session.roles = account.roles;
        Ok(Some(to_record(token, &session)))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let id_hash = Token::from(*id).hash();
        self.delete_by_hash(&id_hash).await.map(drop)
    }
}

#[async_trait]
impl Store for RedisSessions {
    /// Twice in Redis: see `import`.
    async fn delete_by_hash(&self, id_hash: &IdHash) -> Result<bool> {
        let was_there = self.delete_record(id_hash).await?;
        let mut db = self.database.acquire().await.map_err(storage)?;
        let was_listed = sessions::delete(&mut db, id_hash).await.map_err(storage)?;
        drop(db);
        let came_back = self.delete_record(id_hash).await?;
        Ok(was_there || was_listed || came_back)
    }

    async fn touch(&self, uses: &[(IdHash, Timestamp)]) -> Result<()> {
        self.start();
        let writing = Uses {
            reader: &self.reader,
            idle: self.idle,
            cache: self.tracking.cache().map(Arc::as_ref),
        };
        let written = writing.write(uses).await;
        written.map_err(|error| self.explained(error))?;
        for batch in uses.chunks(BATCH) {
            let mut db = self.database.begin().await.map_err(storage)?;
            for (id_hash, seen) in batch {
                let touched = sessions::touch(&mut db, id_hash, *seen).await;
                touched.map_err(storage)?;
            }
            db.commit().await.map_err(storage)?;
        }
        Ok(())
    }

    async fn account_changing(&self, state: &AccountState) -> Result<()> {
        self.start();
        let announced = self.accounts.announce(state).await;
        announced.map_err(|error| self.explained(error))
    }

    async fn account_changed(&self, state: &AccountState, ended: &[IdHash]) -> Result<()> {
        self.accounts.keep(state).await?;
        self.delete_records(ended).await
    }

    async fn account_unchanged(&self, state: &AccountState) -> Result<()> {
        self.accounts.forget(state.user).await
    }

    async fn ping(&self) -> Result<()> {
        self.start();
        let answer = self.writer.ping::<()>(None).await;
        let answer = answer.map_err(|error| failure::backend(&error));
        answer.map_err(|error| self.explained(error))?;
        if self.import.is_done().await? {
            return Ok(());
        }
        let reason = "the sessions are still being taken over into Redis";
        Err(Error::Backend(reason.to_owned()))
    }

    fn connected(&self) -> Option<bool> {
        Some(self.reader.is_connected() && self.writer.is_connected())
    }

    async fn watch(&self, cache: Arc<Cache>) {
        self.tracking.attach(Arc::clone(&cache));
        // Before anything is tracked, so that nothing is missed.
        let invalidations = self.reader.invalidation_rx();
        self.start();
        let link = Link {
            reader: &self.reader,
            writer: &self.writer,
            tracking: &self.tracking,
            node: &self.node,
        };
        let prepare = async {
            self.import.finish().await;
            advice::give(&self.writer).await;
        };
        tokio::join!(link.keep(&cache, invalidations), prepare);
    }
}
