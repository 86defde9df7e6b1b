//! When each session was last used, noted in memory and written to the store in the background.
//!
//! The verify path only notes; it never waits for a write. One session is written at most once a flush.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::clock::Timestamp;
use crate::storage::sessions::IdHash;

/// The most sessions noted between two flushes; further ones wait for their next use after it.
const CAPACITY: usize = 1_000_000;

/// Uses of sessions that the store does not know yet.
#[derive(Debug, Default)]
pub struct Touches(Mutex<HashMap<IdHash, Timestamp>>);

impl Touches {
    fn lock(&self) -> MutexGuard<'_, HashMap<IdHash, Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a use.
    pub fn note(&self, id_hash: IdHash, now: Timestamp) {
        let mut noted = self.lock();
        if noted.len() < CAPACITY || noted.contains_key(&id_hash) {
            noted.insert(id_hash, now);
        }
    }

    /// The last use noted here and not yet written.
    #[must_use]
    pub fn last(&self, id_hash: &IdHash) -> Option<Timestamp> {
        self.lock().get(id_hash).copied()
    }

    /// Takes all that is noted, to be written.
    #[must_use]
    pub fn take(&self) -> Vec<(IdHash, Timestamp)> {
        std::mem::take(&mut *self.lock()).into_iter().collect()
    }

    /// Puts back what could not be written; a later use noted meanwhile stays.
    pub fn put_back(&self, unwritten: Vec<(IdHash, Timestamp)>) {
        let mut noted = self.lock();
        for (id_hash, seen) in unwritten {
            noted.entry(id_hash).or_insert(seen);
        }
    }
}
