//! Redis away, silent, back, restarted, or taking no writes.

use tokio::time::{Duration, Instant, sleep};

use super::{EMAIL, Site, stores};
use crate::nodes::scenarios::sign_out;
use crate::nodes::{Nodes, asked, became};
use crate::support::doorward::Doorward;
use crate::support::http::{get, post_json, try_get};
use crate::support::process::eventually;
use crate::support::redis::Redis;
use crate::support::relay::Relay;
use crate::visitor::{credentials, sign_in};

/// What a node that can't ask answers at once for somebody whom it does not know.
const STRANGER: &str = "SESSION=xxxxxxxxxxxxxxxxxxxxxA";

/// A node behind a wire, and what it was started with.
async fn behind_wire(more: &str) -> (Site, Relay) {
    let redis = Redis::start().await;
    let relay = Relay::to(&redis.url());
    let url = relay.url(&redis.url());
    let folder = tempfile::tempdir().expect("folder");
    let toml = format!("{}{more}", stores(folder.path(), &url));
    let nodes = Nodes::start(1, &toml).await;
    let site = Site {
        redis,
        nodes,
        folder,
    };
    (site, relay)
}

async fn is_ready(site: &Site) -> bool {
    let ready = try_get(&format!("{}/readyz", site.nodes.first().internal())).await;
    ready.is_some_and(|answer| answer.status == 200)
}

async fn outage(site: &Site, cookie: &str) {
    let node = site.nodes.first();
    // Known: for a moment more. Then nobody is let in, and nobody is signed out.
    became(node, "/private", cookie, 503).await;
    for cookie in [cookie, STRANGER] {
        assert_eq!(asked(node, "/private", cookie).await, 503);
    }
    assert_eq!(asked(node, "/open", cookie).await, 200);
    assert_eq!(asked(node, "/private", "").await, 401);
    let page = get(
        &format!("{}/login/session", node.public()),
        &[("cookie", cookie)],
    )
    .await;
    assert_eq!(page.status, 503);
    assert!(page.cookies().is_empty(), "{:?}", page.headers);
    let login = format!("{}/login", node.public());
    let refused = post_json(&login, &[], &credentials(EMAIL)).await;
    assert_eq!(refused.status, 503, "{}", refused.body);
    assert!(refused.cookies().is_empty());
    let logout = format!("{}/logout", node.public());
    let kept = post_json(&logout, &[("cookie", cookie)], &serde_json::json!({})).await;
    assert_eq!(
        kept.status, 503,
        "a sign-out is not confirmed: {}",
        kept.body
    );
    assert!(kept.cookies().is_empty());
    assert!(!is_ready(site).await);
}

async fn back(site: &Site, cookie: &str) {
    let node = site.nodes.first();
    became(node, "/private", cookie, 200).await;
    became(node, "/private", STRANGER, 401).await;
    eventually("readiness", async || is_ready(site).await.then_some(())).await;
}

#[tokio::test]
async fn threat_21_a_wire_that_is_cut_is_an_outage_and_no_logout() {
    let (site, relay) = behind_wire("outage_grace = \"1s\"\n").await;
    let cookie = site.nodes.registered(EMAIL).await;
    for _ in 0..2 {
        relay.cut();
        outage(&site, &cookie).await;
        relay.mend();
        back(&site, &cookie).await;
    }
    sign_out(site.nodes.first(), &cookie).await;
    site.nodes.denied(&cookie).await;
}

#[tokio::test]
async fn threat_21_a_wire_that_falls_silent_is_an_outage_too() {
    let (site, relay) = behind_wire("outage_grace = \"1s\"\n").await;
    let cookie = site.nodes.registered(EMAIL).await;
    relay.stall();
    outage(&site, &cookie).await;
    relay.mend();
    back(&site, &cookie).await;
    // Connections that say nothing for ever are given up.
    relay.lose();
    back(&site, &cookie).await;
    sign_out(site.nodes.first(), &cookie).await;
    site.nodes.denied(&cookie).await;
}

