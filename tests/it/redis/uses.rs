//! Uses of sessions: written to Redis and to the list, and no reason to forget or to bring back anything.

use std::time::Duration;

use doorward::storage::sessions as rows;

use super::inside::{IDLE, Inside};
use crate::support::process::eventually;
use crate::support::redis::Redis;

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn what_is_known_is_answered_from_memory() {
    let redis = Redis::start().await;
    let node = Inside::start(&redis).await;
    let token = node.register().await.token;
    assert!(node.is_alive(token).await);
    let before = node.hits();
    for _ in 0..100 {
        assert!(node.is_alive(token).await);
    }
    assert_eq!(node.hits(), before + 100);
}

#[tokio::test]
async fn a_use_is_written_where_another_node_and_the_list_see_it() {
    let redis = Redis::start().await;
    let node = Inside::start(&redis).await;
    let other = node.beside(&redis).await;
    let begun = node.register().await;
    let key = redis.records().await.remove(0);
    let ends = async || {
        let ends = redis.cli(&["expiretime", &key]).await;
        ends.parse::<u64>().expect("a moment")
    };
    let before = ends().await;
    assert!(
        other.is_alive(begun.token).await,
        "known, and never used here"
    );
    for _ in 0..4 {
        node.clock.advance(20 * MINUTE);
        assert!(node.is_alive(begun.token).await);
        assert_eq!(node.flush().await, 1);
    }
    assert_eq!(
        ends().await,
        before + 80 * 60,
        "kept as long as it can live"
    );
    let hash = begun.token.hash();
    let mut db = node
        .services
        .database
        .acquire()
        .await
        .expect("a connection");
    let row = rows::find(&mut db, &hash)
        .await
        .expect("read")
        .expect("a row");
    let lasted = row.last_seen_at.since(begun.session.last_seen_at);
    assert_eq!(lasted, 80 * MINUTE);
    drop(db);
    assert!(
        other.is_alive(begun.token).await,
        "80 minutes without a use here"
    );
    node.clock.advance(IDLE);
    assert!(!other.is_alive(begun.token).await);
    assert!(!node.is_alive(begun.token).await);
}

/// Redis stops to watch a key for the connection that changes it.
#[tokio::test]
async fn threat_18_a_session_whose_use_was_just_written_is_still_watched() {
    let redis = Redis::start().await;
    let node = Inside::start(&redis).await;
    let token = node.register().await.token;
    assert!(node.is_alive(token).await);
    node.clock.advance(MINUTE);
    assert!(node.is_alive(token).await);
    let before = node.hits();
    assert_eq!(node.flush().await, 1);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(node.is_alive(token).await);
    assert_eq!(node.hits(), before + 1, "its own writing is no news to it");
    let key = redis.records().await.remove(0);
    assert_eq!(redis.cli(&["del", &key]).await, "1");
    eventually("the session to be forgotten", async || {
        (!node.is_alive(token).await).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_use_that_is_written_late_brings_nothing_back() {
    let redis = Redis::start().await;
    let node = Inside::start(&redis).await;
    let other = node.beside(&redis).await;
    let token = node.register().await.token;
    node.clock.advance(MINUTE);
    assert!(node.is_alive(token).await);
    other
        .services
        .sessions
        .revoke(token)
        .await
        .expect("revoked");
    node.flush().await;
    assert_eq!(redis.records().await, Vec::<String>::new());
    eventually("the session to be forgotten", async || {
        (!node.is_alive(token).await).then_some(())
    })
    .await;
}

#[tokio::test]
async fn nodes_that_serve_one_session_do_not_all_write_it() {
    let redis = Redis::start().await;
    let node = Inside::start(&redis).await;
    let other = node.beside(&redis).await;
    let token = node.register().await.token;
    node.clock.advance(MINUTE);
    assert!(node.is_alive(token).await);
    assert!(other.is_alive(token).await);
    node.flush().await;
    let key = redis.records().await.remove(0);
    let written = redis.cli(&["--no-raw", "get", &key]).await;
    node.clock.advance(Duration::from_secs(10));
    assert!(other.is_alive(token).await);
    other.flush().await;
    assert_eq!(redis.cli(&["--no-raw", "get", &key]).await, written);
}

#[tokio::test]
async fn a_remembered_session_is_kept_to_its_absolute_end() {
    let redis = Redis::start().await;
    let node = Inside::start(&redis).await;
    let begun = node.register().await;
    redis.cli(&["flushdb"]).await;
    let remembered = node.begin_again(&begun, true).await;
    let key = redis.records().await.remove(0);
    let ends = redis.cli(&["expiretime", &key]).await;
    let ends: u64 = ends.parse().expect("a moment");
    assert!(ends >= remembered.session.expires_at.unix_seconds());
    node.clock.advance(2 * IDLE);
    assert!(node.is_alive(remembered.token).await);
}
