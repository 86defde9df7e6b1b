//! Reading a session that this node does not know: once for all who ask at the same time, and to the end.
//!
//! Who asks may stop waiting; the reading goes on and fills the cache, so that a slow store is slow once. Must not judge
//! expiry.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use tower_sessions_core::session_store::Error;

use super::cache::{Cache, Known};
use super::{Store, Token, from_record};
use crate::storage::sessions::IdHash;

/// The most readings that ask the store at once, and those that may wait for that.
const AT_ONCE: usize = 64;
const WAITING: usize = 8192;
/// How long the store may take in the end.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a reading may be joined while the link is down.
const FRESH: Duration = Duration::from_millis(100);
/// How often a reading that an invalidation overtook is done again.
const ATTEMPTS: usize = 4;

/// Reads sessions.
#[derive(Debug, Clone)]
pub struct Loader(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Arc<dyn Store>,
    cache: Arc<Cache>,
    /// Readings under way, by the hash of the id.
    under_way: Mutex<HashMap<IdHash, Reading>>,
    places: Semaphore,
}

/// A reading that has begun.
#[derive(Debug, Clone)]
struct Reading {
    outcome: watch::Receiver<Option<Outcome>>,
    began: Instant,
}

type Outcome = Result<Option<Arc<Known>>, Arc<str>>;

impl Loader {
    /// Reads from `store` and fills `cache`.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, cache: Arc<Cache>) -> Self {
        Self(Arc::new(Inner {
            store,
            cache,
            under_way: Mutex::default(),
            places: Semaphore::new(AT_ONCE),
        }))
    }

    /// The session with this id, as the store has it. What an invalidation overtook on its way is read again.
    ///
    /// # Errors
    ///
    /// When the store fails or takes too long, and when too many are asking at once.
    pub async fn load(&self, token: Token) -> Result<Option<Arc<Known>>, Error> {
        let id_hash = token.hash();
        for _ in 0..ATTEMPTS {
            let found = self.outcome(token, id_hash).await;
            match found.map_err(|reason| Error::Backend(reason.to_string()))? {
                Some(known) if !self.0.cache.is_current(&id_hash, &known) => {}
                found => return Ok(found),
            }
        }
        let reason = "the session kept changing while it was read";
        Err(Error::Backend(reason.to_owned()))
    }

    async fn outcome(&self, token: Token, id_hash: IdHash) -> Outcome {
        let mut reading = self.join(token, id_hash)?.outcome;
        let told = reading.wait_for(Option::is_some).await;
        let told = told.ok().and_then(|told| told.clone());
        told.unwrap_or_else(|| Err("the reading was given up".into()))
    }

    /// The reading that is under way, or a new one. Without a link one that began a while ago may have missed what was
    /// changed since, and nothing would tell.
    fn join(&self, token: Token, id_hash: IdHash) -> Result<Reading, Arc<str>> {
        let mut under_way = self.0.under_way();
        if let Some(reading) = under_way.get(&id_hash)
            && (self.0.cache.is_linked() || reading.began.elapsed() < FRESH)
        {
            return Ok(reading.clone());
        }
        if under_way.len() >= AT_ONCE + WAITING {
            return Err("too many sessions are being looked up at once".into());
        }
        let (tell, outcome) = watch::channel(None);
        let reading = Reading {
            outcome,
            began: Instant::now(),
        };
        under_way.insert(id_hash, reading.clone());
        let end = End {
            inner: Arc::clone(&self.0),
            id_hash,
            outcome: reading.outcome.clone(),
        };
        tokio::spawn(async move {
            let outcome = end.inner.read(token, id_hash).await;
            // Off the list first: who comes from now on may know of a later change.
            drop(end);
            tell.send_replace(Some(outcome));
        });
        Ok(reading)
    }
}

/// Takes a reading off the list however it ends.
struct End {
    inner: Arc<Inner>,
    id_hash: IdHash,
    outcome: watch::Receiver<Option<Outcome>>,
}

impl Drop for End {
    fn drop(&mut self) {
        let mut under_way = self.inner.under_way();
        let listed = under_way.get(&self.id_hash);
        // A later reading may have taken its place.
        if listed.is_some_and(|reading| reading.outcome.same_channel(&self.outcome)) {
            under_way.remove(&self.id_hash);
        }
    }
}

impl Inner {
    fn under_way(&self) -> MutexGuard<'_, HashMap<IdHash, Reading>> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    async fn read(&self, token: Token, id_hash: IdHash) -> Outcome {
        let reading = async {
            let _place = self.places.acquire().await;
            let stamp = self.cache.stamp();
            let record = self.store.load(&token.id()).await?;
            let session = record.and_then(from_record);
            Ok(session.map(|session| self.cache.keep(id_hash, stamp, session)))
        };
        match timeout(PATIENCE, reading).await {
            Ok(Ok(found)) => Ok(found),
            Ok(Err(error)) => {
                let error: Error = error;
                Err(error.to_string().into())
            }
            Err(_) => Err("the store did not answer in time".into()),
        }
    }
}
