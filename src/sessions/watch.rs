//! Watching a store for as long as there is anybody to watch it for.
//!
//! Whatever a store's own link does, a link that nobody keeps is down, and one that panicked is made anew. Must not know
//! any store.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::time::sleep;

use super::{Cache, Store};

/// The pause before a link that ended is made anew.
const PAUSE: Duration = Duration::from_secs(2);

/// Has `store` keep `cache` coherent for as long as this is polled.
pub async fn watch(store: &dyn Store, cache: &Arc<Cache>) {
    let _down = DownAtTheEnd(cache);
    loop {
        survived("the link to the store", store.watch(Arc::clone(cache))).await;
        cache.link_down();
        sleep(PAUSE).await;
    }
}

/// What it yields; nothing when it panicked.
pub(super) async fn survived<T>(what: &str, work: impl Future<Output = T>) -> Option<T> {
    let done = AssertUnwindSafe(work).catch_unwind().await.ok();
    if done.is_none() {
        tracing::error!(what, "a task panicked; it is begun anew");
    }
    done
}

/// A link that nobody keeps is down.
struct DownAtTheEnd<'c>(&'c Cache);

impl Drop for DownAtTheEnd<'_> {
    fn drop(&mut self) {
        self.0.link_down();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_trait::async_trait;
    use tower_sessions_core::SessionStore;
    use tower_sessions_core::session::{Id, Record};
    use tower_sessions_core::session_store::Result;

    use super::*;
    use crate::domain::clock::Timestamp;
    use crate::storage::sessions::IdHash;

    /// A store whose link comes up and panics, and then comes up and stays.
    #[derive(Debug, Default)]
    struct Panicking(AtomicUsize);

    #[async_trait]
    impl SessionStore for Panicking {
        async fn save(&self, _: &Record) -> Result<()> {
            Ok(())
        }

        async fn load(&self, _: &Id) -> Result<Option<Record>> {
            Ok(None)
        }

        async fn delete(&self, _: &Id) -> Result<()> {
            Ok(())
        }
    }

    #[async_trait]
    impl Store for Panicking {
        async fn delete_by_hash(&self, _: &IdHash) -> Result<bool> {
            Ok(false)
        }

        async fn touch(&self, _: &[(IdHash, Timestamp)]) -> Result<()> {
            Ok(())
        }

        async fn watch(&self, cache: Arc<Cache>) {
            cache.link_up();
            let times = self.0.fetch_add(1, Ordering::SeqCst);
            assert!(times > 0, "on purpose");
            std::future::pending::<()>().await;
        }
    }

    #[tokio::test]
    async fn a_link_that_panicked_is_down_and_made_anew_and_down_when_it_is_left() {
        let store = Panicking::default();
        let cache = Arc::new(Cache::new(10, Duration::ZERO));
        {
            let watching = watch(&store, &cache);
            tokio::pin!(watching);
            assert_eq!(watching.as_mut().now_or_never(), None);
            assert!(!cache.is_linked(), "it panicked");
            let anew = async {
                while !cache.is_linked() {
                    sleep(Duration::from_millis(5)).await;
                }
            };
            tokio::select! {
                () = watching.as_mut() => unreachable!("it is kept for ever"),
                made = tokio::time::timeout(10 * PAUSE, anew) => made.expect("made anew"),
            }
            assert_eq!(store.0.load(Ordering::SeqCst), 2);
        }
        assert!(!cache.is_linked(), "nobody keeps it");
    }
}
