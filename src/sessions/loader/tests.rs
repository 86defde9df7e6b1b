use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use async_trait::async_trait;
use tokio::sync::Notify;
use tower_sessions_core::SessionStore;
use tower_sessions_core::session::{Id, Record};
use tower_sessions_core::session_store::Result;

use super::*;
use crate::domain::clock::Timestamp;
use crate::domain::random::SystemRandom;
use crate::domain::session::Session;
use crate::sessions::to_record;

/// A store that answers when it is told to.
#[derive(Debug, Default)]
struct Slow {
    asked: AtomicUsize,
    go: Notify,
    broken: AtomicBool,
    held: AtomicBool,
}

#[async_trait]
impl SessionStore for Slow {
    async fn save(&self, _: &Record) -> Result<()> {
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.held.load(Ordering::SeqCst) {
            self.go.notified().await;
        }
        if self.broken.load(Ordering::SeqCst) {
            return Err(Error::Backend("broken".to_owned()));
        }
        Ok(Some(to_record(Token::from(*id), &Session::sample())))
    }

    async fn delete(&self, _: &Id) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl Store for Slow {
    async fn delete_by_hash(&self, _: &IdHash) -> Result<bool> {
        Ok(true)
    }

    async fn touch(&self, _: &[(IdHash, Timestamp)]) -> Result<()> {
        Ok(())
    }

    async fn watch(&self, _: Arc<Cache>) {}
}

struct House {
    store: Arc<Slow>,
    cache: Arc<Cache>,
    loader: Loader,
    token: Token,
}

fn house() -> House {
    let store = Arc::new(Slow::default());
    let cache = Arc::new(Cache::new(100, Duration::from_secs(5)));
    cache.link_up();
    House {
        loader: Loader::new(Arc::clone(&store) as Arc<dyn Store>, Arc::clone(&cache)),
        store,
        cache,
        token: Token::generate(&SystemRandom).unwrap(),
    }
}

async fn until(what: impl Fn() -> bool) {
    let began = Instant::now();
    while !what() {
        assert!(began.elapsed() < Duration::from_secs(30));
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn who_asks_at_the_same_time_is_answered_by_one_reading() {
    let house = house();
    house.store.held.store(true, Ordering::SeqCst);
    let asking: Vec<_> = (0..50)
        .map(|_| {
            let loader = house.loader.clone();
            tokio::spawn(async move { loader.load(house.token).await })
        })
        .collect();
    until(|| house.store.asked.load(Ordering::SeqCst) == 1).await;
    house.store.held.store(false, Ordering::SeqCst);
    house.store.go.notify_waiters();
    for task in asking {
        assert!(task.await.unwrap().unwrap().is_some());
    }
    // One that was spawned late may have begun a second one.
    assert!(house.store.asked.load(Ordering::SeqCst) <= 2);
    assert!(house.loader.0.under_way().is_empty());
}

#[tokio::test]
async fn a_reading_goes_on_when_nobody_waits_for_it() {
    let house = house();
    house.store.held.store(true, Ordering::SeqCst);
    let impatient = timeout(Duration::from_millis(10), house.loader.load(house.token));
    assert!(impatient.await.is_err());
    house.store.go.notify_one();
    until(|| house.cache.get(&house.token.hash()).is_some()).await;
}

#[tokio::test]
async fn threat_18_what_an_invalidation_overtook_is_read_again() {
    let house = house();
    house.store.held.store(true, Ordering::SeqCst);
    let loader = house.loader.clone();
    let asking = tokio::spawn(async move { loader.load(house.token).await });
    until(|| house.store.asked.load(Ordering::SeqCst) == 1).await;
    house.cache.forget(&house.token.hash());
    house.store.held.store(false, Ordering::SeqCst);
    house.store.go.notify_one();
    assert!(asking.await.unwrap().unwrap().is_some());
    assert_eq!(house.store.asked.load(Ordering::SeqCst), 2);
    assert!(house.cache.get(&house.token.hash()).is_some());
}

#[tokio::test]
async fn threat_21_a_store_that_fails_is_an_error_and_is_asked_again() {
    let house = house();
    house.store.broken.store(true, Ordering::SeqCst);
    assert!(house.loader.load(house.token).await.is_err());
    house.store.broken.store(false, Ordering::SeqCst);
    assert!(house.loader.load(house.token).await.unwrap().is_some());
    assert!(house.loader.0.under_way().is_empty());
}

#[tokio::test]
async fn threat_18_without_a_link_a_reading_of_a_while_ago_is_not_joined() {
    let house = house();
    house.cache.link_down();
    house.store.held.store(true, Ordering::SeqCst);
    let first = house.loader.clone();
    let first = tokio::spawn(async move { first.load(house.token).await });
    until(|| house.store.asked.load(Ordering::SeqCst) == 1).await;
    tokio::time::sleep(2 * FRESH).await;
    let second = house.loader.clone();
    let second = tokio::spawn(async move { second.load(house.token).await });
    until(|| house.store.asked.load(Ordering::SeqCst) == 2).await;
    house.store.go.notify_waiters();
    assert!(first.await.unwrap().unwrap().is_some());
    assert!(second.await.unwrap().unwrap().is_some());
    assert!(house.loader.0.under_way().is_empty());
}
