//! What no address ever uses up: verification, operations, what the gateway forwards, and styles.

use futures_util::future::join_all;

use super::super::support::doorward::Doorward;
use super::super::support::http::{get, navigate};
use super::super::support::upstream::App;
use super::super::visitor::registered;
use super::{JSON, post};

/// Two requests are needed to begin with; after that nothing is left.
const NOTHING_LEFT: &str = r#"
    [limits]
    sign_in = "1 per 1d"
    registration = "1 per 1d"
    reset = "1 per 1d"
    general = "1 per 1d"
"#;

async fn use_up(doorward: &Doorward) {
    for path in ["/login", "/register", "/login/reset", "/logout"] {
        for _ in 0..2 {
            post(doorward, path, JSON, "{}").await;
        }
        assert_eq!(post(doorward, path, JSON, "{}").await.status, 429, "{path}");
    }
}

/// Asks `count` times, some at once; how often each status came.
async fn ask(count: usize, url: &str, headers: &[(&str, &str)], status: u16) {
    for _ in 0..count / 50 {
        for answer in join_all((0..50).map(|_| get(url, headers))).await {
            assert_eq!(answer.status, status, "{url}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn threat_30_verification_is_never_limited_by_address() {
    let doorward = Doorward::builder().toml(NOTHING_LEFT).start().await;
    let cookie = registered(&doorward, "ann@example.com").await;
    use_up(&doorward).await;
    let original = format!("{}/private", doorward.public());
    let authority = doorward.public().trim_start_matches("http://");
    let nginx = [("x-original-method", "GET"), ("x-original-url", &original)];
    let traefik = [
        ("x-forwarded-method", "GET"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-host", authority),
        ("x-forwarded-uri", "/private"),
        ("x-forwarded-for", "203.0.113.9"),
    ];
    let signed_in = [("cookie", cookie.as_str())];
    let endpoint = |dialect: &str| format!("{}/verify/{dialect}", doorward.internal());
    ask(
        3000,
        &endpoint("nginx"),
        &[&nginx[..], &signed_in].concat(),
        200,
    )
    .await;
    ask(500, &endpoint("nginx"), &nginx, 401).await;
    ask(
        500,
        &endpoint("traefik"),
        &[&traefik[..], &signed_in].concat(),
        200,
    )
    .await;
    ask(300, &format!("{}/healthz", doorward.internal()), &[], 200).await;
    ask(300, &format!("{}/readyz", doorward.internal()), &[], 200).await;
}

#[tokio::test]
async fn the_page_that_refuses_has_its_styles() {
    let doorward = Doorward::builder().toml(NOTHING_LEFT).start().await;
    use_up(&doorward).await;
    let page = navigate(&format!("{}/login", doorward.public()), &[]).await;
    assert_eq!(page.status, 429);
    let assets = page
        .body
        .split('"')
        .filter(|text| text.starts_with("/login/assets/"));
    let assets: Vec<_> = assets.collect();
    assert!(assets.len() >= 2, "{}", page.body);
    for asset in assets {
        ask(50, &format!("{}{asset}", doorward.public()), &[], 200).await;
    }
}

#[tokio::test]
async fn threat_30_what_the_gateway_forwards_is_never_limited_by_address() {
    let app = App::start();
    let toml = format!(
        "{NOTHING_LEFT}\n[apps.app]\nhosts = [\"localhost\", \"127.0.0.1\"]\nupstream = \"{}\"\n\
         rules = [{{ path = \"/open/*\", access = \"public\" }}]",
        app.url()
    );
    let doorward = Doorward::builder().toml(&toml).start().await;
    let cookie = registered(&doorward, "ann@example.com").await;
    use_up(&doorward).await;
    let url = |path: &str| format!("{}{path}", doorward.public());
    ask(1000, &url("/open/x"), &[], 200).await;
    ask(1000, &url("/private"), &[("cookie", &cookie)], 200).await;
    // What looks like a page of ours, and is the app's.
    ask(100, &url("/login.html"), &[("cookie", &cookie)], 200).await;
    assert_eq!(get(&url("/login"), &[]).await.status, 429);
}
