//! Hashing passwords with Argon2id, on threads of its own.
//!
//! The pool is bounded in threads and in queue, so that a storm of sign-ins can't starve verification: what does not
//! fit is refused at once. Must not know users.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::{Semaphore, oneshot};

use crate::domain::password::{GivenPassword, NewPassword, PasswordError};
use crate::domain::random::{self, Random};

/// The cost of one hash and the size of the pool.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Memory of one hash, in KiB.
    pub memory: u32,
    /// Passes over that memory.
    pub iterations: u32,
    /// Hashes computed at once; each takes `memory`.
    pub concurrency: usize,
    /// Hashes that may wait for a thread.
    pub queue: usize,
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

/// What comparing a password with a hash told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison {
    /// The password is the right one.
    pub matches: bool,
    /// The hash was made with lower parameters than the present ones.
    pub outdated: bool,
}

/// The hashing pool.
pub struct Passwords {
    threads: rayon::ThreadPool,
    places: Arc<Semaphore>,
    worker: Arc<Worker>,
}

struct Worker {
    argon2: Argon2<'static>,
    params: Params,
    /// The hash of a password that nobody has, compared where there is no account, so that the work is the same.
    stand_in: String,
    hashes: AtomicU64,
    random: Arc<dyn Random>,
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passwords")
            .field("params", &self.worker.params)
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
        let failed = |error: &dyn fmt::Display| HashingError::Failed(error.to_string());
        let params =
            Params::new(settings.memory, settings.iterations, 1, None).map_err(|e| failed(&e))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
        let mut worker = Worker {
            argon2,
            params,
            stand_in: String::new(),
            hashes: AtomicU64::new(0),
            random,
        };
        let nobodys: [u8; 32] = random::bytes(worker.random.as_ref()).map_err(|e| failed(&e))?;
        worker.stand_in = worker.hash(&nobodys)?;
        worker.hashes = AtomicU64::new(0);
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(settings.concurrency)
            .thread_name(|index| format!("hashing-{index}"))
            .panic_handler(|_| tracing::error!("a hashing thread panicked"))
            .build()
            .map_err(|e| failed(&e))?;
        let places = Arc::new(Semaphore::new(
            settings.concurrency.saturating_add(settings.queue),
        ));
        Ok(Self {
            threads,
            places,
            worker: Arc::new(worker),
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
        self.run(move |_| {
            let context: Vec<&str> = context.iter().map(String::as_str).collect();
            Ok(NewPassword::parse(text, &context))
        })
        .await
    }

    /// Hashes a new password into PHC form.
    ///
    /// # Errors
    ///
    /// [`HashingError::Busy`] when the queue is full.
    pub async fn hash(&self, password: NewPassword) -> Result<String, HashingError> {
        self.run(move |worker| worker.hash(password.expose().as_bytes()))
            .await
    }

    /// Hashes a password that just proved right anew, with the present parameters.
    ///
    /// # Errors
    ///
    /// As [`Passwords::hash`].
    pub async fn rehash(&self, password: Arc<GivenPassword>) -> Result<String, HashingError> {
        self.run(move |worker| worker.hash(password.expose().as_bytes()))
            .await
    }

    /// Compares a password with a hash in PHC form. Without one, the same work is done and nothing matches.
    ///
    /// # Errors
    ///
    /// As [`Passwords::hash`].
    pub async fn compare(
        &self,
        password: Arc<GivenPassword>,
        hash: Option<String>,
    ) -> Result<Comparison, HashingError> {
        self.run(move |worker| worker.compare(password.expose().as_bytes(), hash.as_deref()))
            .await
    }

    /// How many hashes have been computed since the start: equal work is told by counting.
    #[must_use]
    pub fn hashes(&self) -> u64 {
        self.worker.hashes.load(Ordering::SeqCst)
    }

    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Worker) -> Result<T, HashingError> + Send + 'static,
    ) -> Result<T, HashingError> {
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| HashingError::Busy)?;
        let worker = Arc::clone(&self.worker);
        let (answer, answered) = oneshot::channel();
        self.threads.spawn(move || {
            // Who gave up waiting may not keep the others waiting.
            if answer.is_closed() {
                return;
            }
            let outcome = job(&worker);
            drop(place);
            // Nobody waits any more when the client has gone away.
            let _ = answer.send(outcome);
        });
        answered.await.unwrap_or_else(|_| {
            Err(HashingError::Failed(
                "the hashing thread gave no answer".into(),
            ))
        })
    }
}

