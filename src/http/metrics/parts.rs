//! What other parts count, read when somebody asks.
//!
//! Must not wait: every value lies in memory.

use std::sync::atomic::Ordering;

use prometheus::proto::MetricFamily;

use super::exposition::{labelled, single};
use super::{names, process};
use crate::http::Door;
use crate::services::sessions::LinkState;

/// One family for each value.
pub(super) fn read(door: &Door) -> Vec<MetricFamily> {
    let mut families = about(door);
    families.extend(cache(door));
    families.extend(redis(door));
    families.extend(hashing(door));
    families.extend(database(door));
    families.extend(process::read());
    families
}

fn about(door: &Door) -> Vec<MetricFamily> {
    let about = &door.metrics.about;
    let version = env!("CARGO_PKG_VERSION");
    let database = door.services.database.stats().kind;
    let draining = door.draining.load(Ordering::SeqCst);
    vec![
        labelled(names::BUILD, &[version, database, about.store], 1),
        single(names::STARTED, about.started.unix_seconds()),
        single(names::DRAINING, draining.into()),
    ]
}

fn cache(door: &Door) -> [MetricFamily; 6] {
    let stats = door.services.sessions.cache.stats();
    let store = door.metrics.about.store;
    let up = stats.link == LinkState::Up;
    let trusted = stats.link != LinkState::Down;
    [
        single(names::CACHE_HITS, stats.hits),
        single(names::CACHE_MISSES, stats.misses),
        single(names::CACHE_INVALIDATIONS, stats.invalidations),
        single(names::CACHE_ENTRIES, stats.entries),
        single(names::CACHE_TRUSTED, trusted.into()),
        labelled(names::LINK_UP, &[store], up.into()),
    ]
}

fn redis(door: &Door) -> Option<MetricFamily> {
    let connected = door.services.sessions.store.connected()?;
    Some(single(names::REDIS_CONNECTED, connected.into()))
}

fn hashing(door: &Door) -> [MetricFamily; 6] {
    let stats = door.services.login.passwords.stats();
    let number = |number| u64::try_from(number).unwrap_or(u64::MAX);
    [
        single(names::HASHING_QUEUE, number(stats.queued)),
        single(names::HASHING_QUEUE_MAX, number(stats.queue)),
        single(names::HASHING_BUSY, number(stats.busy)),
        single(names::HASHING_THREADS, number(stats.threads)),
        single(names::HASHING_REFUSED, stats.refused),
        single(names::HASHES, stats.hashes),
    ]
}

fn database(door: &Door) -> [MetricFamily; 3] {
    let stats = door.services.database.stats();
    [
        single(names::DATABASE_OPEN, stats.open.into()),
        single(names::DATABASE_IDLE, stats.idle.into()),
        single(names::DATABASE_MAX, stats.max.into()),
    ]
}
