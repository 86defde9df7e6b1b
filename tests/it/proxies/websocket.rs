//! WebSockets, and what else wants to leave HTTP.

use futures_util::future::join_all;

use super::site::{Front, Site};
use crate::support::websocket;

pub(super) async fn a_websocket_opens_through_a_live_session_alone(front: Front) {
    let site = Site::start(front).await;
    let url = site.url("/ws").replacen("http", "ws", 1);
    let refused = websocket::echo(&url, &[], "hello").await;
    assert_eq!(refused, Err(reqwest::StatusCode::UNAUTHORIZED));
    site.assert_app_was_not_asked();
    let cookie = site.register("reader@example.com").await;
    // As Firefox writes it, and as the others do.
    for connection in ["keep-alive, Upgrade", "Upgrade"] {
        let headers = [("cookie", cookie.as_str()), ("connection", connection)];
        let echo = websocket::echo(&url, &headers, "hello").await;
        assert_eq!(echo.as_deref(), Ok("hello"), "{connection}");
        site.app.take_only_request();
    }
    let headers = [("cookie", cookie.as_str())];
    let text = "hello".repeat(20_000);
    let echo = websocket::echo(&url, &headers, &text).await;
    assert!(
        echo.as_ref() == Ok(&text),
        "{:?}",
        echo.map(|echo| echo.len())
    );
    let request = site.app.take_only_request();
    assert_eq!(site.identity(&request).subject.len(), 36, "a user");
}

pub(super) async fn nothing_but_a_websocket_leaves_http(front: Front) {
    let site = Site::start(front).await;
    let cookie = site.register("reader@example.com").await;
    let host = site.authority();
    let inner = format!(
        "GET /internal/x HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
    );
    // Without an upgrade both requests are answered.
    let head = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: keep-alive\r\n");
    let harmless = site.raw(&format!("{head}\r\n{inner}")).await;
    assert!(harmless.starts_with("HTTP/1.1 200"), "{harmless}");
    assert!(harmless.contains("HTTP/1.1 403"), "{harmless}");
    assert_eq!(site.app.take_only_request().uri, "/");
    let upgrades = [
        "h2c",
        "HTTP/2.0",
        "TLS/1.0",
        "h2c, websocket",
        "websocket, h2c",
        "websocket\r\nUpgrade: h2c",
        "h2c\r\nUpgrade: websocket",
        "websocketx",
        "websocket",
        "WebSocket",
    ];
    let connections = ["Upgrade, HTTP2-Settings", "keep-alive"];
    let all = upgrades.iter().flat_map(|upgrade| {
        connections.map(|connection| {
            format!(
                "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: {connection}\r\nUpgrade: {upgrade}\r\n\
                 HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n{inner}"
            )
        })
    });
    let all: Vec<_> = all.collect();
    let answers = join_all(all.iter().map(|request| site.raw(request))).await;
    for answer in answers {
        assert!(!answer.starts_with("HTTP/1.1 101"), "{answer}");
    }
    for request in site.app.take_requests() {
        assert_eq!(request.uri, "/", "the second request is judged as well");
        site.identity(&request);
        for upgrade in request.header_lines("upgrade") {
            assert!(upgrade.eq_ignore_ascii_case("websocket"), "{request:#?}");
        }
    }
}

pub(super) async fn no_tunnel_is_opened(front: Front) {
    let site = Site::start(front).await;
    let cookie = site.register("reader@example.com").await;
    let (app, own) = (site.app.address(), site.authority());
    let tail = format!("HTTP/1.1\r\nHost: {own}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n");
    site.raw(&format!("GET /ws {tail}")).await;
    assert_eq!(site.app.take_only_request().uri, "/ws", "harmless");
    for target in [app.as_str(), &own, "/", "/ws", "*"] {
        let answer = site.raw(&format!("CONNECT {target} {tail}")).await;
        assert!(!answer.starts_with("HTTP/1.1 2"), "{target}: {answer}");
        assert_connect_was_judged(&site);
    }
}

pub(super) async fn no_tunnel_is_opened_in_frames(front: Front) {
    let site = Site::start(front).await;
    let cookie = site.register("reader@example.com").await;
    let (app, own) = (site.app.address(), site.authority());
    let harmless = [
        (":method", "GET"),
        (":scheme", "https"),
        (":authority", &own),
        (":path", "/ws"),
        ("cookie", &cookie),
    ];
    assert_eq!(site.ask_in_fields(&harmless, b"").await, 200);
    assert_eq!(site.app.take_only_request().uri, "/ws");
    let connect = (":method", "CONNECT");
    for authority in [app.as_str(), &own] {
        let fields = [connect, (":authority", authority), ("cookie", &cookie)];
        let status = site.ask_in_fields(&fields, b"").await;
        assert!(!(200..300).contains(&status), "{authority}: {status}");
        assert_connect_was_judged(&site);
    }
    for (protocol, path, cookie, may_pass) in [
        ("websocket", "/ws", "", false),
        ("websocket", "/internal/ws", cookie.as_str(), false),
        ("connect-udp", "/", &cookie, true),
        ("h2c", "/", &cookie, true),
    ] {
        let fields = [
            connect,
            (":protocol", protocol),
            (":scheme", "https"),
            (":authority", &own),
            (":path", path),
            ("sec-websocket-version", "13"),
            ("cookie", cookie),
        ];
        let status = site.ask_in_fields(&fields, b"").await;
        let opened = (200..300).contains(&status);
        assert!(!opened || may_pass, "{protocol} {path}: {status}");
        assert_connect_was_judged(&site);
    }
}

/// What reaches the app, if anything does, is a plain request that bears an identity.
fn assert_connect_was_judged(site: &Site) {
    for request in site.app.take_requests() {
        assert_ne!(request.method, "CONNECT", "{request:#?}");
        assert_eq!(request.header_lines("upgrade"), [] as [&str; 0]);
        site.identity(&request);
    }
}