impl Worker {
    fn hash(&self, password: &[u8]) -> Result<String, HashingError> {
        self.hashes.fetch_add(1, Ordering::SeqCst);
        let salt: [u8; 16] = random::bytes(self.random.as_ref())
            .map_err(|error| HashingError::Failed(error.to_string()))?;
        let hash = self.argon2.hash_password_with_salt(password, &salt);
        hash.map(|hash| hash.to_string())
            .map_err(|error| HashingError::Failed(error.to_string()))
    }

    fn compare(&self, password: &[u8], hash: Option<&str>) -> Result<Comparison, HashingError> {
        self.hashes.fetch_add(1, Ordering::SeqCst);
        let text = hash.unwrap_or(&self.stand_in);
        let parsed =
            PasswordHash::new(text).map_err(|error| HashingError::Failed(error.to_string()))?;
        let matches = self.argon2.verify_password(password, &parsed).is_ok() && hash.is_some();
        let params =
            Params::try_from(&parsed).map_err(|error| HashingError::Failed(error.to_string()))?;
        let outdated =
            params.m_cost() < self.params.m_cost() || params.t_cost() < self.params.t_cost();
        Ok(Comparison { matches, outdated })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::random::SystemRandom;

    const CHEAP: Settings = Settings {
        memory: 64,
        iterations: 1,
        concurrency: 1,
        queue: 1,
    };

    fn given(text: &str) -> Arc<GivenPassword> {
        Arc::new(GivenPassword::parse(text.to_owned()).unwrap())
    }

    fn start(settings: Settings) -> Passwords {
        Passwords::start(settings, Arc::new(SystemRandom)).unwrap()
    }

    #[tokio::test]
    async fn a_hash_matches_its_password_alone_and_every_comparison_is_one_hash() {
        let passwords = start(CHEAP);
        let hash = passwords.rehash(given("a right password")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{hash}");
        let right = passwords
            .compare(given("a right password"), Some(hash.clone()))
            .await
            .unwrap();
        assert_eq!(
            right,
            Comparison {
                matches: true,
                outdated: false
            }
        );
        let wrong = passwords
            .compare(given("a wrong password"), Some(hash))
            .await
            .unwrap();
        let nobody = passwords
            .compare(given("a wrong password"), None)
            .await
            .unwrap();
        assert_eq!((wrong.matches, nobody.matches), (false, false));
        assert_eq!(passwords.hashes(), 4);
    }

    #[tokio::test]
    async fn a_hash_with_lower_parameters_is_outdated() {
        let hash = start(CHEAP)
            .rehash(given("a right password"))
            .await
            .unwrap();
        let dearer = start(Settings {
            iterations: 2,
            ..CHEAP
        });
        let comparison = dearer
            .compare(given("a right password"), Some(hash))
            .await
            .unwrap();
        assert_eq!(
            comparison,
            Comparison {
                matches: true,
                outdated: true
            }
        );
    }

    #[tokio::test]
    async fn threat_32_what_does_not_fit_into_the_queue_is_refused_at_once() {
        let passwords = start(Settings { queue: 0, ..CHEAP });
        let held = Arc::clone(&passwords.places).try_acquire_owned().unwrap();
        let refused = passwords.compare(given("a password"), None).await;
        assert!(matches!(refused, Err(HashingError::Busy)));
        drop(held);
        assert!(passwords.compare(given("a password"), None).await.is_ok());
    }

    #[tokio::test]
    async fn threat_32_nothing_is_hashed_for_those_who_have_gone_away() {
        let passwords = start(Settings { queue: 8, ..CHEAP });
        let (release, held) = std::sync::mpsc::channel::<()>();
        passwords.threads.spawn(move || held.recv().unwrap());
        for _ in 0..8 {
            let asked = passwords.compare(given("a password"), None);
            assert!(
                tokio::time::timeout(std::time::Duration::from_millis(1), asked)
                    .await
                    .is_err()
            );
        }
        let waiting = passwords.compare(given("a password"), None);
        release.send(()).unwrap();
        assert!(waiting.await.is_ok());
        assert_eq!(
            (passwords.hashes(), passwords.places.available_permits()),
            (1, 9)
        );
    }
}
