//! Taking over the sessions that were begun while the database kept them: once, when Redis becomes the store.
//!
//! That it happened is noted in the database. If Redis knew it, emptying Redis would bring back every session that it
//! was meant to end. Until it has happened, a session that Redis does not have may still come, and is not missing.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fred::clients::Client;
use fred::interfaces::KeysInterface as _;
use fred::prelude::FredResult;
use fred::types::{Expiration, SetOptions, Value};
use tokio::time::sleep;
use tower_sessions_core::session_store::{Error, Result};

use super::failure::backend;
use super::{keys, record};
use crate::storage::sessions::{self, IdHash, Listed};
use crate::storage::{Database, StorageError, moves};

/// How many sessions are taken over at once.
const BATCH: i64 = 500;
/// The pause before another attempt.
const PAUSE: Duration = Duration::from_secs(1);

/// The move from the database to Redis.
#[derive(Debug)]
pub(super) struct Import {
    pub(super) writer: Client,
    pub(super) database: Database,
    pub(super) idle: Duration,
    /// Known to have happened.
    pub(super) is_done: AtomicBool,
}

impl Import {
    /// Whether all sessions are in Redis.
    pub(super) async fn is_done(&self) -> Result<bool> {
        if self.is_done.load(Ordering::SeqCst) {
            return Ok(true);
        }
        let mut db = self.database.acquire().await.map_err(storage)?;
        let is_done = moves::is_done(&mut db).await.map_err(storage)?;
        self.is_done.store(is_done, Ordering::SeqCst);
        Ok(is_done)
    }

    /// Sees to it that they are, however long Redis or the database stays away.
    pub(super) async fn finish(&self) {
        let mut told = false;
        loop {
            match self.run().await {
                Ok(()) => return,
                Err(error) if !told => {
                    tracing::warn!(%error, "sessions can't be taken over into Redis yet");
                    told = true;
                }
                Err(_) => {}
            }
            sleep(PAUSE).await;
        }
    }

    async fn run(&self) -> Result<()> {
        if self.is_done().await? {
            return Ok(());
        }
        let mut taken_over = 0;
        let mut after = Vec::new();
        loop {
            let batch = self.batch(&after).await?;
            let Some(last) = batch.last() else {
                break;
            };
            self.take_over(&batch).await?;
            self.drop_revoked(&after, last.id_hash, &batch).await?;
            taken_over += batch.len();
            after = last.id_hash.to_vec();
        }
        let mut db = self.database.acquire().await.map_err(storage)?;
        moves::note(&mut db).await.map_err(storage)?;
        self.is_done.store(true, Ordering::SeqCst);
        if taken_over > 0 {
            tracing::info!(
                sessions = taken_over,
                "sessions of the database taken over into Redis"
            );
        }
        Ok(())
    }

    async fn batch(&self, after: &[u8]) -> Result<Vec<Listed>> {
        let mut db = self.database.acquire().await.map_err(storage)?;
        let batch = sessions::page(&mut db, after, BATCH).await;
        batch.map_err(storage)
    }

    async fn take_over(&self, batch: &[Listed]) -> Result<()> {
        let write = self.writer.pipeline();
        for Listed { id_hash, session } in batch {
            let record = record::of(id_hash, session, self.idle);
            let until = Some(Expiration::EXAT(record.expiry_date.unix_timestamp()));
            let encode = |error: rmp_serde::encode::Error| Error::Encode(error.to_string());
            let bytes = rmp_serde::to_vec(&record).map_err(encode)?;
            let name = record.id.to_string();
            let options = Some(SetOptions::NX);
            let set = write.set::<(), _, _>(name, bytes.as_slice(), until, options, false);
            set.await.map_err(|error| backend(&error))?;
        }
        all(&write.try_all().await)
    }

    /// Who signs out deletes in Redis, then the row, then in Redis again. So whoever's row is gone is deleted here, and
    /// whoever's row is there is deleted by the sign-out itself.
    async fn drop_revoked(&self, after: &[u8], last: IdHash, batch: &[Listed]) -> Result<()> {
        let mut db = self.database.acquire().await.map_err(storage)?;
        let there = sessions::between(&mut db, after, &last).await;
        let there: BTreeSet<IdHash> = there.map_err(storage)?.into_iter().collect();
        let gone = batch
            .iter()
            .filter(|listed| !there.contains(&listed.id_hash));
        let gone: Vec<_> = gone.collect();
        if gone.is_empty() {
            return Ok(());
        }
        let delete = self.writer.pipeline();
        for listed in gone {
            let name = keys::record(&listed.id_hash).to_string();
            let deleted = delete.del::<(), _>(name).await;
            deleted.map_err(|error| backend(&error))?;
        }
        all(&delete.try_all().await)
    }
}

fn all(answers: &[FredResult<Value>]) -> Result<()> {
    let mut errors = answers.iter().filter_map(|answer| answer.as_ref().err());
    errors.next().map_or(Ok(()), |error| Err(backend(error)))
}

fn storage(error: StorageError) -> Error {
    Error::Backend(error.to_string())
}
