//! From the database to Redis and back: the configuration changes, and nobody is signed out.

use std::sync::Arc;

use doorward::app::System;
use doorward::domain::session::Factor;
use doorward::services::sessions::Proven;
use futures_util::{StreamExt as _, stream};

use super::{EMAIL, Site, database, sessions, stores};
use crate::in_process::{self, chosen};
use crate::nodes::scenarios::sign_out;
use crate::nodes::{Nodes, asked};
use crate::support::process::eventually;
use crate::support::redis::Redis;
use crate::visitor::{PASSWORD, sign_in};

#[tokio::test]
async fn who_is_signed_in_stays_signed_in_when_redis_takes_over() {
    let folder = tempfile::tempdir().expect("folder");
    let before = Nodes::start(2, &database(folder.path())).await;
    let cookie = before.registered(EMAIL).await;
    let other = before.signed_in(EMAIL).await;
    let ended = before.signed_in(EMAIL).await;
    sign_out(before.first(), &ended).await;
    drop(before);

    let redis = Redis::start().await;
    let nodes = Nodes::start(2, &stores(folder.path(), &redis.url())).await;
    for node in nodes.all() {
        assert_eq!(
            asked(node, "/private", &cookie).await,
            200,
            "{}",
            node.log()
        );
        assert_eq!(asked(node, "/private", &other).await, 200);
        assert_eq!(asked(node, "/private", &ended).await, 401);
    }
    assert_eq!(redis.records().await.len(), 2);
    sign_out(nodes.first(), &other).await;
    nodes.denied(&other).await;
    drop(nodes);

    // Back again: the list was kept, and what has ended is not in it.
    let after = Nodes::start(1, &database(folder.path())).await;
    assert_eq!(asked(after.first(), "/private", &cookie).await, 200);
    assert_eq!(asked(after.first(), "/private", &other).await, 401);
    let late = sign_in(after.first(), &[], EMAIL).await;
    let late = late.cookie("SESSION").pair();
    drop(after);

    // And once more, with what has begun meanwhile.
    let nodes = Nodes::start(1, &stores(folder.path(), &redis.url())).await;
    for cookie in [&cookie, &late] {
        assert_eq!(asked(nodes.first(), "/private", cookie).await, 200);
    }
}

/// Whoever empties Redis, or deletes a key, has ended sessions. They are in the list of the database until they are swept.
#[tokio::test]
async fn threat_18_what_was_ended_in_redis_is_not_taken_over_again() {
    let mut site = Site::start(1).await;
    let cookie = site.nodes.registered(EMAIL).await;
    site.redis.cli(&["flushdb"]).await;
    site.nodes.denied(&cookie).await;
    let again = site.nodes.signed_in(EMAIL).await;
    for key in site.redis.records().await {
        site.redis.cli(&["del", &key]).await;
    }
    site.nodes.denied(&again).await;
    let url = site.redis.url();
    site.nodes = Nodes::start(2, &stores(site.folder.path(), &url)).await;
    for cookie in [&cookie, &again] {
        site.nodes.denied(cookie).await;
    }
    site.redis.stop().await;
    site.redis.start_again().await;
    site.nodes.linked(2).await;
    site.nodes.denied(&cookie).await;
    site.nodes.signed_in(EMAIL).await;
}

/// A session that ends while it is taken over has ended.
#[tokio::test]
async fn threat_18_signing_out_races_with_the_taking_over_and_wins() {
    let redis = Redis::start().await;
    let folder = tempfile::tempdir().expect("folder");
    let url = in_process::sqlite(folder.path());
    let before = in_process::services(folder.path(), &url, "", System::default());
    before.database.migrate().await.expect("migrated");
    let email = EMAIL.parse().expect("an address");
    let entrance = in_process::entrance(&before);
    let registered = before
        .register
        .register(email, chosen(PASSWORD), entrance)
        .await;
    let user = registered.expect("registered").session.user;
    let mut tokens = Vec::new();
    for _ in 0..1200 {
        let proven = Proven {
            user,
            epoch: 0,
            factors: vec![Factor::Password],
            continues: None,
        };
        let entrance = in_process::entrance(&before);
        let begun = before.sessions.begin(proven, entrance).await;
        tokens.push(begun.expect("begun").token);
    }
    let more = sessions(&redis.url());
    let after = in_process::services(folder.path(), &url, &more, System::default());
    let sessions = Arc::clone(&after.sessions);
    let watch = tokio::spawn({
        let sessions = Arc::clone(&sessions);
        async move { sessions.store.watch(Arc::clone(&sessions.cache)).await }
    });
    let ends = tokens.iter().map(|token| sessions.revoke(*token));
    let ended = stream::iter(ends).buffer_unordered(8);
    ended.for_each(async |ended| ended.expect("revoked")).await;
    eventually("all to be taken over", async || after.ready().await.ok()).await;
    assert_eq!(redis.records().await.len(), 1, "the registration's");
    watch.abort();
}

#[tokio::test]
async fn a_redis_that_was_used_before_can_be_left_and_replaced() {
    let site = Site::start(1).await;
    let cookie = site.nodes.registered(EMAIL).await;
    // Another Redis knows nobody: that is told in docs/redis.md, with the way around it.
    let other = Redis::start().await;
    let nodes = Nodes::start(1, &stores(site.folder.path(), &other.url())).await;
    nodes.denied(&cookie).await;
    drop(nodes);
    let between = Nodes::start(1, &database(site.folder.path())).await;
    assert_eq!(asked(between.first(), "/private", &cookie).await, 200);
    drop(between);
    let more = format!("{}{}", database(site.folder.path()), sessions(&other.url()));
    let nodes = Nodes::start(1, &more).await;
    assert_eq!(asked(nodes.first(), "/private", &cookie).await, 200);
}
