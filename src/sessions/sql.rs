//! The session store in the SQL database.
//!
//! A save only ever updates: a sign-out that overtakes it stays a sign-out. Expiry is judged by the caller, who knows
//! the time and the configured limits.

use std::fmt::Display;
use std::sync::Arc;

use async_trait::async_trait;
use tower_sessions_core::SessionStore;
use tower_sessions_core::session::{Id, Record};
use tower_sessions_core::session_store::{Error, Result};

use super::{Cache, Store, Token, from_record, link, to_record};
use crate::domain::clock::Timestamp;
use crate::domain::random::Random;
use crate::storage::sessions::IdHash;
use crate::storage::{Database, sessions};

/// Sessions as typed rows beside the accounts they belong to.
#[derive(Debug, Clone)]
pub struct SqlSessions {
    database: Database,
    random: Arc<dyn Random>,
}

impl SqlSessions {
    /// A store in `database`.
    #[must_use]
    pub fn new(database: Database, random: Arc<dyn Random>) -> Self {
        Self { database, random }
    }
}

fn backend(error: impl Display) -> Error {
    Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for SqlSessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let Some(session) = from_record(record.clone()) else {
            return Err(Error::Encode("the record holds no session".to_owned()));
        };
        let mut db = self.database.acquire().await.map_err(backend)?;
        while !sessions::insert(&mut db, &Token::from(record.id).hash(), &session)
            .await
            .map_err(backend)?
        {
            record.id = Token::generate(self.random.as_ref()).map_err(backend)?.id();
        }
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let Some(session) = from_record(record.clone()) else {
            return Err(Error::Encode("the record holds no session".to_owned()));
        };
        let mut db = self.database.acquire().await.map_err(backend)?;
        let hash = Token::from(record.id).hash();
        sessions::touch(&mut db, &hash, session.last_seen_at)
            .await
            .map_err(backend)?;
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let token = Token::from(*id);
        let mut db = self.database.acquire().await.map_err(backend)?;
        match sessions::find(&mut db, &token.hash()).await {
            Ok(session) => Ok(session.map(|session| to_record(token, &session))),
            Err(crate::storage::StorageError::Row { table, reason }) => {
                tracing::warn!(
                    table,
                    reason,
                    "a session row can't be read and counts as no session"
                );
                Ok(None)
            }
            Err(error) => Err(backend(error)),
        }
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let mut db = self.database.acquire().await.map_err(backend)?;
        sessions::delete(&mut db, &Token::from(*id).hash())
            .await
            .map_err(backend)?;
        Ok(())
    }
}

#[async_trait]
impl Store for SqlSessions {
    async fn delete_by_hash(&self, id_hash: &IdHash) -> Result<bool> {
        let mut db = self.database.acquire().await.map_err(backend)?;
        sessions::delete(&mut db, id_hash).await.map_err(backend)
    }

    async fn touch(&self, uses: &[(IdHash, Timestamp)]) -> Result<()> {
        let touched = sessions::touch_all(&self.database, uses).await;
        touched.map_err(backend)
    }

    async fn watch(&self, cache: Arc<Cache>) {
        link::keep_hearing(&self.database, self.random.as_ref(), cache.as_ref()).await;
    }
}
