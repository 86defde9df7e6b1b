//! `/metrics`: what is counted, that nobody outside reads it, and that no visitor can put anything into it.

mod asked;
mod ready_made;
mod scrape;
mod visitors;

use super::support::doorward::{Db, Doorward};
use super::support::http::{get, post_json, send};
use super::support::process::eventually;
use super::support::redis::Redis;
use super::visitor::{PASSWORD, credentials, register, registered, sign_in};
use asked::Asked;
use scrape::Scrape;

const EMAIL: &str = "ann.unmistakable@example.com";

/// Two apps with every kind of rule.
const TOML: &str = r#"
    [apps.shop]
    hosts = ["localhost", "127.0.0.1"]
    rules = [
        { path = "/open", access = "public" },
        { path = "/either", access = "optional" },
        { path = "/shut", access = "deny" },
        { path = "/staff", access = "user", roles = ["staff"] },
    ]
    [apps.blog]
    hosts = ["blog.localhost"]
    keys = ["44a22b41ccccfc05c5693e1d60b80d7287cc3cffd8658a8ba478cb690e6319e2"]
"#;

#[tokio::test]
async fn threat_41_metrics_are_on_the_internal_listener_alone() {
    for base_path in ["", "/auth"] {
        let toml = format!("[server]\nbase_path = \"{base_path}\"");
        let doorward = Doorward::builder().toml(&toml).start().await;
        for path in ["/metrics", "/metrics/", "/metrics?x", "/login/metrics"] {
            for method in ["GET", "HEAD", "POST", "OPTIONS"] {
                let url = format!("{}{base_path}{path}", doorward.public());
                let answer = send(method, &url, &[], "").await;
                assert_eq!(answer.status, 404, "{method} {url}");
                assert!(!answer.body.contains("doorward_"), "{}", answer.body);
            }
        }
        let url = format!("{}/metrics", doorward.internal());
        let answer = get(&url, &[("host", "anything.example")]).await;
        assert_eq!(answer.status, 200);
        let content_type = Some("text/plain; version=0.0.4; charset=utf-8");
        assert_eq!(answer.header("content-type"), content_type);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(send("POST", &url, &[], "").await.status, 405);
    }
}

#[tokio::test]
async fn decisions_are_counted_by_app_and_outcome() {
    let doorward = Doorward::builder().toml(TOML).start().await;
    let cookie = registered(&doorward, EMAIL).await;
    let asked = Asked::of(&doorward);
    let before = Scrape::of(&doorward).await;
    let mut status = Vec::new();
    for path in ["/open", "/either", "/shut", "/x"] {
        status.push(asked.nginx(path, "").await);
    }
    for path in ["/either", "/x", "/x", "/staff"] {
        status.push(asked.nginx(path, &cookie).await);
    }
    assert_eq!(status, [200, 200, 403, 401, 200, 200, 200, 403]);
    let after = Scrape::of(&doorward).await;
    for (outcome, count) in [
        ("allow_anonymous", 2),
        ("allow_user", 3),
        ("denied", 1),
        ("login_needed", 1),
        ("missing_role", 1),
        ("unavailable", 0),
    ] {
        let of =
            |app| format!("doorward_verify_decisions_total{{app=\"{app}\",outcome=\"{outcome}\"}}");
        assert_eq!(after.since(&before, &of("shop")), count, "{outcome}");
        assert_eq!(after.count(&of("blog")), 0, "{outcome}");
    }
    assert_eq!(
        after.since(&before, "doorward_verify_duration_seconds_count"),
        8
    );
}

#[tokio::test]
async fn refusals_are_counted_by_reason() {
    let doorward = Doorward::builder().toml(TOML).start().await;
    let verify = format!("{}/verify", doorward.internal());
    let before = Scrape::of(&doorward).await;
    let url = ("x-original-url", "http://localhost/");
    let elsewhere = ("x-original-url", "http://elsewhere.example/");
    let method = ("x-original-method", "GET");
    for (path, headers, reason) in [
        ("/nginx", &[method][..], "unclear"),
        ("/nginx", &[url, url, method], "unclear"),
        ("/nginx", &[elsewhere, method], "unknown_host"),
        ("/nginx/blog", &[url, method], "unknown_host"),
        ("/nginx/none", &[url, method], "unknown_app"),
        ("/envoy/", &[], "unknown_app"),
    ] {
        let answer = get(&format!("{verify}{path}"), headers).await;
        assert_eq!(answer.status, 403, "{path} {reason}");
    }
    let after = Scrape::of(&doorward).await;
    let refused = |reason: &str| {
        let series = format!("doorward_verify_refused_total{{reason=\"{reason}\"}}");
        after.since(&before, &series)
    };
    let counts = ["unclear", "unknown_host", "unknown_app", "peer"].map(refused);
    assert_eq!(counts, [2, 2, 2, 0]);

    let toml = format!("[server]\ntrusted_proxies = [\"192.0.2.7\"]\n{TOML}");
    let doorward = Doorward::builder().toml(&toml).start().await;
    assert_eq!(Asked::of(&doorward).nginx("/open", "").await, 403);
    let series = "doorward_verify_refused_total{reason=\"peer\"}";
    assert_eq!(Scrape::of(&doorward).await.count(series), 1);
}

