//! Sessions that this node has seen, so that a known one costs no question to the store.
//!
//! Coherence rests on stamps. Every invalidation takes the next number of one sequence and writes it where the
//! session, its user or everything is looked up; every load notes the number that was current before it asked the
//! store. An entry counts only while no invalidation that concerns it has a higher number, so what was read before
//! an invalidation never counts after it, however late it arrives here. A hit takes the read lock of one of the map's
//! shards and no other. Must not ask the store or know who may see what.

mod known;
mod link;
mod said;
mod stripes;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use quick_cache::UnitWeighter;
use quick_cache::sync::{Cache as Map, DefaultLifecycle};

use crate::domain::ids::UserId;
use crate::domain::session::Session;
use crate::storage::sessions::IdHash;

pub use known::Known;
pub use link::LinkState;
pub use said::Said;

use link::Link;
use stripes::{ByHash, Counter, Stripes};

/// The sessions that this node knows.
#[derive(Debug)]
pub struct Cache {
    known: Map<IdHash, Arc<Known>, UnitWeighter, ByHash, DefaultLifecycle<IdHash, Arc<Known>>>,
    /// The number of the latest invalidation.
    sequence: AtomicU64,
    /// The latest invalidation of everything.
    all: AtomicU64,
    /// The latest invalidation of any session of a stripe.
    sessions: Stripes,
    /// The latest invalidation of any user of a stripe.
    users: Stripes,
    link: Link,
    hits: Counter,
    misses: AtomicU64,
    invalidations: AtomicU64,
}

/// What the cache did since the start, and how it is.
#[derive(Debug, Clone, Copy)]
pub struct CacheStats {
    /// Questions that were answered from here.
    pub hits: u64,
    /// Questions that the store had to answer.
    pub misses: u64,
    /// Sessions, users or everything that had to be forgotten.
    pub invalidations: u64,
    /// Sessions that are kept, some of them perhaps invalid already.
    pub entries: u64,
    /// Whether what the store forgets is heard of.
    pub link: LinkState,
}

/// How far the sequence was before a load asked the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp(u64);

impl Cache {
    /// An empty cache for at most `capacity` sessions, whose link is down until [`Cache::link_up`]. What is kept counts
    /// for `grace` after the link went down.
    #[must_use]
    pub fn new(capacity: usize, grace: Duration) -> Self {
        // What is expected decides the number of shards and nothing is set aside for it.
        let expected = capacity.min(1024);
        let capacity_of_map = u64::try_from(capacity).unwrap_or(u64::MAX);
        Self {
            known: Map::with(
                expected,
                capacity_of_map,
                UnitWeighter,
                ByHash,
                DefaultLifecycle::default(),
            ),
            sequence: AtomicU64::new(0),
            all: AtomicU64::new(0),
            sessions: Stripes::new(),
            users: Stripes::new(),
            link: Link::new(grace),
            hits: Counter::default(),
            misses: AtomicU64::new(0),
            invalidations: AtomicU64::new(0),
        }
    }

    /// The session with this hash, if it is known and nothing speaks against it.
    #[must_use]
    pub fn get(&self, id_hash: &IdHash) -> Option<Arc<Known>> {
        let known = self.known.get(id_hash);
        let known = known.filter(|known| self.is_current(id_hash, known) && self.link.is_trusted());
        if known.is_some() {
            self.hits.add_one(id_hash);
        } else {
            self.misses.fetch_add(1, Ordering::Relaxed);
        }
        known
    }

    /// The same without counting it as a use.
    #[must_use]
    pub fn peek(&self, id_hash: &IdHash) -> Option<Arc<Known>> {
        self.known.peek(id_hash)
    }

    /// To be taken before the store is asked.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        Stamp(self.sequence.load(Ordering::SeqCst))
    }

    /// Keeps what the store said when it was asked after `stamp` was taken. While the link is down it is only wrapped.
    pub fn keep(&self, id_hash: IdHash, stamp: Stamp, session: Session) -> Arc<Known> {
        let known = Arc::new(Known::new(stamp, session));
        if self.link.is_up() && self.is_current(&id_hash, &known) {
            self.known.insert(id_hash, Arc::clone(&known));
        }
        known
    }

    /// Whether nothing that concerns this session was invalidated since it was read.
    #[must_use]
    pub fn is_current(&self, id_hash: &IdHash, known: &Known) -> bool {
        let Stamp(stamp) = known.stamp();
        self.sessions.latest(id_hash) <= stamp
            && self.users.latest(known.session.user.0.as_bytes()) <= stamp
            && self.all.load(Ordering::SeqCst) <= stamp
    }

    /// Forgets one session: it was revoked, or changed.
    pub fn forget(&self, id_hash: &IdHash) {
        self.sessions.raise(id_hash, self.next());
        self.known.remove(id_hash);
    }

    /// Forgets every session whose hash begins like this, with at least two bytes: for stores that know no more of it.
    pub fn forget_beginning(&self, beginning: &[u8]) {
        self.sessions.raise(beginning, self.next());
    }

    /// Forgets every session of a user: disabled, with other roles, or signed out everywhere.
    pub fn forget_user(&self, user: UserId) {
        self.users.raise(user.0.as_bytes(), self.next());
    }

    /// Forgets everything.
    pub fn forget_all(&self) {
        self.all.fetch_max(self.next(), Ordering::SeqCst);
        self.known.clear();
    }

    fn next(&self) -> u64 {
        self.invalidations.fetch_add(1, Ordering::Relaxed);
        self.sequence.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// From now on all that the store forgets is heard of. What was kept before may have been missed and is forgotten.
    pub fn link_up(&self) {
        self.forget_all();
        self.link.up();
    }

    /// What the store forgets may no longer be heard of. What is kept counts for the grace period, once: saying so again
    /// does not prolong it.
    pub fn link_down(&self) {
        self.link.down();
    }

    /// Whether the link is up.
    #[must_use]
    pub fn is_linked(&self) -> bool {
        self.link.is_up()
    }

    /// Counts since the start, and the present state.
    #[must_use]
    pub fn stats(&self) -> CacheStats {
        CacheStats {
            hits: self.hits.sum(),
            misses: self.misses.load(Ordering::Relaxed),
            invalidations: self.invalidations.load(Ordering::Relaxed),
            entries: u64::try_from(self.known.len()).unwrap_or(u64::MAX),
            link: self.link.state(),
        }
    }
}
