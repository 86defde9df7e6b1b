//! The headers that describe the original request: exactly one of each, and nobody else's.

use super::case::{Browser, Case};
use super::dialect::{ENDPOINTS, Endpoint, Proxy};
use super::exchange::Subrequest;
use super::verdict::Outcome::{Anonymous, Forbidden, SignIn};
use super::verdict::assert_reply;
use super::world::World;

/// The endpoints whose proxies describe the request in headers of its own.
fn by_headers() -> impl Iterator<Item = Endpoint> {
    let all = ENDPOINTS.into_iter();
    all.filter(|endpoint| endpoint.proxy != Proxy::Envoy)
}

fn open() -> Case<'static> {
    Case::get("shop", "https://shop.example.com/open/x").browser(Browser::Program)
}

async fn assert_refused(world: &World, endpoint: Endpoint, request: &Subrequest) {
    let reply = world.ask(request).await;
    assert_eq!(reply.status, 403, "{request:?}");
    assert_reply(endpoint, &open(), &reply, &Forbidden);
}

#[tokio::test]
async fn threat_01_a_missing_or_repeated_header_is_refused() {
    let world = World::start().await;
    world.expect(&open(), Anonymous).await;
    for endpoint in by_headers() {
        for name in endpoint.proxy.own_headers() {
            let request = endpoint.subrequest(&open());
            assert_refused(&world, endpoint, &request.clone().without(name)).await;
            assert_refused(&world, endpoint, &request.clone().replacing(name, "")).await;
            let same = request.header(name).to_owned();
            assert_refused(&world, endpoint, &request.clone().with(name, &same)).await;
            let lower = request.clone().with(&name.to_lowercase(), &same);
            assert_refused(&world, endpoint, &lower).await;
            let list = format!("{same}, {same}");
            assert_refused(&world, endpoint, &request.replacing(name, &list)).await;
        }
    }
}

/// None of these is an absolute URL of a host and a path.
const MALFORMED: [&str; 31] = [
    "shop.example.com/open/x",
    "//shop.example.com/open/x",
    "/open/x",
    "https:/shop.example.com/open/x",
    "https:shop.example.com/open/x",
    "https:///open/x",
    "https://shop.example.com",
    "https://shop.example.com?/open/x",
    "https://shop.example.com\\/open/x",
    "https://shop.example.com#/open/x",
    "https://shop.example.com/open/x#y",
    "https://shop.example.com/open/x y",
    "https://shop.example.com/open/\tx",
    "https://shop.example.com/open/ü",
    "ftp://shop.example.com/open/x",
    "javascript://shop.example.com/open/x",
    "https://user@shop.example.com/open/x",
    "https://user:word@shop.example.com/open/x",
    "https://shop.example.com@evil.example/open/x",
    "https://evil.example\\@shop.example.com/open/x",
    "https://shop.example.com:0/open/x",
    "https://shop.example.com:/open/x",
    "https://shop.example.com:443x/open/x",
    "https://shop.example.com:65536/open/x",
    "https://shop.example.com:+443/open/x",
    "https://shop%2eexample.com/open/x",
    "https://shop..example.com/open/x",
    "https://shop.example.com../open/x",
    "https://sh op.example.com/open/x",
    "https://[shop.example.com]/open/x",
    "http:https://shop.example.com/open/x",
];

#[tokio::test]
async fn threat_01_a_malformed_original_request_is_refused() {
    let world = World::start().await;
    let visitor = world.register("shop.example.com", "ada@example.com").await;
    let methods = [
        "GET,POST",
        "GET /",
        "get",
        "GÉT",
        "G\tT",
        "GET/",
        &"A".repeat(33),
    ];
    for endpoint in by_headers() {
        let request = endpoint.subrequest(&open().cookie(&visitor.cookie));
        let fields = endpoint.proxy.own_headers();
        for method in methods {
            assert_refused(
                &world,
                endpoint,
                &request.clone().replacing(fields[0], method),
            )
            .await;
        }
        for url in MALFORMED {
            let request = request.clone();
            let request = match endpoint.proxy {
                Proxy::Nginx | Proxy::Haproxy => request.replacing("X-Original-URL", url),
                _ => replacing_parts(request, url),
            };
            assert_refused(&world, endpoint, &request).await;
        }
    }
}

