//! Hashing passwords with Argon2id, on threads of its own.
//!
//! The pool is bounded in threads, in memory and in queue, and its threads yield to those that serve, so that a storm of
//! sign-ins can't starve verification: what does not fit is refused at once. Must not know users.

mod hasher;
mod memory;
mod queue;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use crate::domain::password::{GivenPassword, NewPassword, PasswordError};
use crate::domain::random::Random;

use hasher::Hasher;
use queue::Queue;

/// The cost of one hash and the size of the pool.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Memory of one hash, in KiB.
    pub memory: u32,
    /// Passes over that memory.
    pub iterations: u32,
    /// Hashes computed at once; together they take at most this many times `memory`.
    pub concurrency: usize,
    /// Hashes that may wait for a thread.
    pub queue: usize,
    /// Memory and passes beyond which a stored hash is not computed.
    pub largest: Cost,
}

/// What one hash may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// In KiB.
    pub memory: u32,
    /// Passes over so much memory.
    pub iterations: u32,
}

/// Why no hash was computed.
#[derive(Debug, thiserror::Error)]
pub enum HashingError {
    /// The queue is full: try again in a few seconds.
    #[error("too many passwords are being hashed")]
    Busy,
    /// The hash function or its thread failed.
    #[error("hashing failed: {0}")]
    Failed(String),
}

impl HashingError {
    fn failed(error: impl fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }
}

/// What comparing a password with a hash told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison {
    /// The password is the right one.
    pub matches: bool,
    /// The hash was made with lower parameters than the present ones.
    pub outdated: bool,
}

/// How busy the pool is, and what it has done since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stats {
    /// Threads there are.
    pub threads: usize,
    /// Threads at work.
    pub busy: usize,
    /// Passwords that wait for a thread.
    pub queued: usize,
    /// Passwords that may wait.
    pub queue: usize,
    /// Passwords that were refused because the queue was full.
    pub refused: u64,
    /// Hashes computed.
    pub hashes: u64,
    /// The most memory that hashes have taken at once, in KiB.
    pub most_memory: usize,
}

/// The hashing pool.
pub struct Passwords {
    queue: Queue,
    hasher: Arc<Hasher>,
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passwords")
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

impl Passwords {
    /// Starts the threads.
    ///
    /// # Errors
    ///
    /// When Argon2 refuses the parameters or the threads can't be started.
    pub fn start(settings: Settings, random: Arc<dyn Random>) -> Result<Self, HashingError> {
        Ok(Self {
            hasher: Arc::new(Hasher::new(settings, random)?),
            queue: Queue::start(settings.concurrency, settings.queue)?,
        })
    }

    /// Judges a new password. Estimating its strength takes milliseconds, so it is done here too.
    ///
    /// # Errors
    ///
    /// As [`Passwords::hash`]; the inner error says what is wrong with the password.
    pub async fn judge(
        &self,
        text: String,
        context: Vec<String>,
    ) -> Result<Result<NewPassword, PasswordError>, HashingError> {
        let job = move || {
            let context: Vec<&str> = context.iter().map(String::as_str).collect();
            Ok(NewPassword::parse(text, &context))
        };
        self.queue.run(1, job).await
    }

    /// Hashes a new password into PHC form.
    ///
    /// # Errors
    ///
    /// [`HashingError::Busy`] when the queue is full.
    pub async fn hash(&self, password: NewPassword) -> Result<String, HashingError> {
        let hasher = Arc::clone(&self.hasher);
        let job = move || hasher.hash(password.expose().as_bytes());
        self.queue.run(1, job).await
    }

    /// Hashes a password that just proved right anew, with the present parameters.
    ///
    /// # Errors
    ///
    /// As [`Passwords::hash`].
    pub async fn rehash(&self, password: Arc<GivenPassword>) -> Result<String, HashingError> {
        let hasher = Arc::clone(&self.hasher);
        let job = move || hasher.hash(password.expose().as_bytes());
        self.queue.run(1, job).await
    }

    /// Compares a password with a hash in PHC form. Without one, the same work is done and nothing matches.
    ///
    /// # Errors
    ///
    /// As [`Passwords::hash`], and when the hash can't be read or would cost more than [`Settings::largest`].
    pub async fn compare(
        &self,
        password: Arc<GivenPassword>,
        hash: Option<String>,
    ) -> Result<Comparison, HashingError> {
        let stored = self.hasher.read(hash.as_deref())?;
        let hasher = Arc::clone(&self.hasher);
        let shares = hasher.shares(&stored);
        let job = move || hasher.compare(password.expose().as_bytes(), &stored);
        self.queue.run(shares, job).await
    }

    /// How many hashes have been computed since the start: equal work is told by counting.
    #[must_use]
    pub fn hashes(&self) -> u64 {
        self.hasher.hashes()
    }

    /// How busy the pool is.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats {
            threads: self.queue.threads(),
            busy: self.queue.busy(),
            queued: self.queue.queued(),
            queue: self.queue.length(),
            refused: self.queue.refused(),
            hashes: self.hasher.hashes(),
            most_memory: self.hasher.most_memory(),
        }
    }

    /// Gives the memory back if nothing was hashed since the last call. To be called now and then.
    pub fn tidy(&self) {
        self.hasher.tidy();
    }
}
