//! What a visitor forges never reaches the app, and never changes what Doorward is asked.

use futures_util::future::join_all;

use super::site::{Front, Site};
use crate::support::upstream::{App, Recorded};

const FORGED: &str =
    "8f14e45f-ceea-467f-a8b0-1d7d6c3f2a11.1700000000.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

pub(super) async fn threat_03_11_no_forged_identity_header_reaches_the_app(front: Front) {
    let site = Site::start(front).await;
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
        for (path, cookie) in [("/", ""), ("/orders", cookie.as_str())] {
            let twice = spellings.iter().flat_map(|name| [(*name, FORGED); 2]);
            let mut headers: Vec<_> = twice.collect();
            headers.push(("Cookie", cookie));
            if front.protocol != super::Protocol::Http2 {
                headers.push(("Connection", connection));
            }
            assert_eq!(site.ask("GET", path, &headers).await, 200, "{connection}");
            let seen = site.identity(&site.app.take_only_request()).subject;
            assert_eq!(seen == "anonymous", path == "/", "{connection}: {seen}");
        }
    }
}

pub(super) async fn threat_04_06_forged_forwarding_headers_change_nothing(front: Front) {
    let site = Site::start(front).await;
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
    let answer = site.get("/orders", &forged).await;
    assert_eq!(answer.status, 302, "still judged as /orders");
    assert_eq!(
        answer.location(),
        Some(site.url("/login?rd=%2Forders").as_str())
    );
    let login = site.get("/login?rd=https://evil.example/", &forged).await;
    assert_eq!(login.status, 200);
    assert!(!login.body.contains("evil.example"), "{}", login.body);
    site.assert_app_was_not_asked();
}

pub(super) async fn threat_04_the_app_is_told_the_truth_about_the_visitor(front: Front) {
    let site = Site::start(front).await;
    let lie = "evil.example";
    let names = [
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Forwarded-Port",
        "X-Forwarded-Server",
        "X-Forwarded-Prefix",
        "X-Forwarded-Uri",
        "X-Forwarded-Method",
        "Forwarded",
        "X-Original-URL",
        "X-Original-Method",
        "X-Rewrite-URL",
        // as they are called where a framework makes variables of them
        "X_Forwarded_For",
        "X_Forwarded_Host",
        "X_Forwarded_Proto",
        "X_Original_URL",
    ];
    let once: Vec<_> = names.iter().map(|name| (*name, lie)).collect();
    for headers in [once.clone(), [once.clone(), once].concat()] {
        assert_eq!(site.ask("GET", "/", &headers).await, 200);
        let request = site.app.take_only_request();
        let believed: Vec<_> = request
            .headers
            .iter()
            .filter(|(_, value)| value.contains(lie))
            .collect();
        assert_eq!(believed, [] as [&(String, String); 0], "the visitor's own");
        assert_told_the_truth(&site, &request);
    }
}

fn assert_told_the_truth(site: &Site, request: &Recorded) {
    let own = site.authority();
    let told = |name| request.header_lines(name);
    assert_eq!(told("host"), [own.as_str()]);
    assert_eq!(told("x-forwarded-host"), [own.as_str()]);
    assert_eq!(told("x-forwarded-for"), ["127.0.0.1"]);
    assert_eq!(told("x-forwarded-proto"), [site.front.scheme()]);
    site.identity(request);
}

/// By `Connection` a client names headers that the next hop is to drop.
pub(super) async fn threat_11_a_visitor_takes_no_header_away(front: Front) {
    let site = Site::start(front).await;
    let cookie = site.register("reader@example.com").await;
    let names = [
        "X-UserId",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Forwarded-Uri",
        "X-Forwarded-Method",
        "X-Original-URL",
        "X-Original-Method",
        "Cookie",
        "Host",
        "Authorization",
    ];
    let all = names.join(", ");
    for name in names.into_iter().chain([all.as_str()]) {
        let connection = format!("close, {name}");
        let headers = [
            ("Connection", connection.as_str()),
            ("X-UserId", FORGED),
            ("Cookie", &cookie),
            ("Accept", "text/html"),
        ];
        let denied = site.ask("GET", "/internal/x", &headers).await;
        assert!(matches!(denied, 400 | 403), "{name}: {denied}");
        site.assert_app_was_not_asked();
        match site.ask("GET", "/", &headers).await {
            200 => assert_told_the_truth(&site, &site.app.take_only_request()),
            status => assert_eq!(status, 400, "{name}"),
        }
        let private = site.ask("GET", "/orders", &headers).await;
        if private == 200 {
            let request = site.app.take_only_request();
            assert_told_the_truth(&site, &request);
            assert_eq!(site.identity(&request).subject.len(), 36);
        } else {
            assert!(matches!(private, 302 | 400), "{name}: {private}");
            site.assert_app_was_not_asked();
        }
    }
}