#[tokio::test]
async fn the_histogram_tells_how_long_answers_take() {
    let doorward = Doorward::builder().toml(TOML).start().await;
    let asked = Asked::of(&doorward);
    for _ in 0..20 {
        asked.nginx("/open", "").await;
    }
    let scrape = Scrape::of(&doorward).await;
    let buckets = scrape.beginning("doorward_verify_duration_seconds_bucket");
    let bound = |series: &str| -> f64 {
        let (_, rest) = series.split_once("le=\"").expect("a bound");
        rest.trim_end_matches("\"}").parse().expect("a number")
    };
    let mut buckets: Vec<_> = buckets
        .into_iter()
        .map(|(series, count)| (bound(series), count))
        .collect();
    buckets.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (first, last) = (buckets[0], buckets[buckets.len() - 1]);
    assert_eq!((first.0, last), (1e-5, (f64::INFINITY, 20.0)));
    assert_eq!(buckets[buckets.len() - 2].0, 1.0);
    assert!(
        buckets.iter().any(|(bound, _)| *bound == 0.2),
        "nobody is kept waiting for longer than that: {buckets:?}"
    );
    assert!(buckets.is_sorted_by(|one, other| one.1 <= other.1));
    let sum = scrape.value("doorward_verify_duration_seconds_sum");
    assert!(sum > 0.0 && sum < 60.0, "{sum} seconds");
}

#[tokio::test]
async fn sign_ins_and_registrations_are_counted_by_how_they_ended() {
    let doorward = Doorward::builder().start().await;
    register(&doorward, &[], EMAIL).await;
    sign_in(&doorward, &[], EMAIL).await;
    let [login, registration] = ["login", "register"].map(|p| format!("{}/{p}", doorward.public()));
    let wrong = serde_json::json!({ "email": EMAIL, "password": "wrong-orbit-lantern-43" });
    let unknown = credentials("nobody@example.com");
    let malformed = serde_json::json!({ "email": "no address", "password": PASSWORD });
    for (url, body, status) in [
        (&login, &wrong, 401),
        (&login, &unknown, 401),
        (&login, &malformed, 400),
        (&registration, &wrong, 409),
        (&registration, &malformed, 400),
    ] {
        assert_eq!(post_json(url, &[], body).await.status, status, "{url}");
    }
    let scrape = Scrape::of(&doorward).await;
    for (metric, outcome, count) in [
        ("logins", "ok", 1),
        ("logins", "invalid_credentials", 2),
        ("logins", "invalid", 1),
        ("logins", "busy", 0),
        ("logins", "failure", 0),
        ("registrations", "ok", 1),
        ("registrations", "email_taken", 1),
        ("registrations", "invalid", 1),
        ("registrations", "closed", 0),
    ] {
        let series = format!("doorward_{metric}_total{{outcome=\"{outcome}\"}}");
        assert_eq!(scrape.count(&series), count, "{series}");
    }
    let pages = |class: &str| {
        let series = format!("doorward_page_requests_total{{status=\"{class}\"}}");
        scrape.count(&series)
    };
    assert_eq!(["2xx", "3xx", "4xx", "5xx"].map(pages), [2, 0, 5, 0]);
    // Each was hashed once, but for those that had no address.
    assert!(scrape.count("doorward_hashes_total") >= 5);
}

#[tokio::test]
async fn budgets_that_are_used_up_are_counted() {
    let toml = "[limits]\nsign_in = \"2 per 1h\"\nregistration = \"1 per 1h\"";
    let doorward = Doorward::builder().toml(toml).start().await;
    for (path, statuses) in [("login", [401, 401, 429]), ("register", [201, 429, 429])] {
        let url = format!("{}/{path}", doorward.public());
        for status in statuses {
            let answer = post_json(&url, &[], &credentials("budget@example.com")).await;
            if path == "login" || status != 201 {
                assert_eq!(answer.status, status, "{path} {}", answer.body);
            }
        }
    }
    let scrape = Scrape::of(&doorward).await;
    for (series, count) in [
        ("doorward_rate_limited_total{budget=\"sign_in\"}", 1),
        ("doorward_rate_limited_total{budget=\"registration\"}", 2),
        ("doorward_rate_limited_total{budget=\"reset\"}", 0),
        ("doorward_rate_limited_total{budget=\"general\"}", 0),
        ("doorward_logins_total{outcome=\"rate_limited\"}", 1),
        ("doorward_registrations_total{outcome=\"rate_limited\"}", 2),
    ] {
        assert_eq!(scrape.count(series), count, "{series}");
    }
}

