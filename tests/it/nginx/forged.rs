//! What a visitor forges never reaches the app, and never changes what Doorward is asked.

use super::{Site, assert_denied_without_redirect};
use crate::support::http::{get, navigate, raw, raw_status};

const FORGED: &str =
    "8f14e45f-ceea-467f-a8b0-1d7d6c3f2a11.1700000000.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[tokio::test]
async fn threat_03_11_no_forged_identity_header_reaches_the_app() {
    let site = Site::start().await;
    let cookie = site.register("reader@example.com").await;
    let spellings = [
        "X-UserId",
        "x-userid",
        "X-USERID",
        "X_UserId",
        "X-User_Id",
        "X_User_Id",
        "X.UserId",
    ];
    for connection in ["close", "X-UserId, close", "close, x-userid, X_UserId"] {
        for (path, cookie, subject) in
            [("/", "", "anonymous"), ("/orders", cookie.as_str(), "user")]
        {
            let mut request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n", site.nginx.address());
            for spelling in spellings {
                request.push_str(&format!("{spelling}: {FORGED}\r\n{spelling}: {FORGED}\r\n"));
            }
            request.push_str(&format!(
                "Cookie: {cookie}\r\nConnection: {connection}\r\n\r\n"
            ));
            let answer = raw(&site.nginx.address(), request.as_bytes()).await;
            assert_eq!(
                raw_status(&answer),
                200,
                "{}",
                String::from_utf8_lossy(&answer)
            );
            let seen = site.identity(&site.app.take_only_request()).subject;
            assert_eq!(
                seen == "anonymous",
                subject == "anonymous",
                "{connection}: {seen}"
            );
        }
    }
}

#[tokio::test]
async fn threat_04_06_forged_forwarding_headers_change_nothing() {
    let site = Site::start().await;
    let public = site.url("/");
    let forged = [
        ("x-original-url", public.as_str()),
        ("x-original-method", "GET"),
        ("x-forwarded-uri", "/"),
        ("x-forwarded-method", "GET"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-for", "127.0.0.1"),
        ("forwarded", "for=127.0.0.1;host=evil.example;proto=https"),
        ("x-rewrite-url", "/"),
        ("x-http-method-override", "OPTIONS"),
        ("accept", "text/html"),
    ];
    let answer = get(&site.url("/orders"), &forged).await;
    assert_eq!(answer.status, 302, "still judged as /orders");
    assert_eq!(
        answer.location(),
        Some(site.url("/login?rd=%2Forders").as_str())
    );
    let login = get(&site.url("/login?rd=https://evil.example/"), &forged).await;
    assert_eq!(login.status, 200);
    assert!(!login.body.contains("evil.example"), "{}", login.body);
    site.assert_app_was_not_asked();
}

#[tokio::test]
async fn threat_08_no_spelling_of_a_denied_path_reaches_the_app() {
    let site = Site::start().await;
    let cookie = site.register("reader@example.com").await;
    let spellings = [
        "/internal/x",
        "/INTERNAL/x",
        "/%69nternal/x",
        "/%2569nternal/x",
        "//internal/x",
        "/./internal/x",
        "/news/../internal/x",
        "/news/%2e%2e/internal/x",
        "/news/..%2finternal/x",
        "/news/..;/internal/x",
        "/news/..%5cinternal/x",
        "/news/..\\internal/x",
        "/internal;a=b/x",
        "/internal%2fx",
        "/internal%2Fx?a",
        "/internal/x/",
        "/internal/x%00",
        "/internal/x%23",
        "/internal/x%3f",
        "/internal//x",
    ];
    for path in spellings {
        let head = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n", site.nginx.address());
        let request = format!("{head}Cookie: {cookie}\r\nConnection: close\r\n\r\n");
        let status = raw_status(&raw(&site.nginx.address(), request.as_bytes()).await);
        assert!(matches!(status, 400 | 403), "{path}: {status}");
        site.assert_app_was_not_asked();
    }
}

#[tokio::test]
async fn threat_09_a_host_that_is_not_the_apps_is_refused() {
    let site = Site::start().await;
    let port = site.nginx.port();
    for host in [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        format!("localhost.evil.example:{port}"),
    ] {
        let answer = navigate(&site.url("/"), &[("host", &host)]).await;
        assert_denied_without_redirect(&answer, 403);
    }
    for host in [format!("LOCALHOST:{port}"), format!("localhost.:{port}")] {
        assert_eq!(
            navigate(&site.url("/"), &[("host", &host)]).await.status,
            200,
            "{host}"
        );
    }
}

#[tokio::test]
async fn threat_43_no_visitor_can_ask_for_a_signature() {
    let site = Site::start().await;
    for path in [
        "/.doorward",
        "/verify/nginx/shop",
        "/verify/nginx",
        "/login/../verify/nginx/shop",
    ] {
        let original = site.url("/");
        let forged = [
            ("x-original-method", "GET"),
            ("x-original-url", original.as_str()),
        ];
        let answer = get(&site.url(path), &forged).await;
        assert_ne!(answer.status, 200, "{path}");
        assert_eq!(answer.header("x-userid"), None, "{path}");
    }
}
