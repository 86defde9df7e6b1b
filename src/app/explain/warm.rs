//! What a question about a known session costs: an answer at once, and few allocations.

use std::net::SocketAddr;

use allocation_counter::measure;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use futures_util::FutureExt as _;

use super::{Config, Rehearsal, http};

const CONFIG: &str = "
    [apps.app]
    hosts = [\"shop.example.com\"]
    keys = [\"7153b450a696816fd2ba60731377d8c7d8c2ebeade3378408d023e5b6d908d85\"]
";

fn ask(head: &[(&str, &str)], path: &str) -> Request {
    let request = Request::builder().uri(path).header("Host", "doorward");
    let request = head.iter().fold(request, |request, (name, value)| {
        request.header(*name, *value)
    });
    request.body(Body::empty()).unwrap()
}

/// What may not be saved: the name of the host in its canonical form, the header's value, and room for the headers.
const AT_MOST: u64 = 4;

#[tokio::test]
async fn a_known_session_is_verified_at_once_and_with_few_allocations() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("doorward.toml");
    std::fs::write(&file, CONFIG).unwrap();
    let config = Config::load(Some(&file), []).unwrap();
    let rehearsal = Rehearsal::build(&config).await.unwrap();
    rehearsal.door.services.sessions.cache.link_up();
    let app = rehearsal.gate().apps.get("app").unwrap();
    let entry = app.hosts.first().unwrap();
    let cookie = rehearsal.sign_in(app, entry, &[]).await.unwrap();
    let cookie = format!("theme=dark; {cookie}");
    let site = http::internal(&rehearsal.door);
    let peer = SocketAddr::from(([127, 0, 0, 1], 40_000));
    let by_url = [
        ("X-Original-Method", "GET"),
        ("X-Original-URL", "https://shop.example.com/orders?page=2"),
        ("Cookie", &cookie),
    ];
    let by_parts = [
        ("X-Forwarded-Method", "POST"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "shop.example.com"),
        ("X-Forwarded-Uri", "/orders"),
        ("Cookie", &cookie),
    ];
    let questions = [
        (&by_url[..], "/verify/nginx"),
        (&by_url, "/verify/haproxy/app"),
        (&by_parts, "/verify/caddy/app"),
    ];
    for (head, path) in questions {
        // The first one is answered by the store.
        let first = site.clone().ask(peer, ask(head, path)).await;
        assert_eq!(first.status(), StatusCode::OK, "{path}");
        let (site, request) = (site.clone(), ask(head, path));
        let mut answer = None;
        let cost = measure(|| answer = site.ask(peer, request).now_or_never());
        let answer = answer.expect("an answer at once");
        let identity = answer.headers().get("x-userid").unwrap().to_str().unwrap();
        assert!(!identity.starts_with("anonymous"), "{identity}");
        assert!(cost.count_total <= AT_MOST, "{path}: {cost:?}");
    }
}