#[tokio::test]
async fn the_cache_tells_what_it_does() {
    for (database, kind) in [(Db::Sqlite, "sqlite"), (Db::Postgres, "postgres")] {
        let doorward = Doorward::builder().database(database).start().await;
        the_cache_tells(&doorward, kind, kind).await;
    }
    let redis = Redis::start().await;
    let url = redis.url();
    let toml = format!("[sessions]\nstore = \"redis\"\nredis_url = \"{url}\"");
    let doorward = Doorward::builder().toml(&toml).start().await;
    the_cache_tells(&doorward, "sqlite", "redis").await;
    let connected = "doorward_redis_connected";
    assert_eq!(Scrape::of(&doorward).await.count(connected), 1);
    drop(redis);
    for series in [connected, "doorward_link_up{store=\"redis\"}"] {
        eventually(series, async || {
            (Scrape::of(&doorward).await.count(series) == 0).then_some(())
        })
        .await;
    }
}

async fn the_cache_tells(doorward: &Doorward, database: &str, store: &str) {
    let up = format!("doorward_link_up{{store=\"{store}\"}}");
    eventually("the link", async || {
        (Scrape::of(doorward).await.count(&up) == 1).then_some(())
    })
    .await;
    let cookie = registered(doorward, EMAIL).await;
    let asked = Asked::of(doorward);
    // A registration invalidates too, and that may be heard of a moment later.
    eventually("a hit", async || {
        let before = Scrape::of(doorward).await;
        assert_eq!(asked.nginx("/x", &cookie).await, 200);
        let after = Scrape::of(doorward).await;
        (after.since(&before, "doorward_cache_hits_total") == 1).then_some(())
    })
    .await;
    let before = Scrape::of(doorward).await;
    assert_eq!(before.count("doorward_cache_entries"), 1);
    assert_eq!(before.count("doorward_cache_trusted"), 1);
    assert!(before.count("doorward_cache_misses_total") >= 1);
    let url = format!("{}/logout", doorward.public());
    let headers = [("cookie", cookie.as_str())];
    post_json(&url, &headers, &serde_json::json!({})).await;
    assert_eq!(asked.nginx("/x", &cookie).await, 401);
    let after = Scrape::of(doorward).await;
    assert!(after.since(&before, "doorward_cache_invalidations_total") >= 1);
    assert!(after.since(&before, "doorward_cache_misses_total") >= 1);
    let built = after.beginning("doorward_build_info{");
    let wanted = format!("database=\"{database}\",sessions=\"{store}\"");
    assert!(
        built.len() == 1 && built[0].0.contains(&wanted),
        "{built:?}"
    );
}

#[tokio::test]
async fn the_process_and_its_pools_are_told() {
    let toml =
        "[database]\nmax_connections = 7\n[limits]\nhashing_concurrency = 2\nhashing_queue = 9";
    let doorward = Doorward::builder().toml(toml).start().await;
    let scrape = Scrape::of(&doorward).await;
    for (series, value) in [
        ("doorward_database_connections_max", 7),
        ("doorward_hashing_threads", 2),
        ("doorward_hashing_queue_max", 9),
        ("doorward_hashing_queue", 0),
        ("doorward_hashing_busy", 0),
        ("doorward_hashing_refused_total", 0),
        ("doorward_draining", 0),
    ] {
        assert_eq!(scrape.count(series), value, "{series}");
    }
    let open = scrape.count("doorward_database_connections_open");
    let idle = scrape.count("doorward_database_connections_idle");
    assert!(idle <= open && open <= 7, "{idle} of {open}");
    let memory = scrape.count("process_resident_memory_bytes");
    assert!((1 << 20..1 << 32).contains(&memory), "{memory} bytes");
    assert!(scrape.count("process_open_fds") >= 5);
    assert!(scrape.count("process_max_fds") >= scrape.count("process_open_fds"));
    assert!(scrape.count("process_threads") >= 3);
    assert!(scrape.value("process_cpu_seconds_total") > 0.0);
    let started = scrape.count("process_start_time_seconds");
    let now = crate::support::identity::now();
    assert!((now - 120..=now).contains(&started), "{started} of {now}");
}
