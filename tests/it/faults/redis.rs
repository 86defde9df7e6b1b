//! Redis in trouble, with PostgreSQL beside it.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::chaos::{Dice, survive};
use super::site::{Site, Verdict, Wiring, until, verify};
use super::walk::{Refuses, Walk};
use crate::support::postgres::{self, Server};
use crate::support::redis::Redis;
use crate::support::relay::Relay;

/// A Redis that keeps what it has confirmed.
async fn durable() -> Redis {
    Redis::start_with("appendonly yes\nappendfsync always").await
}

/// Two nodes on a Redis of their own.
async fn on_own() -> (Redis, Walk) {
    let (redis, database) = (durable().await, postgres::database().await);
    let url = redis.url();
    let both = [&*database, &*url];
    let walk = Walk::begin(&Wiring::redis(both, both)).await;
    (redis, walk)
}

/// Two nodes, one of them by way of a relay.
async fn by_relay() -> (Redis, Relay, Walk) {
    let (redis, database) = (durable().await, postgres::database().await);
    let url = redis.url();
    let relay = Relay::to(&url);
    let (near, far) = (relay.url(&url), url);
    let walk = Walk::begin(&Wiring::redis([&database, &near], [&database, &far])).await;
    (redis, relay, walk)
}

async fn goes_away(end: impl AsyncFnOnce(&mut Redis)) {
    let (mut redis, mut walk) = on_own().await;
    let since = Instant::now();
    end(&mut redis).await;
    walk.expect_outage(since).await;
    redis.start_again().await;
    walk.expect_recovery().await;
}

#[tokio::test]
async fn threat_21_redis_that_is_stopped_or_killed() {
    tokio::join!(
        goes_away(async |redis| redis.stop().await),
        goes_away(async |redis| redis.kill().await),
    );
}

#[tokio::test]
async fn threat_21_redis_that_hangs() {
    let (mut redis, mut walk) = on_own().await;
    let since = Instant::now();
    redis.pause();
    walk.expect_outage(since).await;
    redis.go_on();
    walk.expect_recovery().await;
}

/// Whoever is known notices nothing, as long as it takes less than the grace.
#[tokio::test]
async fn threat_21_redis_that_is_restarted() {
    let (mut redis, database) = (durable().await, postgres::database().await);
    let url = redis.url();
    let both = [&*database, &*url];
    let mut wiring = Wiring::redis(both, both);
    wiring.grace = Duration::from_secs(30);
    let mut walk = Walk::begin(&wiring).await;
    let known = Verdict::of(&walk.known);
    let mut unnoticed = 0;
    for _ in 0..4 {
        let mut late = 0;
        let restart = async {
            redis.stop().await;
            redis.start_again().await;
            // The link needs a moment to be heard again, in which what is known counts.
            sleep(Duration::from_millis(500)).await;
        };
        let watch = async {
            loop {
                match verify(&walk.site.near, &walk.known.cookie).await {
                    // On a busy machine the first look-up after the restart may be late.
                    Verdict::Unavailable => late += 1,
                    verdict => assert_eq!(verdict, known),
                }
                sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::select! {
            () = restart => {}
            () = watch => {}
        }
        unnoticed += u32::from(late == 0);
        until(&walk.site.near, "a session", &walk.known.cookie, &known).await;
    }
    assert!(unnoticed > 0, "every restart was noticed");
    walk.expect_recovery().await;
}

async fn takes_no_writes(refuses: Refuses, words: [&[&str]; 2]) {
    let (redis, mut walk) = on_own().await;
    assert_eq!(redis.cli(words[0]).await, "OK");
    walk.expect_reading_only(refuses).await;
    assert_eq!(redis.cli(words[1]).await, "OK");
    walk.expect_recovery().await;
}

/// Read-only as after a failover that Doorward does not know of.
#[tokio::test]
async fn threat_21_redis_that_is_read_only_or_full() {
    let read_only: [&[&str]; 2] = [
        &["replicaof", "127.0.0.1", "1"],
        &["replicaof", "no", "one"],
    ];
    let full: [&[&str]; 2] = [
        &["config", "set", "maxmemory", "1"],
        &["config", "set", "maxmemory", "0"],
    ];
    tokio::join!(
        takes_no_writes(Refuses::Everything, read_only),
        takes_no_writes(Refuses::Growth, full),
    );
}

#[tokio::test]
async fn threat_21_redis_behind_a_network_that_is_cut() {
    let (_redis, relay, mut walk) = by_relay().await;
    for _ in 0..2 {
        let since = Instant::now();
        relay.cut();
        walk.expect_outage(since).await;
        relay.mend();
        walk.expect_recovery().await;
    }
}

#[tokio::test]
async fn threat_21_redis_behind_a_network_that_passes_nothing() {
    let (_redis, relay, mut walk) = by_relay().await;
    let since = Instant::now();
    relay.stall();
    walk.expect_outage(since).await;
    relay.mend();
    walk.expect_recovery().await;
}

#[tokio::test]
async fn threat_21_redis_that_answers_half_a_second_late() {
    let (_redis, relay, mut walk) = by_relay().await;
    relay.delay(Duration::from_millis(500));
    walk.expect_slowness().await;
    relay.mend();
    walk.expect_recovery().await;
}

/// As when a firewall forgets them: connections fall silent, new ones are fine.
#[tokio::test]
async fn threat_21_redis_whose_connections_are_lost() {
    let (_redis, relay, mut walk) = by_relay().await;
    for _ in 0..2 {
        relay.lose();
        walk.expect_recovery().await;
    }
}

/// Whoever is signed in notices nothing: verification asks Redis alone.
#[tokio::test]
async fn threat_21_redis_without_its_database() {
    let (redis, mut server) = (durable().await, Server::start().await);
    let (url, database) = (redis.url(), server.database().await);
    let both = [&*database, &*url];
    let mut walk = Walk::begin(&Wiring::redis(both, both)).await;
    server.stop().await;
    walk.expect_reading_only(Refuses::Database).await;
    server.start_again().await;
    walk.expect_recovery().await;
}

#[tokio::test]
async fn threat_21_nothing_confirmed_is_lost_while_redis_fails_at_random() {
    let (mut redis, mut server) = (durable().await, Server::start().await);
    let (url, database) = (redis.url(), server.database().await);
    let relay = Relay::to(&url);
    let near = [&*database, &relay.url(&url)];
    let site = Site::start(&Wiring::redis(near, [&database, &url])).await;
    survive(&site, &Dice::new(), async |dice| {
        match dice.roll(8) {
            0 => {
                redis.pause();
                dice.pause(100, 2500).await;
                redis.go_on();
            }
            1 => {
                redis.stop().await;
                dice.pause(10, 1500).await;
                redis.start_again().await;
            }
            2 => {
                redis.kill().await;
                dice.pause(10, 500).await;
                redis.start_again().await;
            }
            3 => {
                server.crash().await;
                dice.pause(10, 500).await;
                server.start_again().await;
            }
            4 => {
                redis.cli(&["config", "set", "maxmemory", "1"]).await;
                dice.pause(100, 1500).await;
                redis.cli(&["config", "set", "maxmemory", "0"]).await;
            }
            5 => relay.cut(),
            6 => relay.stall(),
            _ => relay.lose(),
        }
        dice.pause(50, 2500).await;
        relay.mend();
    })
    .await;
}