/// Lines that some server might take for another header than its neighbour does.
pub(super) async fn threat_11_no_broken_header_line_becomes_an_identity(front: Front) {
    let site = Site::start(front).await;
    let host = site.authority();
    let lines = [
        format!("X-UserId : {FORGED}"),
        format!("X-UserId\t: {FORGED}"),
        format!(" X-UserId: {FORGED}"),
        format!("X-First: a\r\n X-UserId: {FORGED}"),
        format!("X-First: a\r\n\tX-UserId: {FORGED}"),
        format!("X-First:\r\n X-UserId: {FORGED}"),
        format!("X-First: a\nX-UserId: {FORGED}"),
        format!("X-First: a\rX-UserId: {FORGED}"),
        format!("X-First: a\0\r\nX-UserId: {FORGED}"),
        format!("X-UserId:\x0b{FORGED}"),
        format!("X-UserId:\r\n {FORGED}"),
        format!("X-UserId\0: {FORGED}"),
        format!("\0X-UserId: {FORGED}"),
        format!("X-UserId\r: {FORGED}"),
        format!("X-UserId: {FORGED}\r\nX-UserId:"),
        format!(": a\r\nX-UserId: {FORGED}"),
        format!("X-First\r\nX-UserId: {FORGED}"),
    ];
    let with = |line: &str| {
        format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{line}\r\n\r\n")
    };
    site.raw(&with("X-First: a")).await;
    let harmless = site.app.take_only_request();
    assert_eq!(site.identity(&harmless).subject, "anonymous");
    let requests = lines.map(|line| with(&line));
    join_all(requests.iter().map(|request| site.raw(request))).await;
    for request in site.app.take_requests() {
        assert_eq!(site.identity(&request).subject, "anonymous");
        let brought = request
            .headers
            .iter()
            .find(|(_, value)| value.contains(FORGED));
        let hidden = brought.is_none_or(|(name, _)| name.eq_ignore_ascii_case("x-first"));
        assert!(hidden, "{request:#?}");
    }
}

/// Whatever answers in Doorward's place.
pub(super) async fn threat_03_a_yes_without_an_identity_lets_no_forged_one_through(front: Front) {
    let impostor = App::start();
    let site = Site::start_asking(front, &impostor.url()).await;
    let forged = [("X-UserId", FORGED), ("X_UserId", FORGED)];
    for headers in [&[], &forged[..]] {
        let status = site.ask("GET", "/orders", headers).await;
        assert_ne!(impostor.take_requests(), [], "it was asked");
        let requests = site.app.take_requests();
        let passes = front.passes_a_yes_for_nobody();
        assert_eq!(
            (status, requests.len()),
            if passes { (200, 1) } else { (503, 0) }
        );
        for request in requests {
            for (name, value) in request.identity_lines() {
                assert_eq!(value, "", "{name}");
            }
        }
    }
    for status in [301, 302, 400, 401, 403, 404, 418, 429, 500, 502, 503] {
        impostor.always_answer(status);
        let shown = site.ask("GET", "/", &forged).await;
        assert!(!(200..300).contains(&shown), "{status}: {shown}");
        assert_ne!(impostor.take_requests(), [], "{status}: it was asked");
        site.assert_app_was_not_asked();
    }
}

pub(super) async fn threat_43_no_visitor_can_ask_for_a_signature(front: Front) {
    let site = Site::start(front).await;
    let cookie = site.register("reader@example.com").await;
    let original = site.url("/");
    let authority = site.authority();
    let forged = [
        ("x-original-method", "GET"),
        ("x-original-url", original.as_str()),
        ("x-forwarded-method", "GET"),
        ("x-forwarded-proto", front.scheme()),
        ("x-forwarded-host", &authority),
        ("x-forwarded-uri", "/"),
    ];
    for path in [
        "/.doorward",
        "/verify/nginx/shop",
        "/verify/nginx",
        "/verify/haproxy/shop",
        "/verify/traefik/shop",
        "/verify/caddy/shop",
        "/verify/envoy/shop/",
        "/verify/envoy/shop",
        "/login/../verify/nginx/shop",
        "/login/%2e%2e/verify/nginx/shop",
        "/login/..%2fverify/nginx/shop",
    ] {
        let answer = site.get(path, &forged).await;
        assert_ne!(answer.status, 200, "{path}");
        assert_ne!(site.ask("GET", path, &forged).await, 200, "{path}");
        site.assert_app_was_not_asked();
        // Whoever is signed in may see what the app has there, and gets no signature from Doorward.
        let signed_in = [&forged[..], &[("cookie", cookie.as_str())]].concat();
        let answer = site.get(path, &signed_in).await;
        let asked = site.app.take_requests().len();
        assert_eq!(asked, usize::from(answer.status == 200), "{path}");
    }
}
