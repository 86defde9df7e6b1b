//! Waiting for a thread and for memory.
//!
//! A job takes its place in the queue, waits in order for as many shares of the memory as it needs, and runs on a thread
//! of its own: there are as many threads as shares. Whoever gives up waiting leaves the queue at once. Must not know
//! what a job does.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use tokio::sync::{Semaphore, oneshot};

use super::HashingError;

/// Threads, and the queue before them.
#[derive(Debug)]
pub(super) struct Queue {
    pool: rayon::ThreadPool,
    threads: usize,
    length: usize,
    places: Arc<Semaphore>,
    shares: Arc<Semaphore>,
    busy: Arc<AtomicUsize>,
    refused: AtomicU64,
}

/// Counted as long as it is there, also when a job panics.
struct AtWork(Arc<AtomicUsize>);

impl AtWork {
    fn begin(busy: &Arc<AtomicUsize>) -> Self {
        busy.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(busy))
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Queue {
    /// Starts the threads.
    ///
    /// # Errors
    ///
    /// When they can't be started.
    pub(super) fn start(threads: usize, length: usize) -> Result<Self, HashingError> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|index| format!("hashing-{index}"))
            .start_handler(|_| yield_to_others())
            .panic_handler(|_| tracing::error!("a hashing thread panicked"))
            .build()
            .map_err(HashingError::failed)?;
        Ok(Self {
            pool,
            threads,
            length,
            places: Arc::new(Semaphore::new(threads.saturating_add(length))),
            shares: Arc::new(Semaphore::new(threads)),
            busy: Arc::default(),
            refused: AtomicU64::new(0),
        })
    }

    /// Runs a job that needs so many shares of the memory; one that needs more than there are runs alone.
    ///
    /// # Errors
    ///
    /// [`HashingError::Busy`] when the queue is full; else the job's own.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        shares: usize,
        job: impl FnOnce() -> Result<T, HashingError> + Send + 'static,
    ) -> Result<T, HashingError> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| {
            self.refused.fetch_add(1, Ordering::Relaxed);
            HashingError::Busy
        })?;
        let shares = shares.clamp(1, self.threads);
        let shares = u32::try_from(shares).map_err(HashingError::failed)?;
        let shares = Arc::clone(&self.shares).acquire_many_owned(shares).await;
        let shares = shares.map_err(HashingError::failed)?;
        let at_work = AtWork::begin(&self.busy);
        let (answer, answered) = oneshot::channel();
        self.pool.spawn(move || {
            // Whoever gave up waiting may not keep the others waiting.
            if answer.is_closed() {
                return;
            }
            let outcome = job();
            drop((at_work, shares, place));
            // Nobody waits any more when the client has gone away.
            let _ = answer.send(outcome);
        });
        answered.await.unwrap_or_else(|_| {
            Err(HashingError::Failed(
                "the hashing thread gave no answer".into(),
            ))
        })
    }

    /// Threads there are.
    pub(super) const fn threads(&self) -> usize {
        self.threads
    }

    /// Jobs that may wait.
    pub(super) const fn length(&self) -> usize {
        self.length
    }

    /// Jobs that run.
    pub(super) fn busy(&self) -> usize {
        self.busy.load(Ordering::Relaxed)
    }

    /// Jobs that wait.
    pub(super) fn queued(&self) -> usize {
        let places = self.threads.saturating_add(self.length);
        places
            .saturating_sub(self.places.available_permits())
            .saturating_sub(self.busy())
    }

    /// Jobs that were refused since the start.
    pub(super) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
}

/// Gives this thread the lowest priority, so that it works when the threads that serve have nothing to do. On other
/// systems than Linux it would be that of the whole process.
fn yield_to_others() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(19) {
        tracing::warn!(%error, "a hashing thread could not be given a low priority");
    }
}
