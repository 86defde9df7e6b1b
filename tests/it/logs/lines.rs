//! The lines themselves: one for each page request, and none that somebody else wrote.

use serde_json::{Value, json};

use super::super::support::doorward::Doorward;
use super::super::support::http::{get, post_json, raw, send};
use super::super::support::process::eventually;
use super::super::visitor::credentials;
use super::{EMAIL, toml};

/// Requests with an outcome each, as the access log should tell them: method, path, status, app.
async fn ask(doorward: &Doorward) -> Vec<(&'static str, &'static str, u64, &'static str)> {
    let base = doorward.public();
    let id = |id| ("x-request-id", id);
    get(&format!("{base}/login?rd=/x"), &[id("asked-0")]).await;
    send("HEAD", &format!("{base}/login"), &[id("asked-1")], "").await;
    get(&format!("{base}/login/none"), &[id("asked-2")]).await;
    post_json(
        &format!("{base}/register"),
        &[id("asked-3")],
        &credentials(EMAIL),
    )
    .await;
    post_json(&format!("{base}/login"), &[id("asked-4")], &json!({})).await;
    send("PUT", &format!("{base}/logout"), &[id("asked-5")], "").await;
    get(
        &format!("{base}/login"),
        &[id("asked-6"), ("host", "unknown.example")],
    )
    .await;
    let forged = [id("asked-7"), ("sec-fetch-site", "cross-site")];
    post_json(&format!("{base}/logout"), &forged, &json!({})).await;
    get(&format!("{base}/login/assets/none.css"), &[id("asked-8")]).await;
    vec![
        ("GET", "/login", 200, "app"),
        ("HEAD", "/login", 200, "app"),
        ("GET", "/login/none", 404, "app"),
        ("POST", "/register", 201, "app"),
        ("POST", "/login", 400, "app"),
        ("PUT", "/logout", 405, "app"),
        ("GET", "/login", 403, "-"),
        ("POST", "/logout", 403, "app"),
        ("GET", "/login/assets/none.css", 404, "app"),
    ]
}

#[tokio::test]
async fn every_page_request_has_one_line_of_json() {
    let mut doorward = Doorward::builder()
        .toml(&toml("json", "info"))
        .start()
        .await;
    let expected = ask(&doorward).await;
    doorward.stop().await;
    let lines: Vec<Value> = doorward
        .log()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}")))
        .collect();
    for (number, (method, path, status, app)) in expected.into_iter().enumerate() {
        let id = format!("asked-{number}");
        let own: Vec<_> = lines
            .iter()
            .filter(|line| {
                line["target"] == "doorward::access" && line["request_id"] == id.as_str()
            })
            .collect();
        assert_eq!(own.len(), 1, "one line for {method} {path}: {own:?}");
        let line = own[0];
        assert_eq!(line["method"], method);
        assert_eq!(line["path"], path);
        assert_eq!(line["status"], status);
        assert_eq!(line["app"], app);
        assert_eq!(line["level"], "INFO");
        assert!(
            line["duration_ms"]
                .as_f64()
                .is_some_and(|ms| (0.0..60_000.0).contains(&ms))
        );
        assert!(line["timestamp"].is_string());
    }
}

#[tokio::test]
async fn every_page_request_has_one_line_of_text() {
    let mut doorward = Doorward::builder()
        .toml(&toml("text", "info"))
        .start()
        .await;
    let expected = ask(&doorward).await;
    doorward.stop().await;
    let log = doorward.log();
    assert!(!log.contains('\u{1b}'), "no colours where nobody looks");
    for (number, (method, path, status, app)) in expected.into_iter().enumerate() {
        let id = format!("request_id=\"asked-{number}\"");
        let own: Vec<_> = log
            .lines()
            .filter(|line| line.contains(" request ") && line.contains(&id))
            .collect();
        assert_eq!(own.len(), 1, "one line for {method} {path}: {own:?}");
        for part in [
            format!("method={method}"),
            format!("path=\"{path}\""),
            format!("status={status}"),
            format!("app=\"{app}\""),
            "duration_ms=".to_owned(),
        ] {
            assert!(own[0].contains(&part), "{part} in {}", own[0]);
        }
    }
}

#[tokio::test]
async fn threat_40_nobody_forges_a_log_line() {
    for format in ["text", "json"] {
        let mut doorward = Doorward::builder()
            .toml(&toml(format, "trace"))
            .start()
            .await;
        let base = doorward.public().to_owned();
        let address = base.trim_start_matches("http://").to_owned();
        let made_up = "2030-01-01T00:00:00Z  INFO request method=GET path=\"/made-up\"";
        let encoded: String =
            percent_encoding::utf8_percent_encode(made_up, percent_encoding::NON_ALPHANUMERIC)
                .collect();
        let paths = [
            format!("/login/%0d%0a{encoded}"),
            format!("/login/%1b%5b31m%0a{encoded}"),
            "/login/\u{85}made-up\u{2028}\u{9b}31m\u{202e}".to_owned(),
            "/login/\"made-up".to_owned(),
            "/login/\u{7f}made-up".to_owned(),
        ];
        for path in &paths {
            let request = format!(
                "GET {path} HTTP/1.1\r\nHost: {address}\r\nUser-Agent: \x1b[2Jmade\tup \u{9b}31m\r\nConnection: close\r\n\r\n"
            );
            raw(&address, request.as_bytes()).await;
        }
        for id in ["made\tup", "made up", "\u{9b}31m", "\"made\""] {
            let request = format!(
                "GET /login HTTP/1.1\r\nHost: {address}\r\nX-Request-Id: {id}\r\nConnection: close\r\n\r\n"
            );
            raw(&address, request.as_bytes()).await;
        }
        get(
            &format!("{base}/login"),
            &[("x-forwarded-for", "made up, 203.0.113.7\t")],
        )
        .await;
        get(&format!("{base}/login/last"), &[]).await;
        eventually("the last line", async || {
            doorward.log().contains("/login/last").then_some(())
        })
        .await;
        doorward.stop().await;
        let log = doorward.log();
        let control =
            |c: char| c.is_control() && c != '\n' || "\u{2028}\u{2029}\u{202e}".contains(c);
        assert!(!log.contains(control), "{format}: {log:?}");
        for line in log.lines() {
            let begins = if format == "json" {
                line.starts_with('{')
            } else {
                line.starts_with("20")
            };
            assert!(begins && !line.starts_with("2030"), "{format}: {line}");
        }
    }
}

#[tokio::test]
async fn a_level_hides_what_is_less_important() {
    let mut doorward = Doorward::builder()
        .toml(&toml("text", "error"))
        .start()
        .await;
    ask(&doorward).await;
    doorward.stop().await;
    assert_eq!(doorward.log(), "", "nothing went wrong");
}