/// The same malformed URL, torn at the places where a careless proxy would tear it.
fn replacing_parts(request: Subrequest, url: &str) -> Subrequest {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let slash = rest.find('/').unwrap_or(rest.len());
    let (host, uri) = rest.split_at(slash);
    request
        .replacing("X-Forwarded-Proto", scheme)
        .replacing("X-Forwarded-Host", host)
        .replacing("X-Forwarded-Uri", uri)
}

#[tokio::test]
async fn threat_01_a_malformed_part_is_refused() {
    let world = World::start().await;
    let parts = [
        (
            "X-Forwarded-Proto",
            [
                "https, http",
                "https,https",
                "ftp",
                "https:",
                "on",
                "\u{e9}",
            ],
        ),
        (
            "X-Forwarded-Host",
            [
                "shop.example.com, evil.example",
                "shop.example.com,shop.example.com",
                "https://shop.example.com",
                "shop.example.com/",
                "*",
                ".",
            ],
        ),
        (
            "X-Forwarded-Uri",
            [
                "open/x",
                "*",
                "https://shop.example.com/open/x",
                "?/open/x",
                "\\open\\x",
                "/open/x y",
            ],
        ),
    ];
    let passing = by_headers().filter(|endpoint| endpoint.proxy.passes_answers_on());
    for endpoint in passing {
        for (name, values) in parts {
            for value in values {
                let request = endpoint.subrequest(&open()).replacing(name, value);
                assert_refused(&world, endpoint, &request).await;
            }
        }
    }
}

/// Everything that some server somewhere takes for the request's own method, host or path, all of
/// it pointing at an open page.
const FOREIGN: [(&str, &str); 20] = [
    ("X-Original-Method", "OPTIONS"),
    ("X-Original-URL", "https://shop.example.com/open/x"),
    ("X-Original-URI", "/open/x"),
    ("X-Original-Host", "lenient.example.com"),
    ("X-Original-Path", "/open/x"),
    ("X-Forwarded-Method", "OPTIONS"),
    ("X-Forwarded-Proto", "http"),
    ("X-Forwarded-Host", "lenient.example.com"),
    ("X-Forwarded-Uri", "/open/x"),
    ("X-Forwarded-Path", "/open/x"),
    ("X-Forwarded-Prefix", "/open"),
    ("X-Forwarded-Port", "80"),
    ("X-Envoy-Original-Path", "/open/x"),
    ("X-Rewrite-URL", "/open/x"),
    ("X-HTTP-Method-Override", "OPTIONS"),
    ("X-HTTP-Method", "OPTIONS"),
    ("X-Method-Override", "OPTIONS"),
    (
        "Forwarded",
        "for=127.0.0.1;host=lenient.example.com;proto=http",
    ),
    ("X-Host", "lenient.example.com"),
    ("X-Auth-Request-Redirect", "https://evil.example/"),
];

#[tokio::test]
async fn threat_06_only_the_dialects_own_headers_count() {
    let world = World::start().await;
    let closed = Case::get("shop", "https://shop.example.com/x").browser(Browser::Program);
    let login = SignIn("https://shop.example.com/login?rd=%2Fx");
    for endpoint in ENDPOINTS {
        let own = endpoint.proxy.own_headers();
        let foreign = FOREIGN.iter().filter(|(name, _)| !own.contains(name));
        let mut all = endpoint.subrequest(&closed);
        for (name, value) in foreign {
            let one = endpoint.subrequest(&closed).with(name, value);
            let reply = world.ask(&one).await;
            assert_reply(endpoint, &closed, &reply, &login);
            all = all.with(name, value);
        }
        let reply = world.ask(&all).await;
        assert_reply(endpoint, &closed, &reply, &login);
    }
}

#[tokio::test]
async fn threat_06_another_dialects_headers_are_none() {
    let world = World::start().await;
    for endpoint in by_headers() {
        let own = endpoint.proxy.own_headers();
        for other in by_headers().filter(|other| other.proxy.own_headers() != own) {
            let mut request = other.subrequest(&open());
            request.target = endpoint.path("shop");
            assert_refused(&world, endpoint, &request).await;
        }
    }
}