/// What is known counts for as long as the link lives or its silence is not noticed (a second), and then for the grace
/// period; and what is slow is not silent.
#[tokio::test]
async fn threat_21_known_sessions_outlast_a_short_outage_and_a_slow_redis() {
    let (site, relay) = behind_wire("outage_grace = \"20s\"\n").await;
    let cookie = site.nodes.registered(EMAIL).await;
    let node = site.nodes.first();
    relay.cut();
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(3) {
        assert_eq!(asked(node, "/private", &cookie).await, 200);
        sleep(Duration::from_millis(20)).await;
    }
    relay.mend();
    site.nodes.linked(2).await;
    became(node, "/private", &cookie, 200).await;
    relay.delay(Duration::from_millis(500));
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(5) {
        assert_eq!(asked(node, "/private", &cookie).await, 200);
        sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(asked(node, "/private", STRANGER).await, 503, "after 200 ms");
}

/// What ended while a node could not hear of it is over when its link is up again.
#[tokio::test]
async fn threat_18_what_was_missed_is_forgotten_when_the_link_is_back() {
    let (site, relay) = behind_wire("outage_grace = \"60s\"\n").await;
    site.nodes.registered(EMAIL).await;
    for round in 2..5 {
        let cookie = site.nodes.signed_in(EMAIL).await;
        if round == 3 {
            relay.stall();
        } else {
            relay.cut();
        }
        for key in site.redis.records().await {
            site.redis.cli(&["del", &key]).await;
        }
        sleep(Duration::from_millis(1500)).await;
        assert_eq!(
            asked(site.nodes.first(), "/private", &cookie).await,
            200,
            "by its grace"
        );
        relay.mend();
        site.nodes.denied(&cookie).await;
        site.nodes.linked(round).await;
    }
}

/// Redis forgets its connections, and nobody cuts a wire.
#[tokio::test]
async fn threat_18_a_killed_connection_is_noticed_and_tracked_again() {
    let site = Site::start(2).await;
    site.nodes.registered(EMAIL).await;
    for _ in 0..5 {
        let cookie = site.nodes.signed_in(EMAIL).await;
        site.redis.cli(&["client", "kill", "type", "normal"]).await;
        for key in site.redis.records().await {
            site.redis.cli(&["del", &key]).await;
        }
        site.nodes.denied(&cookie).await;
    }
}

/// Where nothing has to be looked up nobody but the link itself can find out that its connection was replaced.
#[tokio::test]
async fn threat_18_a_killed_connection_is_noticed_where_only_known_sessions_come() {
    let redis = Redis::start().await;
    let folder = tempfile::tempdir().expect("folder");
    let trusting_nothing = "outage_grace = \"0s\"\n";
    let toml = format!("{}{trusting_nothing}", stores(folder.path(), &redis.url()));
    let nodes = Nodes::start(1, &toml).await;
    nodes.registered(EMAIL).await;
    let mut quickest = Duration::MAX;
    for round in 1..=3 {
        nodes.linked(round).await;
        let cookie = nodes.signed_in(EMAIL).await;
        let records = redis.records().await;
        let began = Instant::now();
        redis.cli(&["client", "kill", "type", "normal"]).await;
        for key in &records {
            redis.cli(&["del", key]).await;
        }
        nodes.denied(&cookie).await;
        println!("denied {:?} after the connection ended", began.elapsed());
        quickest = quickest.min(began.elapsed());
    }
    assert!(quickest < Duration::from_millis(1300), "{quickest:?}");
}

#[tokio::test]
async fn a_restarted_redis_that_keeps_nothing_signs_everybody_out_and_one_that_appends_nobody() {
    for (lines, status) in [("", 401), ("appendonly yes\nappendfsync always", 200)] {
        let redis = Redis::start_with(lines).await;
        let url = redis.url();
        let mut site = Site::start_on(redis, &url, 2).await;
        let cookie = site.nodes.registered(EMAIL).await;
        site.redis.kill().await;
        site.redis.start_again().await;
        site.nodes.linked(2).await;
        for node in site.nodes.all() {
            became(node, "/private", &cookie, status).await;
            assert_eq!(asked(node, "/private", &cookie).await, status);
        }
        let again = site.nodes.signed_in(EMAIL).await;
        sign_out(site.nodes.first(), &again).await;
        site.nodes.denied(&again).await;
    }
}

#[tokio::test]
async fn threat_21_a_redis_that_hangs_is_an_outage() {
    let mut site = Site::start(1).await;
    let cookie = site.nodes.registered(EMAIL).await;
    site.redis.pause();
    became(site.nodes.first(), "/private", STRANGER, 503).await;
    became(site.nodes.first(), "/private", &cookie, 503).await;
    site.redis.go_on();
    back(&site, &cookie).await;
}

/// Reading works, writing does not: known and unknown sessions verify, and nothing is confirmed that was not written.
#[tokio::test]
async fn a_redis_that_is_full_or_takes_no_writes_verifies_and_confirms_nothing() {
    let settings = [
        [("maxmemory", "1"), ("maxmemory", "0")],
        [
            ("min-replicas-to-write", "1"),
            ("min-replicas-to-write", "0"),
        ],
    ];
    for [spoil, mend] in settings {
        let site = Site::start(2).await;
        let cookie = site.nodes.registered(EMAIL).await;
        site.redis.cli(&["config", "set", spoil.0, spoil.1]).await;
        let node = site.nodes.first();
        let login = format!("{}/login", node.public());
        let refused = post_json(&login, &[], &credentials(EMAIL)).await;
        assert_eq!(refused.status, 503, "{}", refused.body);
        assert!(refused.cookies().is_empty());
        sleep(Duration::from_secs(2)).await;
        for node in site.nodes.all() {
            assert_eq!(asked(node, "/private", &cookie).await, 200);
            assert_eq!(asked(node, "/private", STRANGER).await, 401);
        }
        site.redis.cli(&["config", "set", mend.0, mend.1]).await;
        eventually("a sign-in", async || {
            let answer = post_json(&login, &[], &credentials(EMAIL)).await;
            (answer.status == 200).then_some(())
        })
        .await;
        sign_out(node, &cookie).await;
        site.nodes.denied(&cookie).await;
    }
}

/// A node that starts while Redis is away answers 503 until it is there.
#[tokio::test]
async fn a_node_may_start_before_its_redis() {
    let mut site = Site::start(1).await;
    let cookie = site.nodes.registered(EMAIL).await;
    let url = site.redis.url();
    site.redis.stop().await;
    let toml = stores(site.folder.path(), &url);
    let late = Doorward::builder().toml(&toml).start_unready().await;
    assert_eq!(asked(&late, "/private", &cookie).await, 503);
    let ready = get(&format!("{}/readyz", late.internal()), &[]).await;
    assert_eq!(
        (ready.status.as_u16(), ready.body.as_str()),
        (503, "Redis unavailable\n")
    );
    site.redis.start_again().await;
    became(&late, "/private", &cookie, 401).await;
    let again = sign_in(&late, &[], EMAIL).await;
    let again = again.cookie("SESSION").pair();
    for node in [&late, site.nodes.first()] {
        became(node, "/private", &again, 200).await;
    }
}
