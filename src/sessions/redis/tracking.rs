//! Whether sessions are read on connections whose changes are heard of.
//!
//! The client connects again by itself, and repeats what was under way on a connection that Redis does not track yet.
//! It notes each new connection before the connection is used. So whoever has read something asks here, after the
//! reading, whether there were any: then the link is down before anything is kept. docs/decisions/0013-redis.md goes
//! through the cases. Must not ask Redis.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use fred::clients::Client;
use fred::error::Error as RedisError;
use fred::interfaces::EventInterface as _;
use fred::types::ClusterStateChange;
use fred::types::config::Server;
use futures_util::FutureExt as _;
use tokio::sync::Notify;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;

use crate::sessions::Cache;

/// Watches the connections of the client that reads.
#[derive(Debug)]
pub(super) struct Tracking {
    events: Mutex<Events>,
    /// What follows the link; set as soon as anybody watches it.
    cache: OnceLock<Arc<Cache>>,
    lost: Notify,
}

#[derive(Debug)]
struct Events {
    connections: Receiver<Server>,
    topology: Receiver<Vec<ClusterStateChange>>,
    unresponsive: Receiver<Server>,
    errors: Receiver<(RedisError, Option<Server>)>,
    last_error: Option<String>,
}

impl Tracking {
    /// Watches `reader`, which must not have connected yet.
    pub(super) fn of(reader: &Client) -> Self {
        Self {
            events: Mutex::new(Events {
                connections: reader.reconnect_rx(),
                topology: reader.cluster_change_rx(),
                unresponsive: reader.unresponsive_rx(),
                errors: reader.error_rx(),
                last_error: None,
            }),
            cache: OnceLock::new(),
            lost: Notify::new(),
        }
    }

    /// From now on `cache` follows the link.
    pub(super) fn attach(&self, cache: Arc<Cache>) {
        // Whoever watches twice watches the same cache.
        let _ = self.cache.set(cache);
    }

    /// The cache that follows the link, if anybody watches it.
    pub(super) fn cache(&self) -> Option<&Arc<Cache>> {
        self.cache.get()
    }

    /// To be called after every reading and before what was read is handed out: when a connection has been replaced
    /// since the link came up, the link is down from here on.
    pub(super) fn check(&self) {
        self.settle(&mut self.events());
    }

    /// Forgets what has happened so far: what is done from now on is done on connections that are there now, or noted.
    pub(super) fn begin(&self) {
        self.events().drain();
    }

    /// The link is up, unless a connection has been replaced since [`Tracking::begin`]. Yields whether it is.
    pub(super) fn up(&self) -> bool {
        let mut events = self.events();
        if self.settle(&mut events) {
            return false;
        }
        // Whoever found an earlier loss has nothing to say about this link.
        let _ = self.lost.notified().now_or_never();
        if let Some(cache) = self.cache() {
            cache.link_up();
        }
        true
    }

    /// The link is down.
    pub(super) fn down(&self) {
        let _events = self.events();
        if let Some(cache) = self.cache() {
            cache.link_down();
        }
    }

    /// Done as soon as somebody has found the link down.
    pub(super) async fn lost(&self) {
        self.lost.notified().await;
    }

    /// Why the last connection failed, since the link was up.
    pub(super) fn last_error(&self) -> Option<String> {
        let mut events = self.events();
        self.settle(&mut events);
        events.last_error.clone()
    }

    /// Under the lock, so that nobody brings the link up between the finding and the taking down.
    fn settle(&self, events: &mut Events) -> bool {
        let is_lost = events.drain();
        if is_lost {
            if let Some(cache) = self.cache() {
                cache.link_down();
            }
            self.lost.notify_one();
        }
        is_lost
    }

    fn events(&self) -> MutexGuard<'_, Events> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Events {
    /// Whether anything has happened that ends the tracking of some connection.
    fn drain(&mut self) -> bool {
        let mut found = false;
        while let Some(event) = next(&mut self.errors) {
            found = true;
            if let Some((error, _)) = event {
                self.last_error = Some(error.to_string());
            }
        }
        while next(&mut self.connections).is_some() {
            found = true;
        }
        while next(&mut self.topology).is_some() {
            found = true;
        }
        while next(&mut self.unresponsive).is_some() {
            found = true;
        }
        found
    }
}

/// The next event; without its contents when some were dropped; nothing when there is none.
fn next<T: Clone>(events: &mut Receiver<T>) -> Option<Option<T>> {
    match events.try_recv() {
        Ok(event) => Some(Some(event)),
        Err(TryRecvError::Lagged(_)) => Some(None),
        Err(TryRecvError::Empty | TryRecvError::Closed) => None,
    }
}
