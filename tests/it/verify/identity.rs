//! What the signed header says and holds for, checked with an HMAC of our own.

use super::case::Case;
use super::dialect::{ENDPOINTS, Proxy};
use super::verdict::Outcome::{Anonymous, User};
use super::verdict::assert_identity;
use super::world::{World, key_of};
use crate::support::identity::{Binding, check};

#[tokio::test]
async fn threat_13_the_subject_is_a_random_id_and_nothing_else() {
    let world = World::start().await;
    for (index, email) in [
        "ada@example.com",
        "ada@münchen.example",
        "o'neill+x@example.com",
    ]
    .iter()
    .enumerate()
    {
        let visitor = world.register("shop.example.com", email).await;
        let groups: Vec<usize> = visitor.id.split('-').map(str::len).collect();
        assert_eq!(groups, [8, 4, 4, 4, 12], "{index}: {visitor:?}");
        assert_eq!(visitor.id.chars().nth(14), Some('4'), "{visitor:?}");
        assert_eq!(visitor.id, visitor.id.to_lowercase());
        let case = Case::get("shop", "https://shop.example.com/x").cookie(&visitor.cookie);
        world.expect(&case, User(&visitor.id)).await;
    }
}

#[tokio::test]
async fn threat_12_each_app_has_its_own_key_and_its_own_name_in_the_signature() {
    let world = World::start().await;
    let case = Case::get("shop", "https://shop.example.com/open/x");
    for endpoint in ENDPOINTS {
        let reply = world.ask(&endpoint.subrequest(&case)).await;
        let header = reply.header("x-userid").expect("an identity").to_owned();
        assert!(check(&header, &key_of("shop"), "shop", Binding::App).is_ok());
        assert!(check(&header, &key_of("lenient"), "shop", Binding::App).is_err());
        assert!(check(&header, &key_of("shop"), "lenient", Binding::App).is_err());
        let request = Binding::Request {
            method: "GET",
            host: "shop.example.com",
            uri: "/open/x",
        };
        assert!(check(&header, &key_of("shop"), "shop", request).is_err());
        let forged = header.replacen("anonymous", "00000000-0000-4000-8000-000000000000", 1);
        assert!(check(&forged, &key_of("shop"), "shop", Binding::App).is_err());
    }
}

/// Where a request goes as the proxy reports it, and the host that the signature is bound to.
const HOSTS: [(&str, &str); 9] = [
    ("https://bound.example.com", "bound.example.com"),
    ("http://bound.example.com", "bound.example.com"),
    ("https://BOUND.Example.COM.", "bound.example.com"),
    ("https://bound.example.com:443", "bound.example.com"),
    ("https://bound.example.com:8443", "bound.example.com:8443"),
    ("http://bound.example.com:80", "bound.example.com:80"),
    ("https://XN--MNCHEN-3YA.example", "xn--mnchen-3ya.example"),
    ("http://bound.localhost:80", "bound.localhost"),
    ("https://bound.localhost:443", "bound.localhost:443"),
];

/// Signed byte for byte as they were reported.
const URIS: [&str; 6] = [
    "/",
    "/x?a=1&b=%20c+d",
    "/x?",
    "/%7Ex/%c3%A9",
    "//a/../b%2fc;d=1\\e",
    "/x?q=/../%00%",
];

#[tokio::test]
async fn threat_12_a_header_bound_to_a_request_holds_for_no_other() {
    let world = World::start().await;
    let visitor = world.register("bound.example.com", "ada@example.com").await;
    let host = "bound.example.com";
    for (uri, method) in URIS
        .iter()
        .flat_map(|uri| ["GET", "HEAD", "POST", "X"].map(|m| (*uri, m)))
    {
        let url = format!("https://{host}{uri}");
        let case = Case::get("bound", &url)
            .method(method)
            .cookie(&visitor.cookie);
        for endpoint in ENDPOINTS {
            let reply = world.ask(&endpoint.subrequest(&case)).await;
            assert_identity(
                &reply,
                "bound",
                Binding::Request { method, host, uri },
                &visitor.id,
            );
            let header = reply.header("x-userid").expect("an identity");
            let others = [
                Binding::App,
                Binding::Request {
                    method: "DELETE",
                    host,
                    uri,
                },
                Binding::Request {
                    method,
                    host: "bound.example.com:1",
                    uri,
                },
                Binding::Request {
                    method,
                    host,
                    uri: "/y",
                },
            ];
            for other in others {
                let held = check(header, &key_of("bound"), "bound", other);
                assert_eq!(held, Err("mac".to_owned()), "{other:?}");
            }
        }
    }
}

#[tokio::test]
async fn the_host_in_the_signature_is_canonical_and_has_a_port_that_is_not_the_default() {
    let world = World::start().await;
    for (origin, host) in HOSTS {
        let url = format!("{origin}/open/x?y");
        let case = Case::get("bound", &url);
        for endpoint in ENDPOINTS {
            let reply = world.ask(&endpoint.subrequest(&case)).await;
            let bound = Binding::Request {
                method: "GET",
                host,
                uri: "/open/x?y",
            };
            assert_identity(&reply, "bound", bound, "anonymous");
        }
    }
}

#[tokio::test]
async fn a_websocket_over_http_2_is_a_get() {
    let world = World::start().await;
    let visitor = world.register("bound.example.com", "ada@example.com").await;
    let case = Case::get("bound", "https://bound.example.com/ws").method("CONNECT");
    // Envoy's own method is the visitor's, and a CONNECT has no path in HTTP/1.1.
    let others = ENDPOINTS.into_iter();
    for endpoint in others.filter(|endpoint| endpoint.proxy != Proxy::Envoy) {
        let request = endpoint.subrequest(&case.clone().cookie(&visitor.cookie));
        let reply = world.ask(&request).await;
        let get = Binding::Request {
            method: "GET",
            host: "bound.example.com",
            uri: "/ws",
        };
        assert_identity(&reply, "bound", get, &visitor.id);
    }
    let form = Case::get("shop", "https://shop.example.com/form").method("CONNECT");
    for endpoint in ENDPOINTS
        .into_iter()
        .filter(|endpoint| endpoint.proxy != Proxy::Envoy)
    {
        world.expect_at(endpoint, &form, &Anonymous).await;
    }
}
