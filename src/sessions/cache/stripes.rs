//! Numbers shared by few: spread over many slots, so that hits on different sessions do not meet.
//!
//! Keys are random (hashes, random UUIDs), so their first bytes choose the slot well enough.

use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

/// How many slots hold the latest invalidation. Two sessions of one slot are invalidated together, which costs the other
/// one a question to the store and nothing else. 512 KiB of memory.
const SLOTS: usize = 1 << 16;
/// How many slots count hits.
const COUNTERS: usize = 16;

/// The number of the latest invalidation, for each slot.
#[derive(Debug)]
pub(super) struct Stripes(Box<[AtomicU64]>);

impl Stripes {
    pub(super) fn new() -> Self {
        Self((0..SLOTS).map(|_| AtomicU64::new(0)).collect())
    }

    fn slot(&self, key: &[u8]) -> Option<&AtomicU64> {
        let [first, second, ..] = *key else {
            return None;
        };
        self.0.get(usize::from(u16::from_le_bytes([first, second])))
    }

    /// The latest invalidation in the slot of `key`.
    pub(super) fn latest(&self, key: &[u8]) -> u64 {
        self.slot(key)
            .map_or(u64::MAX, |slot| slot.load(Ordering::SeqCst))
    }

    /// Notes an invalidation of `key`.
    pub(super) fn raise(&self, key: &[u8], number: u64) {
        if let Some(slot) = self.slot(key) {
            slot.fetch_max(number, Ordering::SeqCst);
        }
    }
}

/// A counter whose parts lie on cache lines of their own.
#[derive(Debug, Default)]
pub(super) struct Counter([Part; COUNTERS]);

#[derive(Debug, Default)]
#[repr(align(64))]
struct Part(AtomicU64);

impl Counter {
    pub(super) fn add_one(&self, key: &[u8]) {
        let part = key
            .first()
            .map_or(0, |first| usize::from(*first) % COUNTERS);
        if let Some(Part(count)) = self.0.get(part) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn sum(&self) -> u64 {
        let parts = self.0.iter();
        parts.map(|Part(count)| count.load(Ordering::Relaxed)).sum()
    }
}

/// Takes eight bytes of a key that is a hash already.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ByHash;

/// See [`ByHash`].
#[derive(Debug, Default)]
pub(super) struct Taken(u64);

impl BuildHasher for ByHash {
    type Hasher = Taken;

    fn build_hasher(&self) -> Taken {
        Taken::default()
    }
}

impl Hasher for Taken {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(last) = bytes.last_chunk() {
            self.0 = u64::from_le_bytes(*last);
        }
    }

    /// The length of the key, which is always the same.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}
