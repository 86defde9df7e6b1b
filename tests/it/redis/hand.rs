//! What somebody changes in the database by hand, while the sessions are in Redis.

use futures_util::future::join_all;

use super::{EMAIL, sessions};
use crate::nodes::{Nodes, became, by_hand, database};
use crate::support::postgres;
use crate::support::process::eventually;
use crate::support::redis::Redis;

/// A statement, and what every node answers afterwards about a visitor who was there as `staff` at `/staff`.
const CHANGES: [(&str, u16); 7] = [
    ("UPDATE users SET password_hash = password_hash", 200),
    ("UPDATE users SET roles = 'guest'", 403),
    ("UPDATE users SET roles = 'staff'", 200),
    ("UPDATE users SET disabled = TRUE", 401),
    ("UPDATE users SET disabled = FALSE", 200),
    ("UPDATE users SET epoch = epoch + 1", 401),
    ("UPDATE users SET epoch = epoch - 1", 200),
];

async fn site(url: &str) -> (Redis, Nodes) {
    let redis = Redis::start().await;
    let toml = format!("{}{}", database(url), sessions(&redis.url()));
    let nodes = Nodes::start(2, &toml).await;
    for node in nodes.all() {
        let heard = async || node.log().contains("are heard and told").then_some(());
        eventually("changes to be heard", heard).await;
    }
    nodes.registered(EMAIL).await;
    by_hand(url, "UPDATE users SET roles = 'staff'").await;
    (redis, nodes)
}

async fn answers(nodes: &Nodes, cookie: &str, status: u16) {
    let all = nodes.all().iter();
    join_all(all.map(|node| became(node, "/staff", cookie, status))).await;
}

async fn changes_are_told(url: &str) {
    let (redis, nodes) = site(url).await;
    let cookie = nodes.signed_in(EMAIL).await;
    answers(&nodes, &cookie, 200).await;
    for (statement, status) in CHANGES {
        by_hand(url, statement).await;
        answers(&nodes, &cookie, status).await;
    }
    // The list is not what counts.
    by_hand(url, "DELETE FROM sessions").await;
    // Roles that are none: nobody is let in, and what follows is heard all the same.
    by_hand(url, "UPDATE users SET roles = 'No Role'").await;
    answers(&nodes, &cookie, 503).await;
    by_hand(url, "UPDATE users SET roles = 'staff'").await;
    answers(&nodes, &cookie, 200).await;
    assert!(!redis.records().await.is_empty());
    by_hand(url, "DELETE FROM users").await;
    answers(&nodes, &cookie, 401).await;
}

#[tokio::test]
async fn threat_18_changes_by_hand_are_told_to_redis_from_postgres() {
    changes_are_told(&postgres::database().await).await;
}

#[tokio::test]
async fn threat_18_changes_by_hand_are_told_to_redis_from_sqlite() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("shared.db");
    changes_are_told(&format!("sqlite://{}", file.display())).await;
}

/// The announcement of a change whose commit had no answer is in Redis, and was never made.
#[tokio::test]
async fn what_was_announced_and_what_redis_lacks_stay_as_they_are() {
    let url = postgres::database().await;
    let (redis, nodes) = site(&url).await;
    let cookie = nodes.signed_in(EMAIL).await;
    let mut keys = redis.keys().await;
    keys.retain(|key| key.starts_with("doorward:user:"));
    let announced = "{\"version\":1000,\"epoch\":0,\"disabled\":true,\"roles\":[]}";
    redis.cli(&["set", &keys[0], announced]).await;
    nodes.denied(&cookie).await;
    by_hand(&url, "UPDATE users SET roles = 'guest'").await;
    nodes.denied(&cookie).await;
    assert_eq!(redis.cli(&["get", &keys[0]]).await, announced);
    redis.cli(&["del", &keys[0]]).await;
    answers(&nodes, &cookie, 403).await;
}
