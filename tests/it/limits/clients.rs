//! Whom a request is counted for.

use super::super::support::doorward::Doorward;
use super::super::support::http::send;
use super::JSON;

const TOML: &str = r#"
    [server]
    trusted_proxies = ["127.0.0.1", "10.0.0.0/8"]
    [limits]
    sign_in = "2 per 1d"
"#;

/// What is answered to an attempt to sign in with these header lines.
async fn attempt(doorward: &Doorward, headers: &[(&str, &str)]) -> u16 {
    let kind = [("content-type", JSON)];
    let url = format!("{}/login", doorward.public());
    let answer = send("POST", &url, &[&kind, headers].concat(), "{}").await;
    answer.status.as_u16()
}

async fn attempt_from(doorward: &Doorward, client: &str) -> u16 {
    attempt(doorward, &[("x-forwarded-for", client)]).await
}

#[tokio::test]
async fn threat_30_an_ipv6_client_counts_with_its_64_and_a_mapped_one_as_ipv4() {
    let doorward = Doorward::builder().toml(TOML).start().await;
    for (first, second, third, another) in [
        (
            "2001:db8:1:2::1",
            "2001:db8:1:2:ffff:ffff:ffff:ffff",
            "[2001:db8:1:2:aaaa::1]:4711",
            "2001:db8:1:3::1",
        ),
        (
            "203.0.113.9",
            "::ffff:203.0.113.9",
            "[::ffff:203.0.113.9]:4711",
            "203.0.113.8",
        ),
        (
            "::ffff:198.51.100.1",
            "198.51.100.1:80",
            "198.51.100.1",
            "::ffff:198.51.100.2",
        ),
    ] {
        assert_eq!(attempt_from(&doorward, first).await, 400, "{first}");
        assert_eq!(attempt_from(&doorward, second).await, 400, "{second}");
        for client in [third, first, second] {
            assert_eq!(attempt_from(&doorward, client).await, 429, "{client}");
        }
        assert_eq!(attempt_from(&doorward, another).await, 400, "{another}");
    }
}

#[tokio::test]
async fn threat_05_30_what_a_client_says_of_itself_buys_no_new_budget() {
    let doorward = Doorward::builder().toml(TOML).start().await;
    // The last entry that is no trusted proxy is the client; what stands before it is the client's own word.
    let lists = [
        "203.0.113.9",
        "198.51.100.1, 203.0.113.9",
        "198.51.100.2,10.0.0.1,203.0.113.9",
        "198.51.100.3, 203.0.113.9, 10.0.0.1",
        "2001:db8::1, 203.0.113.9, 10.0.0.1, 10.0.0.2",
        "garbage, 203.0.113.9",
        ", , 203.0.113.9",
        "\"198.51.100.4\", 203.0.113.9:999",
    ];
    let mut answers = Vec::new();
    for list in lists {
        answers.push(attempt_from(&doorward, list).await);
    }
    assert_eq!(answers, [400, 400, 429, 429, 429, 429, 429, 429]);
    let lines = [
        ("x-forwarded-for", "198.51.100.5"),
        ("X-Forwarded-For", "203.0.113.9"),
    ];
    assert_eq!(attempt(&doorward, &lines).await, 429);
    for other in [
        "forwarded",
        "x-real-ip",
        "x-client-ip",
        "true-client-ip",
        "cf-connecting-ip",
        "x-cluster-client-ip",
        "x-forwarded",
        "x_forwarded_for",
    ] {
        let headers = [
            (other, "for=198.51.100.6"),
            ("x-forwarded-for", "203.0.113.9"),
        ];
        assert_eq!(attempt(&doorward, &headers).await, 429, "{other}");
    }
}

#[tokio::test]
async fn threat_05_30_an_unlisted_peer_counts_by_its_own_address() {
    let toml = "[server]\ntrusted_proxies = [\"10.0.0.1\"]\n[limits]\nsign_in = \"2 per 1d\"";
    let doorward = Doorward::builder().toml(toml).start().await;
    let mut answers = Vec::new();
    for number in 1..=6 {
        let client = format!("198.51.100.{number}");
        answers.push(attempt_from(&doorward, &client).await);
    }
    assert_eq!(answers, [400, 400, 429, 429, 429, 429]);
    assert_eq!(attempt(&doorward, &[]).await, 429);
}

/// A page elsewhere makes its visitors' browsers send forms. These do nothing, and may not keep the visitor out either.
#[tokio::test]
async fn threat_24_30_another_site_does_not_use_up_its_visitors_attempts() {
    let doorward = Doorward::builder().toml(TOML).start().await;
    for forged in [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
        ("host", "evil.example"),
    ] {
        for _ in 0..5 {
            assert_eq!(attempt(&doorward, &[forged]).await, 403, "{forged:?}");
        }
    }
    assert_eq!(attempt(&doorward, &[]).await, 400);
    let toml = "[limits]\ngeneral = \"2 per 1d\"";
    let doorward = Doorward::builder().toml(toml).start().await;
    let forged = [("origin", "https://evil.example")];
    for status in [403, 403, 429, 429] {
        assert_eq!(attempt(&doorward, &forged).await, status, "they cost work");
    }
}
