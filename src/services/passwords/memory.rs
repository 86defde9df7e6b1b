//! The memory that hashes take.
//!
//! It is kept from one hash to the next, because fresh memory costs a page fault for each of its pages, and taking and
//! returning it stops every other thread for a moment. Must not hold what belongs to a password any longer than it
//! takes.

use std::collections::TryReserveError;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use argon2::Block;

/// More than glibc ever takes from a heap (32 MiB): reserved, not touched, so that what is dropped goes back to the
/// system and not to a heap that keeps it.
const MAPPED: usize = 32 * 1024 + 64;

/// Memory for as many hashes as there are shares. The caller sees to it that no more are computed at once.
#[derive(Debug)]
pub(super) struct Memory {
    /// Blocks of 1 KiB in one share.
    share: usize,
    kept: Mutex<Vec<Vec<Block>>>,
    used: AtomicBool,
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Memory {
    pub(super) fn new(share: usize) -> Self {
        Self {
            share,
            kept: Mutex::default(),
            used: AtomicBool::new(false),
            now: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        }
    }

    /// Blocks of 1 KiB in one share.
    pub(super) const fn share(&self) -> usize {
        self.share
    }

    /// The most blocks there have been at once.
    pub(super) fn most(&self) -> usize {
        self.most.load(Ordering::Relaxed)
    }

    /// Works with at least `blocks` blocks, whatever they hold.
    ///
    /// # Errors
    ///
    /// When the system has no memory left.
    pub(super) fn with<T>(
        &self,
        blocks: usize,
        work: impl FnOnce(&mut [Block]) -> T,
    ) -> Result<T, TryReserveError> {
        self.used.store(true, Ordering::Relaxed);
        if blocks > self.share {
            // It has several shares: nobody else may have them, and what lies here unused is part of them.
            self.forget();
            let mut own = Own::new(self, blocks)?;
            return Ok(work(&mut own.blocks));
        }
        let kept = self.kept().pop();
        let mut own = match kept {
            Some(blocks) => Own {
                memory: self,
                blocks,
            },
            None => Own::new(self, self.share)?,
        };
        let done = work(&mut own.blocks);
        self.kept().push(std::mem::take(&mut own.blocks));
        Ok(done)
    }

    /// Gives back what is kept, if nothing was hashed since the last call.
    pub(super) fn tidy(&self) {
        if !self.used.swap(false, Ordering::Relaxed) {
            self.forget();
        }
    }

    fn forget(&self) {
        let kept = std::mem::take(&mut *self.kept());
        for blocks in kept {
            drop(Own {
                memory: self,
                blocks,
            });
        }
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Vec<Block>>> {
        // A list is whole after each of its operations, whatever panicked beside it.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Blocks that are counted until they are dropped.
struct Own<'m> {
    memory: &'m Memory,
    blocks: Vec<Block>,
}

impl<'m> Own<'m> {
    fn new(memory: &'m Memory, count: usize) -> Result<Self, TryReserveError> {
        let mut blocks = Vec::new();
        blocks.try_reserve_exact(count.max(MAPPED))?;
        let now = memory.now.fetch_add(count, Ordering::Relaxed);
        memory
            .most
            .fetch_max(now.saturating_add(count), Ordering::Relaxed);
        blocks.resize(count, Block::new());
        Ok(Self { memory, blocks })
    }
}

impl Drop for Own<'_> {
    fn drop(&mut self) {
        self.memory
            .now
            .fetch_sub(self.blocks.len(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_kept_while_it_is_used_and_given_back_after() {
        let memory = Memory::new(64);
        let now = || memory.now.load(Ordering::Relaxed);
        for _ in 0..3 {
            assert_eq!(memory.with(10, |blocks| blocks.len()).unwrap(), 64);
        }
        assert_eq!((now(), memory.most()), (64, 64));
        memory.tidy();
        assert_eq!(now(), 64, "it was used since the start");
        memory.tidy();
        assert_eq!((now(), memory.most()), (0, 64));
    }

    #[test]
    fn threat_32_what_lies_unused_makes_room_for_a_larger_hash() {
        let memory = Memory::new(64);
        memory
            .with(64, |_| memory.with(64, |_| ()).unwrap())
            .unwrap();
        assert_eq!(memory.most(), 128);
        assert_eq!(memory.with(128, |blocks| blocks.len()).unwrap(), 128);
        assert_eq!(memory.most(), 128);
    }
}
