//! Which host a request is for, where it says so more than once or not at all.

use futures_util::future::join_all;

use super::site::{Front, Protocol, Site, assert_denied_without_redirect};
use crate::support::http::navigate;

pub(super) async fn threat_09_a_host_that_is_not_the_apps_is_refused(front: Front) {
    let site = Site::start(front).await;
    let (port, own) = (site.proxy.port(), front.host());
    for host in [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        format!("{own}.evil.example:{port}"),
        format!("evil-{own}:{port}"),
        format!("evil.{own}:{port}"),
    ] {
        let headers = [("host", host.as_str()), ("accept", "text/html")];
        let status = site.ask("GET", "/", &headers).await;
        assert_eq!(status, front.unknown_host(), "{host}");
        site.assert_app_was_not_asked();
        // In HTTP/2 a library asks for the host of the URL.
        if front.protocol != Protocol::Http2 {
            let answer = navigate(&site.url("/"), &headers).await;
            assert_denied_without_redirect(&answer, status);
            site.assert_app_was_not_asked();
        }
    }
    for (host, expected) in [
        (format!("{}:{port}", own.to_uppercase()), 200),
        (format!("{own}.:{port}"), front.host_with_a_dot()),
    ] {
        let status = site.ask("GET", "/", &[("host", &host)]).await;
        assert_eq!(status, expected, "{host}");
        assert_eq!(site.app.take_requests().len(), usize::from(status == 200));
    }
    if !front.has_tls() {
        let loopback = site.proxy.address();
        let status = site.ask("GET", "/", &[("host", &loopback)]).await;
        assert_eq!(status, 200, "the example's other host");
    }
}

/// A question puts host and path together; what the visitor writes into the one must not change the other.
pub(super) async fn threat_09_no_host_leads_to_a_public_path(front: Front) {
    let site = Site::start(front).await;
    let own = site.authority();
    let bare = front.host();
    for host in [
        format!("{own}/news/x"),
        format!("{own}/news/x?"),
        format!("{own}/news/x#"),
        format!("{own}/news/x;"),
        format!("{own}?"),
        format!("{own}#"),
        format!("{own}/?"),
        format!("{own}\\news\\x?"),
        format!("{own}%2fnews%2fx%3f"),
        format!("{bare}/news/x?:80"),
        format!("news@{own}"),
        format!("{own}:80"),
        format!("{bare}:"),
        format!("{bare}:0/news/x?"),
        format!("http://{own}/news/x?"),
        format!("{own},{own}/news/x?"),
    ] {
        let headers = [("host", host.as_str()), ("accept", "text/html")];
        let status = site.ask("GET", "/orders", &headers).await;
        assert!(status == 0 || status >= 300, "{host}: {status}");
        site.assert_app_was_not_asked();
    }
}

