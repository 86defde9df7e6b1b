//! What visitors send is nowhere in the numbers, and makes none.

use super::asked::Asked;
use super::scrape::Scrape;
use super::{EMAIL, TOML};
use crate::support::doorward::{Doorward, random_hex};
use crate::support::http::{get, navigate, post_json, send};
use crate::support::upstream::App;
use crate::visitor::{PASSWORD, credentials, registered, who};

#[tokio::test]
async fn threat_40_no_metric_holds_anything_of_a_visitor() {
    let doorward = Doorward::builder().toml(TOML).start().await;
    let cookie = registered(&doorward, EMAIL).await;
    let user = who(&doorward, &cookie).await.expect("signed in");
    let asked = Asked::of(&doorward);
    let more = [
        ("x-forwarded-for", "198.51.100.23"),
        ("user-agent", "unmistakable-agent"),
        ("x-request-id", "unmistakable-request"),
    ];
    for path in ["/unmistakable-path?q=unmistakable-query", "/shut", "/staff"] {
        asked.with(&more, path, &cookie).await;
        asked.with(&more, path, "SESSION=unmistakable-cookie").await;
    }
    navigate(
        &format!("{}/login?rd=/unmistakable-path", doorward.public()),
        &more,
    )
    .await;
    let url = format!("{}/login", doorward.public());
    post_json(&url, &more, &credentials(EMAIL)).await;
    let wrong = serde_json::json!({ "email": EMAIL, "password": "unmistakable-password" });
    post_json(&url, &more, &wrong).await;
    let text = Scrape::of(&doorward).await.text;
    let secret = cookie.trim_start_matches("SESSION=");
    for word in [
        "unmistakable",
        "198.51.100.23",
        "127.0.0.1",
        "localhost",
        "example.com",
        PASSWORD,
        &user,
        secret,
        doorward.key_hex(),
    ] {
        assert!(!text.contains(word), "{word} in {text}");
    }
}

/// Hosts, paths, methods, app ids, dialects, addresses and names that nobody configured, on both listeners.
async fn attack(doorward: &Doorward, cookie: &str) {
    let (public, internal) = (doorward.public(), doorward.internal());
    for round in 0..120 {
        let word = &random_hex()[..12];
        let (host, path) = (format!("{word}.example"), format!("/{word}/{round}"));
        let original = format!("http://{host}{path}");
        let known = format!("http://localhost{path}");
        let cookies = if round % 2 == 0 { cookie } else { word };
        let cookie = format!("SESSION={word}; {cookies}");
        let address = format!("203.0.113.{round}");
        for url in [&original, &known] {
            let headers = [
                ("x-original-method", word),
                ("x-original-url", url),
                ("cookie", &cookie),
                ("x-forwarded-for", &address),
                ("traceparent", word),
            ];
            get(&format!("{internal}/verify/nginx"), &headers).await;
            get(&format!("{internal}/verify/nginx/{word}"), &headers).await;
            get(&format!("{internal}/verify/{word}"), &headers).await;
        }
        let host = [("host", host.as_str()), ("user-agent", word)];
        get(&format!("{internal}/verify/envoy/{word}{path}"), &host).await;
        send(&word.to_uppercase(), &format!("{public}{path}"), &host, "").await;
        get(&format!("{public}/login{path}"), &[]).await;
        let email = format!("{word}@example.com");
        let login = serde_json::json!({ "email": email, "password": "x".repeat(round) });
        if round % 10 == 0 {
            post_json(&format!("{public}/login"), &[], &login).await;
        }
    }
}

#[tokio::test]
async fn no_visitor_can_make_a_series() {
    let app = App::start();
    let upstream = format!("upstream = \"{}\"", app.url());
    for gateway in ["", &upstream] {
        let toml = TOML.replace("[apps.blog]", &format!("{gateway}\n[apps.blog]"));
        let doorward = Doorward::builder().toml(&toml).start().await;
        let cookie = registered(&doorward, EMAIL).await;
        let before = Scrape::of(&doorward).await;
        attack(&doorward, &cookie).await;
        let after = Scrape::of(&doorward).await;
        assert_eq!(before.series(), after.series());
        assert!(after.series().len() < 140, "{}", after.series().len());
        let asked = "doorward_verify_duration_seconds_count";
        assert!(after.since(&before, asked) > 480, "the attack was one");
    }
}

/// One more app is six more series, for its six outcomes, as the page says.
#[tokio::test]
async fn an_app_is_six_series() {
    let count = async |toml: &str| {
        let doorward = Doorward::builder().toml(toml).start().await;
        Scrape::of(&doorward).await.series().len()
    };
    let two = count(TOML).await;
    let keys = format!("keys = [\"{}\"]", random_hex());
    let third = format!("[apps.third]\nhosts = [\"third.localhost\"]\n{keys}");
    let three = count(&format!("{TOML}\n{third}")).await;
    assert_eq!(three, two + 6);
}

#[tokio::test]
async fn the_gateway_is_counted_like_a_proxy() {
    let app = App::start();
    let gateway = format!("upstream = \"{}\"\n[apps.blog]", app.url());
    let toml = TOML.replace("[apps.blog]", &gateway);
    let doorward = Doorward::builder().toml(&toml).start().await;
    let public = doorward.public();
    for (path, status) in [("/open", 200), ("/shut", 403), ("/x", 401)] {
        assert_eq!(get(&format!("{public}{path}"), &[]).await.status, status);
    }
    let elsewhere = [("host", "elsewhere.example")];
    get(&format!("{public}/open"), &elsewhere).await;
    let scrape = Scrape::of(&doorward).await;
    for outcome in ["allow_anonymous", "denied", "login_needed"] {
        let series =
            format!("doorward_verify_decisions_total{{app=\"shop\",outcome=\"{outcome}\"}}");
        assert_eq!(scrape.count(&series), 1, "{outcome}");
    }
    let refused = "doorward_verify_refused_total{reason=\"unknown_host\"}";
    assert_eq!(scrape.count(refused), 1);
    assert_eq!(scrape.count("doorward_verify_duration_seconds_count"), 4);
}
