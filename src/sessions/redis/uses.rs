//! Writing when sessions were last used, in the records.
//!
//! A record is replaced only by what was made from it: one that was deleted meanwhile stays deleted, and one that another
//! node has written meanwhile stays as that node wrote it.

use std::time::Duration;

use fred::clients::Client;
use fred::interfaces::{ClientLike as _, KeysInterface as _};
use fred::prelude::FredResult;
use fred::types::{ClusterHash, CustomCommand, Value};
use fred::util::redis_keyslot;
use tower_sessions_core::session::Record;
use tower_sessions_core::session_store::{Error, Result};

use super::failure::{backend, is_wrong_type};
use super::{keys, record};
use crate::domain::clock::Timestamp;
use crate::sessions::Cache;
use crate::storage::sessions::IdHash;

/// How many records are written at once.
const BATCH: usize = 200;
/// A use that is this much later than the one that is written, in parts of the idle timeout, is written; so that ten
/// nodes that serve one session do not all write it every minute.
const PART: u32 = 4;
/// See [`PART`]; never more than this.
const LATER: Duration = Duration::from_secs(30);

/// Replaces a value that is still the expected one.
const IF_SAME: &str = "
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2], 'EXAT', ARGV[3])
  return 1
end
return 0
";

/// Writes uses by the connection that reads: for that one they are no news.
pub(super) struct Uses<'u> {
    pub(super) reader: &'u Client,
    pub(super) idle: Duration,
    /// Forgets what turns out to be gone.
    pub(super) cache: Option<&'u Cache>,
}

/// A record that is to be replaced.
struct Later {
    id_hash: IdHash,
    old: Vec<u8>,
    new: Vec<u8>,
    freed_at: i64,
}

impl Uses<'_> {
    /// Writes them in batches.
    pub(super) async fn write(&self, uses: &[(IdHash, Timestamp)]) -> Result<()> {
        for batch in uses.chunks(BATCH) {
            let read = self.reader.pipeline();
            for (id_hash, _) in batch {
                queued(read.get::<(), _>(name(id_hash)).await)?;
            }
            let found = read.try_all::<Value>().await;
            answered(&found, batch.len())?;
            let later = batch.iter().zip(found);
            let later: Vec<_> = later
                .filter_map(|(used, found)| self.later(*used, found.ok()?))
                .collect();
            self.replace(&later).await?;
        }
        Ok(())
    }

    /// The record with a later use, if it is a record and the use is later by enough to write it.
    fn later(&self, (id_hash, seen): (IdHash, Timestamp), found: Value) -> Option<Later> {
        let old = found.into_owned_bytes()?;
        let mut session = record::read(&id_hash, &old)?;
        let enough = (self.idle / PART).min(LATER);
        if seen <= session.last_seen_at || seen.since(session.last_seen_at) < enough {
            return None;
        }
        session.last_seen_at = seen;
        let new = record::of(&id_hash, &session, self.idle);
        Some(Later {
            id_hash,
            old,
            freed_at: new.expiry_date.unix_timestamp(),
            new: bytes(&new)?,
        })
    }

    /// Redis forgets that a connection has read a key as soon as the key changes, also by that connection itself. So each
    /// key is read again behind its change.
    async fn replace(&self, later: &[Later]) -> Result<()> {
        if later.is_empty() {
            return Ok(());
        }
        let write = self.reader.pipeline();
        for record in later {
            let name = name(&record.id_hash);
            let arguments: Vec<Value> = vec![
                IF_SAME.into(),
                1.into(),
                name.as_str().into(),
                record.old.as_slice().into(),
                record.new.as_slice().into(),
                record.freed_at.into(),
            ];
            let slot = ClusterHash::Custom(redis_keyslot(name.as_bytes()));
            let replace = CustomCommand::new_static("EVAL", slot, false);
            queued(write.custom::<(), _>(replace, arguments).await)?;
            queued(write.get::<(), _>(name).await)?;
        }
        let done = write.try_all::<Value>().await;
        let is_complete = answered(&done, 2 * later.len());
        for (record, done) in later.iter().zip(done.chunks(2)) {
            let is_there = matches!(done, [Ok(_), Ok(value)] if !value.is_null());
            if let (false, Some(cache)) = (is_there, self.cache) {
                cache.forget(&record.id_hash);
            }
        }
        if let (Err(_), Some(cache)) = (&is_complete, self.cache) {
            for record in later {
                cache.forget(&record.id_hash);
            }
        }
        is_complete
    }
}

fn name(id_hash: &IdHash) -> String {
    keys::record(id_hash).to_string()
}

fn bytes(record: &Record) -> Option<Vec<u8>> {
    rmp_serde::to_vec(record).ok()
}

fn queued(result: FredResult<()>) -> Result<()> {
    result.map_err(|error| backend(&error))
}

/// Whether each command was answered; what is no record of ours does not count.
fn answered(found: &[FredResult<Value>], expected: usize) -> Result<()> {
    let mut errors = found.iter().filter_map(|found| found.as_ref().err());
    match errors.find(|error| !is_wrong_type(error)) {
        Some(error) => Err(backend(error)),
        None if found.len() == expected => Ok(()),
        None => Err(Error::Backend("Redis: an answer is missing".to_owned())),
    }
}
