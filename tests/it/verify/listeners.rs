//! What is internal is on the internal listener alone, and the pages are not.

use super::case::Case;
use super::dialect::ENDPOINTS;
use super::exchange::{Subrequest, send};
use super::world::World;

#[tokio::test]
async fn threat_43_the_public_listener_has_no_verify_endpoint() {
    let world = World::start().await;
    let visitor = world.register("shop.example.com", "ada@example.com").await;
    let case = Case::get("shop", "https://shop.example.com/open/x").cookie(&visitor.cookie);
    for endpoint in ENDPOINTS {
        let request = endpoint.subrequest(&case);
        // A proxy rule that is too wide sends the app's own host; who got through directly, any.
        for host in ["shop.example.com", "lan.localhost", world.public()] {
            let request = request.clone().replacing("Host", host);
            let reply = send(world.public(), &request).await;
            assert_eq!(reply.status, 404, "{request:?} {reply:?}");
            assert!(reply.lines("x-userid").is_empty(), "{reply:?}");
            assert!(reply.lines("location").is_empty(), "{reply:?}");
        }
        let reply = send(world.public(), &request.replacing("Host", "evil.example")).await;
        assert_eq!(reply.status, 404, "{reply:?}");
        assert!(reply.lines("x-userid").is_empty(), "{reply:?}");
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        for host in ["shop.example.com", "evil.example"] {
            let mut forged = get("/verify/nginx", host);
            forged.method = method.to_owned();
            forged
                .headers
                .push(("Origin".to_owned(), "https://evil.example".to_owned()));
            forged
                .headers
                .push(("Sec-Fetch-Site".to_owned(), "cross-site".to_owned()));
            let reply = send(world.public(), &forged).await;
            assert_eq!(reply.status, 404, "{method} {host} {reply:?}");
        }
    }
}

fn get(target: &str, host: &str) -> Subrequest {
    Subrequest {
        method: "GET".to_owned(),
        target: target.to_owned(),
        headers: vec![("Host".to_owned(), host.to_owned())],
        body: Vec::new(),
    }
}

#[tokio::test]
async fn threat_41_operations_are_on_the_internal_listener_alone() {
    let world = World::start().await;
    for target in [
        "/healthz",
        "/readyz",
        "/metrics",
        "/.well-known/jwks.json",
        "/verify",
        "/verify/nginx",
    ] {
        let reply = send(world.public(), &get(target, "shop.example.com")).await;
        assert_eq!(reply.status, 404, "{target} {reply:?}");
    }
    for target in ["/healthz", "/readyz"] {
        let reply = send(world.internal(), &get(target, "anything.example")).await;
        assert_eq!(reply.status, 200, "{target} {reply:?}");
        assert_eq!(reply.lines("cache-control"), ["no-store"], "{target}");
    }
    for target in [
        "/login",
        "/register",
        "/logout",
        "/account",
        "/login/session",
        "/",
    ] {
        let reply = send(world.internal(), &get(target, "shop.example.com")).await;
        assert_eq!(reply.status, 404, "{target} {reply:?}");
    }
}