/// Refused, or the app sees nothing but its own host.
pub(super) async fn threat_09_conflicting_hosts_never_reach_the_app(front: Front) {
    let site = Site::start(front).await;
    let own = site.authority();
    let evil = "evil.example";
    let tail = "Connection: close\r\n\r\n";
    let requests = [
        format!("GET http://{evil}/ HTTP/1.1\r\nHost: {own}\r\n{tail}"),
        format!("GET http://{own}/ HTTP/1.1\r\nHost: {evil}\r\n{tail}"),
        format!("GET http://{own}/ HTTP/1.1\r\n{tail}"),
        format!("GET http://{own}@{evil}/ HTTP/1.1\r\nHost: {own}\r\n{tail}"),
        format!("GET http://{evil}#@{own}/ HTTP/1.1\r\nHost: {own}\r\n{tail}"),
        format!("GET {evil}/ HTTP/1.1\r\nHost: {own}\r\n{tail}"),
        format!("GET //{evil}/ HTTP/1.1\r\nHost: {own}\r\n{tail}"),
        format!("GET / HTTP/1.1\r\nHost: {own}\r\nHost: {evil}\r\n{tail}"),
        format!("GET / HTTP/1.1\r\nHost: {evil}\r\nHost: {own}\r\n{tail}"),
        format!("GET / HTTP/1.1\r\nHost: {own}, {evil}\r\n{tail}"),
        format!("GET / HTTP/1.1\r\nHost: {own} {evil}\r\n{tail}"),
        format!("GET / HTTP/1.1\r\nHost: {own}@{evil}\r\n{tail}"),
        format!("GET / HTTP/1.1\r\nHost: {evil}/{own}\r\n{tail}"),
        format!("GET / HTTP/1.1\r\nHost: {evil}#{own}\r\n{tail}"),
        format!("GET /orders HTTP/1.1\r\nHost: {own}/news/x\r\n{tail}"),
        format!("GET /orders HTTP/1.1\r\nHost: {own}/news/x?\r\n{tail}"),
        format!("GET / HTTP/1.1\r\nHost : {evil}\r\nHost: {own}\r\n{tail}"),
        format!("GET / HTTP/1.1\r\n Host: {evil}\r\nHost: {own}\r\n{tail}"),
        format!("GET / HTTP/1.1\r\nHost: {own}\r\n Host: {evil}\r\n{tail}"),
        format!("GET / HTTP/1.1\r\nHost:\r\n{tail}"),
        format!("GET / HTTP/1.1\r\n{tail}"),
        format!("GET / HTTP/1.0\r\n{tail}"),
        "GET /\r\n\r\n".to_owned(),
    ];
    site.raw(&format!("GET / HTTP/1.1\r\nHost: {own}\r\n{tail}"))
        .await;
    assert_eq!(site.app.take_only_request().header_lines("host"), [&*own]);
    join_all(requests.iter().map(|request| site.raw(request))).await;
    assert_only_its_own_host_was_seen(&site);
}

pub(super) async fn threat_09_an_authority_and_another_host_never_reach_the_app(front: Front) {
    let site = Site::start(front).await;
    let own = site.authority();
    let own = own.as_str();
    let evil = "evil.example";
    let method = (":method", "GET");
    let (scheme, path) = ((":scheme", "https"), (":path", "/"));
    let harmless = [method, scheme, (":authority", own), path];
    assert_eq!(site.ask_in_fields(&harmless, b"").await, 200);
    assert_eq!(site.app.take_only_request().header_lines("host"), [own]);
    for fields in [
        vec![method, scheme, (":authority", evil), path, ("host", own)],
        vec![method, scheme, (":authority", own), path, ("host", evil)],
        vec![method, scheme, path, ("host", own), ("host", evil)],
        vec![method, scheme, path, ("host", evil)],
        vec![
            method,
            scheme,
            (":authority", own),
            (":authority", evil),
            path,
        ],
        vec![
            method,
            scheme,
            (":authority", evil),
            (":authority", own),
            path,
        ],
        vec![method, scheme, path],
        vec![method, scheme, (":authority", ""), path, ("host", own)],
        vec![
            method,
            scheme,
            (":authority", "shop.example.com@evil.example"),
            path,
        ],
        // Put together carelessly, host and path would be a public page's address.
        vec![
            method,
            scheme,
            (":authority", &format!("{own}/news/x?")),
            (":path", "/orders"),
        ],
    ] {
        site.ask_in_fields(&fields, b"").await;
        assert_only_its_own_host_was_seen(&site);
    }
    let plain = [method, (":scheme", "http"), (":authority", own), path];
    site.ask_in_fields(&plain, b"").await;
    for request in site.app.take_requests() {
        assert_eq!(request.header_lines("x-forwarded-proto"), ["https"]);
    }
}

fn assert_only_its_own_host_was_seen(site: &Site) {
    let own = site.authority();
    for request in site.app.take_requests() {
        assert_eq!(request.header_lines("host"), [own.as_str()], "{request:#?}");
        let told = request.header_lines("x-forwarded-host");
        assert_eq!(told, [own.as_str()], "{request:#?}");
        assert!(request.uri.starts_with('/'), "{request:#?}");
        site.identity(&request);
    }
}
