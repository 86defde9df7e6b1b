//! PostgreSQL in trouble.

use std::time::Duration;

use futures_util::future::join_all;
use sqlx::{Connection as _, Executor as _, PgConnection};
use tokio::time::{Instant, sleep};

use super::chaos::{Dice, survive};
use super::site::{Site, Verdict, Wiring, register, until, verify};
use super::walk::{Refuses, Walk};
use crate::support::postgres::{self, Server};
use crate::support::relay::Relay;

/// Two nodes on a server of their own.
async fn on_own(server: &Server) -> Walk {
    let url = server.database().await;
    Walk::begin(&Wiring::database(&url, &url)).await
}

/// Two nodes, one of them by way of a relay.
async fn by_relay() -> (Relay, Walk) {
    let url = postgres::database().await;
    let relay = Relay::to(&url);
    let walk = Walk::begin(&Wiring::database(&relay.url(&url), &url)).await;
    (relay, walk)
}

async fn goes_away(end: impl AsyncFnOnce(&mut Server)) {
    let mut server = Server::start().await;
    let mut walk = on_own(&server).await;
    let since = Instant::now();
    end(&mut server).await;
    walk.expect_outage(since).await;
    server.start_again().await;
    walk.expect_recovery().await;
}

#[tokio::test]
async fn threat_21_postgres_that_is_stopped_or_crashes() {
    tokio::join!(
        goes_away(async |server| server.stop().await),
        goes_away(async |server| server.crash().await),
    );
}

#[tokio::test]
async fn threat_21_postgres_that_hangs() {
    let server = Server::start().await;
    let mut walk = on_own(&server).await;
    let since = Instant::now();
    server.pause();
    walk.expect_outage(since).await;
    server.resume();
    walk.expect_recovery().await;
}

/// Whoever is known notices nothing, as long as it takes less than the grace.
#[tokio::test]
async fn threat_21_postgres_that_is_restarted() {
    let mut server = Server::start().await;
    let url = server.database().await;
    let mut wiring = Wiring::database(&url, &url);
    wiring.grace = Duration::from_secs(30);
    let mut walk = Walk::begin(&wiring).await;
    let known = Verdict::of(&walk.known);
    let mut unnoticed = 0;
    for _ in 0..4 {
        let mut late = 0;
        let restart = async {
            server.stop().await;
            server.start_again().await;
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
        // What was known is forgotten when the link is heard again, and looked up anew.
        until(&walk.site.near, "a session", &walk.known.cookie, &known).await;
    }
    assert!(unnoticed > 0, "every restart was noticed");
    walk.expect_recovery().await;
}

#[tokio::test]
async fn threat_21_postgres_that_is_read_only() {
    let server = Server::start().await;
    let mut walk = on_own(&server).await;
    server.set_read_only(true).await;
    walk.expect_reading_only(Refuses::Everything).await;
    server.set_read_only(false).await;
    walk.expect_recovery().await;
}

#[tokio::test]
async fn threat_21_postgres_whose_disk_is_full() {
    let server = Server::start_on_small_disk().await;
    let mut walk = on_own(&server).await;
    server.fill().await;
    walk.expect_reading_only(Refuses::Growth).await;
    server.make_room().await;
    walk.expect_recovery().await;
}

#[tokio::test]
async fn threat_21_postgres_behind_a_network_that_is_cut() {
    let (relay, mut walk) = by_relay().await;
    for _ in 0..2 {
        let since = Instant::now();
        relay.cut();
        walk.expect_outage(since).await;
        relay.mend();
        walk.expect_recovery().await;
    }
}

#[tokio::test]
async fn threat_21_postgres_behind_a_network_that_passes_nothing() {
    let (relay, mut walk) = by_relay().await;
    let since = Instant::now();
    relay.stall();
    walk.expect_outage(since).await;
    relay.mend();
    walk.expect_recovery().await;
}

#[tokio::test]
async fn threat_21_postgres_that_answers_half_a_second_late() {
    let (relay, mut walk) = by_relay().await;
    relay.delay(Duration::from_millis(500));
    walk.expect_slowness().await;
    relay.mend();
    walk.expect_recovery().await;
}

/// As when a firewall forgets them: connections that are in use and that lie idle fall silent, new ones are fine.
#[tokio::test]
async fn threat_21_postgres_whose_connections_are_lost() {
    let (relay, mut walk) = by_relay().await;
    let near = &walk.site.near;
    let enter = async |email: String| register(near, &email).await.status.as_u16();
    let first = join_all((0..24).map(|n| enter(format!("first-{n}@example.com")))).await;
    assert!(first.contains(&201), "the pool is full: {first:?}");
    relay.delay(Duration::from_millis(500));
    let busy = join_all((0..24).map(|n| enter(format!("second-{n}@example.com"))));
    let lose = async {
        sleep(Duration::from_millis(700)).await;
        relay.lose();
        relay.mend();
    };
    let (second, ()) = tokio::join!(busy, lose);
    assert!(
        second.iter().all(|status| matches!(status, 201 | 503)),
        "{second:?}"
    );
    walk.expect_recovery().await;
}

/// A table that somebody holds hangs just what asks for it.
#[tokio::test]
async fn threat_21_postgres_with_a_table_that_is_locked() {
    let url = postgres::database().await;
    let mut walk = Walk::begin(&Wiring::database(&url, &url)).await;
    let mut operator = PgConnection::connect(&url).await.expect("the cluster runs");
    let mut lock = operator.begin().await.expect("a transaction");
    let statement = lock.execute("LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE");
    statement.await.expect("a lock");
    walk.expect_locked().await;
    lock.rollback().await.expect("the end of the lock");
    walk.expect_recovery().await;
}

#[tokio::test]
async fn threat_21_nothing_confirmed_is_lost_while_postgres_fails_at_random() {
    let mut server = Server::start().await;
    let url = server.database().await;
    let relay = Relay::to(&url);
    let site = Site::start(&Wiring::database(&relay.url(&url), &url)).await;
    survive(&site, &Dice::new(), async |dice| {
        match dice.roll(7) {
            0 => {
                server.pause();
                dice.pause(100, 2500).await;
                server.resume();
            }
            1 => {
                server.stop().await;
                dice.pause(10, 1500).await;
                server.start_again().await;
            }
            2 => {
                server.crash().await;
                dice.pause(10, 500).await;
                server.start_again().await;
            }
            3 => {
                server.set_read_only(true).await;
                dice.pause(100, 1000).await;
                server.set_read_only(false).await;
            }
            4 => relay.cut(),
            5 => relay.stall(),
            _ => relay.lose(),
        }
        dice.pause(50, 2500).await;
        relay.mend();
    })
    .await;
}
