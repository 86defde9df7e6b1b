//! What other parts count, read when somebody asks.
//!
//! Must not wait: every value lies in memory.

use std::sync::atomic::Ordering;

use prometheus::proto::MetricFamily;

use super::exposition::{labelled, single};
use super::{names, process};
use crate::http::Door;
use crate::services::Stats;
use crate::services::sessions::LinkState;

/// One family for each value.
pub(super) fn read(door: &Door) -> Vec<MetricFamily> {
    let stats = door.services.stats();
    let mut families = about(door, &stats);
    families.extend(cache(door, &stats));
    families.extend(redis(&stats));
    families.extend(hashing(&stats));
    families.extend(database(&stats));
    families.extend(process::read());
    families
}

fn about(door: &Door, stats: &Stats) -> Vec<MetricFamily> {
    let about = &door.metrics.about;
    let version = env!("CARGO_PKG_VERSION");
    let database = stats.database.kind;
    let draining = door.draining.load(Ordering::SeqCst);
    vec![
        labelled(names::BUILD, &[version, database, about.store], 1),
        single(names::STARTED, about.started.unix_seconds()),
        single(names::DRAINING, draining.into()),
    ]
}

fn cache(door: &Door, stats: &Stats) -> [MetricFamily; 6] {
    let stats = &stats.cache;
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

fn redis(stats: &Stats) -> Option<MetricFamily> {
    let connected = stats.redis?;
    Some(single(names::REDIS_CONNECTED, connected.into()))
}

fn hashing(stats: &Stats) -> [MetricFamily; 6] {
    let stats = &stats.hashing;
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

fn database(stats: &Stats) -> [MetricFamily; 3] {
    let stats = &stats.database;
    [
        single(names::DATABASE_OPEN, stats.open.into()),
        single(names::DATABASE_IDLE, stats.idle.into()),
        single(names::DATABASE_MAX, stats.max.into()),
    ]
}
