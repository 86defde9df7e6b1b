//! What tower-sessions' trait and our own ask of a store, in Redis and in the list beside it.
//!
//! Redis comes first, because that is what counts; the list follows. Must not hand out what was read on a connection
//! whose changes nobody hears of.

use std::sync::Arc;

use async_trait::async_trait;
use fred::interfaces::{ClientLike as _, TrackingInterface as _};
use tower_sessions_core::SessionStore;
use tower_sessions_core::session::{Id, Record};
use tower_sessions_core::session_store::{Error, Result};

use super::link::Link;
use super::uses::Uses;
use super::{RedisSessions, failure, record, storage};
use crate::domain::clock::Timestamp;
use crate::sessions::{Cache, Store, Token, from_record, to_record};
use crate::storage::sessions::{self, IdHash};
use crate::storage::users::AccountState;

#[async_trait]
impl SessionStore for RedisSessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        self.start();
        let Some(session) = from_record(record.clone()) else {
            return Err(Error::Encode("the record holds no session".to_owned()));
        };
        // So that whoever asks first needs neither the database nor a Redis that can be written to. Nobody's session is
        // refused by the row.
        let account = self.accounts.state_at(session.user, session.epoch).await;
        account.map_err(|error| self.explained(error))?;
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
        let account = self.accounts.state_at(session.user, session.epoch).await;
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
        let listed = sessions::touch_all(&self.database, uses).await;
        listed.map_err(storage)
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
        tokio::join!(
            link.keep(&cache, invalidations),
            self.prepare(),
            self.follow_the_database()
        );
    }
}
