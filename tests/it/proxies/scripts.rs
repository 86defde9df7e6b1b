//! What is not a navigation: scripts, forms, frames, uploads.

use super::site::{Front, Site, assert_denied_without_redirect};
use crate::support::doorward::Db;
use crate::support::proxy::with_replaced;

pub(super) async fn scripts_forms_and_frames_get_401_and_no_redirect(front: Front) {
    let site = Site::start(front).await;
    let script = [
        ("sec-fetch-mode", "cors"),
        ("sec-fetch-dest", "empty"),
        ("accept", "*/*"),
    ];
    assert_denied_without_redirect(&site.get("/orders", &script).await, 401);
    let frame = [
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "iframe"),
        ("accept", "text/html"),
    ];
    assert_denied_without_redirect(&site.get("/orders", &frame).await, 401);
    let json = [("accept", "application/json")];
    assert_denied_without_redirect(&site.get("/orders", &json).await, 401);
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        let html = [("accept", "text/html")];
        let answer = site.send(method, "/orders", &html, "a=1").await;
        assert_denied_without_redirect(&answer, 401);
    }
    site.assert_app_was_not_asked();
}

pub(super) async fn a_preflight_passes_where_a_rule_lets_it(front: Front) {
    let rule = "    { path = \"/api/*\", methods = [\"OPTIONS\"], access = \"public\" },\n";
    let first = "    { path = \"/\", access = \"public\" },\n";
    let rules = with_replaced(
        &front.doorward_toml(),
        &[(first, &format!("{first}{rule}"))],
    );
    let site = Site::start_with(front, &rules, Db::Sqlite).await;
    let preflight = [
        ("origin", "https://partner.example"),
        ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "content-type"),
        ("sec-fetch-mode", "cors"),
        ("sec-fetch-dest", "empty"),
        ("accept", "*/*"),
    ];
    let refused = site.send("OPTIONS", "/orders", &preflight, "").await;
    assert_denied_without_redirect(&refused, 401);
    let other = site.send("PUT", "/api/orders", &preflight, "").await;
    assert_denied_without_redirect(&other, 401);
    site.assert_app_was_not_asked();

    let passed = site.send("OPTIONS", "/api/orders", &preflight, "").await;
    assert_eq!(passed.status, 200);
    let request = site.app.take_only_request();
    assert_eq!(request.method, "OPTIONS");
    assert_eq!(request.header_lines("origin"), ["https://partner.example"]);
    assert_eq!(site.identity(&request).subject, "anonymous");
}

pub(super) async fn what_a_signed_in_visitor_sends_reaches_the_app_whole(front: Front) {
    let site = Site::start(front).await;
    let cookie = site.register("reader@example.com").await;
    let headers = [("cookie", cookie.as_str())];
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let body = "x".repeat(front.upload());
        let answer = site
            .send(method, "/orders?a=1", &headers, body.clone())
            .await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let request = site.app.take_only_request();
        assert_eq!(
            (request.method.as_str(), request.body == body.as_bytes()),
            (method, true)
        );
        assert_eq!(site.identity(&request).subject.len(), 36);
    }
}

pub(super) async fn a_refused_upload_is_answered_and_does_not_reach_the_app(front: Front) {
    let site = Site::start(front).await;
    for _ in 0..3 {
        let answer = site.send("POST", "/orders", &[], "x".repeat(200_000)).await;
        assert_denied_without_redirect(&answer, 401);
    }
    site.assert_app_was_not_asked();
}

pub(super) async fn uploads_of_unknown_length_and_those_that_wait_reach_the_app(front: Front) {
    let site = Site::start(front).await;
    let head = format!(
        "POST / HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
        site.authority()
    );
    for rest in [
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nTrailer: X-UserId\r\n\r\n5\r\nhello\r\n0\r\nX-UserId: forged\r\n\r\n",
        "Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
    ] {
        let answer = site.raw(&format!("{head}{rest}")).await;
        assert!(answer.contains(" 200 "), "{rest}: {answer}");
        let request = site.app.take_only_request();
        assert_eq!(request.body, b"hello");
        assert_eq!(site.identity(&request).subject, "anonymous");
    }
}

pub(super) async fn big_and_many_headers_reach_the_app(front: Front) {
    let site = Site::start(front).await;
    let session = site.register("reader@example.com").await;
    // Browsers send all cookies in one line; the usual limit for a line is 8 KiB.
    let own = (0..75).map(|n| format!("cookie-{n}={}", "c".repeat(88)));
    let own = own.collect::<Vec<_>>().join("; ");
    let cookies = format!("{own}; {session}");
    assert!((7_500..8_180).contains(&cookies.len()), "{}", cookies.len());
    let answer = site.get("/orders", &[("cookie", &cookies)]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let request = site.app.take_only_request();
    assert_eq!(site.identity(&request).subject.len(), 36);
    let seen = request.header_lines("cookie").join("; ");
    assert!(seen.contains("cookie-0=c") && seen.contains("; cookie-74=c"));

    let many: Vec<_> = (0..front.header_lines())
        .map(|n| (format!("x-many-{n}"), "v".repeat(40)))
        .collect();
    let mut headers: Vec<_> = many
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    headers.push(("cookie", &session));
    let answer = site.get("/orders", &headers).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let request = site.app.take_only_request();
    assert_eq!(site.identity(&request).subject.len(), 36);
    let arrived = many
        .iter()
        .filter(|(name, value)| request.header_lines(name) == [value]);
    assert_eq!(arrived.count(), many.len());
}

pub(super) async fn threat_21_more_than_can_be_read_is_refused_and_never_let_in(front: Front) {
    let site = Site::start(front).await;
    let session = site.register("reader@example.com").await;
    for size in [12_000, 20_000, 40_000, 70_000] {
        let cookie = format!("big={}; {session}", "c".repeat(size));
        let status = site.ask("GET", "/orders", &[("Cookie", &cookie)]).await;
        for request in site.app.take_requests() {
            assert_eq!(status, 200, "{size}");
            assert_eq!(site.identity(&request).subject.len(), 36, "{size}");
        }
        let status = site.ask("GET", "/internal/x", &[("Cookie", &cookie)]).await;
        assert_ne!(status, 200, "{size}");
        site.assert_app_was_not_asked();
    }
}
