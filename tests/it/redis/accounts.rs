//! What Redis knows of accounts: fetched when it is missing, never older than what was there, and healed.

use doorward::storage::users;

use super::inside::Inside;
use super::{EMAIL, Site};
use crate::nodes::became;
use crate::operator::operate;
use crate::support::process::eventually;
use crate::support::redis::Redis;
use crate::visitor::who;

async fn account_key(redis: &Redis) -> String {
    let mut keys = redis.keys().await;
    keys.retain(|key| key.starts_with("doorward:user:"));
    assert_eq!(keys.len(), 1, "{keys:?}");
    keys.remove(0)
}

#[tokio::test]
async fn an_account_that_redis_does_not_know_or_can_not_read_is_fetched_from_the_database() {
    let site = Site::start(2).await;
    let cookie = site.nodes.registered(EMAIL).await;
    let user = who(site.nodes.first(), &cookie).await.expect("known");
    let key = account_key(&site.redis).await;
    assert_eq!(key, format!("doorward:user:{user}"));
    let spoils: [&[&str]; 5] = [
        &["del", &key],
        &["set", &key, "nonsense"],
        &["set", &key, "{\"version\":\"high\"}"],
        &["set", &key, "[[[[[[[["],
        &["set", &key, ""],
    ];
    for spoil in spoils {
        site.redis.cli(spoil).await;
        for node in site.nodes.all() {
            became(node, "/private", &cookie, 200).await;
        }
    }
    site.redis.cli(&["del", &key]).await;
    site.redis.cli(&["rpush", &key, "a", "list"]).await;
    for node in site.nodes.all() {
        became(node, "/private", &cookie, 200).await;
    }
    eventually("the state to be there again", async || {
        let kept = site.redis.cli(&["get", &key]).await;
        kept.contains("\"epoch\":0").then_some(())
    })
    .await;
    let kept: i64 = site
        .redis
        .cli(&["ttl", &key])
        .await
        .parse()
        .expect("seconds");
    assert!((1..=24 * 60 * 60).contains(&kept), "{kept}");
}

/// The sign-in has just read the account: whoever asks first asks Redis alone.
#[tokio::test]
async fn an_account_is_there_before_anybody_asks_for_its_session() {
    let redis = Redis::start().await;
    let node = Inside::start(&redis).await;
    let begun = node.register().await;
    let key = account_key(&redis).await;
    redis.cli(&["del", &key]).await;
    node.begin_again(&begun, false).await;
    let kept = redis.cli(&["get", &account_key(&redis).await]).await;
    assert!(kept.contains("\"epoch\":0"), "{kept}");
}

#[tokio::test]
async fn an_account_that_redis_can_not_be_told_of_is_judged_by_the_database() {
    for (setting, spoilt, mended) in [("maxmemory", "1", "0"), ("min-replicas-to-write", "1", "0")]
    {
        let site = Site::start(2).await;
        let cookie = site.nodes.registered(EMAIL).await;
        let key = account_key(&site.redis).await;
        let words = format!("del {key}\nconfig set {setting} {spoilt}\n");
        site.redis.cli_lines(&words).await;
        for node in site.nodes.all() {
            became(node, "/private", &cookie, 200).await;
        }
        assert_eq!(site.redis.cli(&["exists", &key]).await, "0");
        site.redis.cli(&["config", "set", setting, mended]).await;
        operate(site.nodes.first(), &["user", "disable", EMAIL]).await;
        site.nodes.denied(&cookie).await;
    }
}

#[tokio::test]
async fn an_older_state_never_replaces_a_newer_one() {
    let redis = Redis::start().await;
    let node = Inside::start(&redis).await;
    let begun = node.register().await;
    assert!(node.is_alive(begun.token).await);
    let mut db = node
        .services
        .database
        .acquire()
        .await
        .expect("a connection");
    let old = users::state(&mut db, begun.session.user)
        .await
        .expect("read")
        .expect("a user");
    drop(db);
    node.services
        .accounts
        .set_disabled(begun.session.user, true)
        .await
        .expect("disabled");
    // A process that read before the change and writes after it.
    let store = &node.services.sessions.store;
    store
        .account_changed(&old, &[])
        .await
        .expect("refused in silence");
    assert!(!node.is_alive(begun.token).await);
    let key = account_key(&redis).await;
    let kept: serde_json::Value =
        serde_json::from_str(&redis.cli(&["get", &key]).await).expect("JSON");
    assert_eq!(
        (kept["disabled"].as_bool(), kept["version"].as_i64()),
        (Some(true), Some(old.version + 1))
    );
}

/// A change that was announced and not committed: by a database that failed, and by a process that ended.
#[tokio::test]
async fn what_was_never_committed_heals() {
    let redis = Redis::start().await;
    let node = Inside::start(&redis).await;
    let begun = node.register().await;
    let mut db = node.services.database.begin().await.expect("a transaction");
    users::set_disabled(&mut db, begun.session.user, true)
        .await
        .expect("changed");
    let state = users::state(&mut db, begun.session.user)
        .await
        .expect("read")
        .expect("a user");
    let store = &node.services.sessions.store;
    store.account_changing(&state).await.expect("announced");
    let key = account_key(&redis).await;
    let kept: i64 = redis.cli(&["ttl", &key]).await.parse().expect("seconds");
    assert!((1..=60).contains(&kept), "{kept}");
    assert!(!node.is_alive(begun.token).await, "on the safe side");
    drop(db);
    store.account_unchanged(&state).await.expect("forgotten");
    eventually("the account to be fetched anew", async || {
        node.is_alive(begun.token).await.then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_change_that_redis_can_not_be_told_of_is_not_made() {
    let mut site = Site::start(1).await;
    site.nodes.registered(EMAIL).await;
    site.redis.stop().await;
    let refused = site
        .nodes
        .first()
        .command(&["user", "disable", EMAIL])
        .await;
    assert!(!refused.status.success());
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(told.contains("Redis"), "{told}");
    let words = ["user", "show", EMAIL, "--json"];
    let shown = site.nodes.first().command(&words).await;
    let shown: serde_json::Value = serde_json::from_slice(&shown.stdout).expect("JSON");
    assert_eq!(shown["disabled"], false, "{shown}");
    site.redis.start_again().await;
    site.nodes.linked(2).await;
    // It kept nothing, so the visitor signs in again, and that works.
    site.nodes.signed_in(EMAIL).await;
}
