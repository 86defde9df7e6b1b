//! What ends a session ends it on every node, whoever did it and however.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use tokio::time::{Duration, sleep};

use super::{EMAIL, Site, inside};
use crate::nodes::scenarios::{self, sign_out};
use crate::nodes::{asked, became};
use crate::operator::operate;
use crate::visitor::{sign_in, who};

#[tokio::test]
async fn threat_18_what_ends_sessions_ends_them_at_every_node_on_redis() {
    let site = Site::start(3).await;
    scenarios::everything_that_ends_sessions(&site.nodes).await;
    scenarios::begun_anywhere(&site.nodes).await;
    assert_eq!(site.redis.records().await.len(), 2, "two registrations'");
}

#[tokio::test]
async fn threat_18_a_key_deleted_by_hand_ends_the_session_at_once() {
    let site = Site::start(2).await;
    site.nodes.registered(EMAIL).await;
    for _ in 0..3 {
        let cookie = site.nodes.signed_in(EMAIL).await;
        for key in site.redis.records().await {
            assert_eq!(site.redis.cli(&["del", &key]).await, "1");
        }
        site.nodes.denied(&cookie).await;
    }
}

#[tokio::test]
async fn threat_18_an_emptied_redis_signs_everybody_out_and_works_on() {
    let site = Site::start(2).await;
    site.nodes.registered(EMAIL).await;
    for command in ["flushdb", "flushall", "flushdb", "flushdb"] {
        let cookie = site.nodes.signed_in(EMAIL).await;
        assert_eq!(site.redis.cli(&[command]).await, "OK");
        site.nodes.denied(&cookie).await;
    }
}

/// Signed out by the list, at the same node and at the other one.
#[tokio::test]
async fn the_list_of_sessions_is_the_databases() {
    let site = Site::start(2).await;
    site.nodes.registered(EMAIL).await;
    let words = ["session", "list", EMAIL, "--json"];
    let count = async || {
        let listed = site.nodes.first().command(&words).await;
        let listed: Vec<serde_json::Value> = serde_json::from_slice(&listed.stdout).expect("JSON");
        listed.len()
    };
    assert_eq!(count().await, 1);
    let cookie = site.nodes.signed_in(EMAIL).await;
    assert_eq!((count().await, site.redis.records().await.len()), (2, 2));
    sign_out(&site.nodes.others()[0], &cookie).await;
    assert_eq!((count().await, site.redis.records().await.len()), (1, 1));
}

#[tokio::test]
async fn threat_18_ten_thousand_sessions_revoked_at_once_are_dead_everywhere() {
    const COUNT: usize = 10_000;
    let site = Site::start(2).await;
    let cookie = site.nodes.registered(EMAIL).await;
    let user = who(site.nodes.first(), &cookie).await.expect("known");
    let cookies = inside::begin_many(&site, &user, COUNT).await;
    assert_eq!(site.redis.records().await.len(), COUNT + 1);
    // Every node has a thousand of them in memory.
    let cookies: Vec<_> = cookies.into_iter().step_by(10).collect();
    for node in site.nodes.all() {
        for batch in cookies.chunks(16) {
            let known = batch
                .iter()
                .map(|cookie| became(node, "/private", cookie, 200));
            join_all(known).await;
        }
    }
    operate(site.nodes.first(), &["session", "revoke", EMAIL, "--all"]).await;
    site.nodes.denied(&cookie).await;
    for node in site.nodes.all() {
        for batch in cookies.chunks(16) {
            let denied = batch
                .iter()
                .map(|cookie| became(node, "/private", cookie, 401));
            join_all(denied).await;
        }
    }
    assert_eq!(site.redis.records().await.len(), 0);
}

/// Whoever is signed out while nodes are reading the session is out on all of them when that is confirmed, or a moment
/// later, and stays out.
#[tokio::test]
async fn threat_18_reading_races_with_revoking_and_loses() {
    let site = Arc::new(Site::start(2).await);
    site.nodes.registered(EMAIL).await;
    for round in 0..10_u64 {
        let nodes = site.nodes.all();
        let [here, there] = if round % 2 == 0 { [0, 1] } else { [1, 0] };
        let answer = sign_in(&nodes[here], &[], EMAIL).await;
        let cookie = answer.cookie("SESSION").pair();
        let stop = Arc::new(AtomicBool::new(false));
        let read = |reader: usize| {
            let (site, stop, cookie) = (Arc::clone(&site), Arc::clone(&stop), cookie.clone());
            tokio::spawn(async move {
                while !stop.load(Ordering::SeqCst) {
                    let status = asked(&site.nodes.all()[reader % 2], "/private", &cookie).await;
                    // On a busy machine the store may be late.
                    assert!(matches!(status, 200 | 401 | 503), "{status}");
                }
            })
        };
        let readers: Vec<_> = (0..8).map(read).collect();
        sleep(Duration::from_millis(round % 5)).await;
        sign_out(&nodes[there], &cookie).await;
        site.nodes.denied(&cookie).await;
        stop.store(true, Ordering::SeqCst);
        for reader in readers {
            reader.await.expect("no other answer");
        }
        site.nodes.denied(&cookie).await;
    }
}
