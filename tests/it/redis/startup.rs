//! What is told at the start, and what stops it.

use super::{EMAIL, sessions, stores};
use crate::nodes::Nodes;
use crate::support::doorward::{Doorward, run};
use crate::support::process::eventually;
use crate::support::redis::Redis;

async fn log_of(redis: &Redis) -> String {
    let folder = tempfile::tempdir().expect("folder");
    let nodes = Nodes::start(1, &stores(folder.path(), &redis.url())).await;
    nodes.registered(EMAIL).await;
    nodes.first().log()
}

/// What a node says that can't get in.
pub(super) async fn log_of_unlinked(toml: &str) -> String {
    let node = Doorward::builder().toml(toml).start_unready().await;
    eventually("the reason", async || {
        let log = node.log();
        log.contains("the link to Redis is down").then_some(log)
    })
    .await
}

#[tokio::test]
async fn an_eviction_policy_that_may_drop_sessions_is_reported() {
    let redis = Redis::start_with("appendonly yes").await;
    let log = log_of(&redis).await;
    assert!(!log.contains("maxmemory-policy"), "{log}");
    assert!(!log.contains("writes nothing to disk"), "{log}");
    redis
        .cli(&["config", "set", "maxmemory-policy", "volatile-lru"])
        .await;
    let log = log_of(&redis).await;
    assert!(log.contains("set maxmemory-policy to noeviction"), "{log}");
    assert!(log.contains("volatile-lru"), "{log}");
}

#[tokio::test]
async fn it_is_reported_where_config_is_forbidden_too() {
    let redis = Redis::start_with("maxmemory-policy allkeys-lru\nrename-command CONFIG \"\"").await;
    let log = log_of(&redis).await;
    assert!(log.contains("set maxmemory-policy to noeviction"), "{log}");
}

#[tokio::test]
async fn a_redis_that_writes_nothing_to_disk_is_reported() {
    let redis = Redis::start().await;
    let log = log_of(&redis).await;
    assert!(log.contains("writes nothing to disk"), "{log}");
}

#[tokio::test]
async fn threat_40_a_wrong_password_is_told_and_not_shown() {
    let redis = Redis::start_with("requirepass something-else-9").await;
    let folder = tempfile::tempdir().expect("folder");
    let url = format!("redis://:open-sesame-4@127.0.0.1:{}", redis.port());
    let log = log_of_unlinked(&stores(folder.path(), &url)).await;
    assert!(log.contains("WRONGPASS"), "{log}");
    assert!(!log.contains("open-sesame"), "{log}");
}

#[tokio::test]
async fn what_is_wrong_with_the_keys_is_told_before_the_start() {
    for (toml, told) in [
        (sessions("http://127.0.0.1"), "is no URL of Redis"),
        (
            "[sessions]\nstore = \"redis\"".to_owned(),
            "redis_url: is missing",
        ),
    ] {
        let output = run(Some(&toml), &["check-config"]).await;
        assert_eq!(output.status.code(), Some(2));
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(error.contains(told), "{error}");
    }
}
