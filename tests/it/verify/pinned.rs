//! The app in the endpoint's path: it must exist and have the host, and no visitor can choose it.

use super::case::{Browser, Case};
use super::dialect::{ENDPOINTS, Endpoint, Proxy};
use super::exchange::Subrequest;
use super::verdict::Outcome::{Anonymous, Forbidden, SignIn};
use super::verdict::{Outcome, assert_reply};
use super::world::World;

const ENVOY: Endpoint = Endpoint::pinned(Proxy::Envoy);

fn pinned() -> impl Iterator<Item = Endpoint> {
    ENDPOINTS.into_iter().filter(|endpoint| endpoint.pinned)
}

#[tokio::test]
async fn a_pinned_app_must_exist_and_have_the_host() {
    let world = World::start().await;
    let shop = Case::get("shop", "https://shop.example.com/open/x").browser(Browser::Program);
    world.expect(&shop, Anonymous).await;
    let ids = [
        "lenient",
        "nobody",
        "Shop",
        "SHOP",
        "sho",
        "shopp",
        "shop%20",
        "%73hop",
        "%ff",
        "%00",
        "..",
        "*",
        "shop.example.com",
        "-",
    ];
    for endpoint in pinned() {
        for id in ids {
            let case = Case {
                app: id,
                ..shop.clone()
            };
            world.expect_at(endpoint, &case, &Forbidden).await;
        }
        // The host of another app is as foreign as an unknown one.
        let case = Case {
            app: "shop",
            ..shop.clone()
        };
        let elsewhere = Case {
            url: "https://lenient.example.com/open/x",
            ..case
        };
        world.expect_at(endpoint, &elsewhere, &Forbidden).await;
    }
}

#[tokio::test]
async fn no_path_but_an_endpoints_own_lets_anything_pass() {
    let world = World::start().await;
    let shop = Case::get("shop", "https://shop.example.com/open/x").browser(Browser::Program);
    for endpoint in ENDPOINTS
        .into_iter()
        .filter(|endpoint| endpoint.proxy != Proxy::Envoy)
    {
        let name = endpoint.proxy.name();
        // A proxy that was told a wrong path gets an answer that it understands.
        for app in [
            "",
            "/",
            "shop/",
            "/shop",
            "shop/open/x",
            "shop/../lenient",
            "shop%2f",
        ] {
            let request = Subrequest {
                target: format!("/verify/{name}/{app}"),
                ..endpoint.subrequest(&shop)
            };
            let reply = world.ask(&request).await;
            assert_reply(endpoint, &shop, &reply, &Forbidden);
        }
        let targets = [
            format!("/verify//{name}"),
            format!("//verify/{name}"),
            format!("/Verify/{name}"),
            format!("/verify/{}", name.to_uppercase()),
            format!("/verify/{name}x"),
            "/verify".to_owned(),
            "/verify/".to_owned(),
            "/".to_owned(),
        ];
        for target in targets {
            let request = Subrequest {
                target,
                ..endpoint.subrequest(&shop)
            };
            let reply = world.ask(&request).await;
            assert!(matches!(reply.status, 403 | 404), "{request:?} {reply:?}");
            assert!(reply.lines("x-userid").is_empty(), "{reply:?}");
        }
    }
}

#[tokio::test]
async fn threat_44_envoy_is_always_pinned() {
    let world = World::start().await;
    let shop = Case::get("shop", "https://shop.example.com/").browser(Browser::Program);
    let targets = [
        "/verify/envoy",
        "/verify/envoy/",
        "/verify/envoy//",
        "/verify/envoy//open/x",
        "/verify/envoy/?/open/x",
        "/verify/envoy/shop",
        "/verify/envoy/shop?/open/x",
        "/verify/envoy/lenient/open/x",
        "/verify/envoy/open/x",
        "/verify/envoy/%2fshop/open/x",
        "/verify/envoy/shop%2fopen/x",
        "/verify/envoy/./shop/open/x",
        "/verify/envoy/lenient/../shop/open/x",
    ];
    for target in targets {
        let target = target.to_owned();
        let request = Subrequest {
            target,
            ..ENVOY.subrequest(&shop)
        };
        let reply = world.ask(&request).await;
        assert!(matches!(reply.status, 403 | 404), "{request:?} {reply:?}");
        assert!(reply.lines("x-userid").is_empty(), "{reply:?}");
    }
}

#[tokio::test]
async fn threat_44_envoys_raw_path_is_the_visitors_and_chooses_no_app() {
    let world = World::start().await;
    let login = "https://shop.example.com/login";
    // `lenient` would let all of these pass.
    let paths = [
        "/../lenient/x",
        "/..%2flenient/x",
        "/%2e%2e/lenient/x",
        "/..;/lenient/x",
        "/..\\lenient\\x",
        "//lenient/x",
        "/../../verify/envoy/lenient/x",
        "/../../../lenient/open/x",
        "/../lenient/../../open/x",
        "/%2f",
        "/x%2fy",
        "/x?y=/../lenient/open/x",
        "/?/open/x",
        "/x?a=1&b=%26&c=%%%",
    ];
    for path in paths {
        let url = format!("https://shop.example.com{path}");
        let case = Case::get("shop", &url);
        world
            .expect_at(ENVOY, &case, &Outcome::SignInAt(login))
            .await;
        // The others judge the same path in the same way.
        world.expect(&case, Outcome::SignInAt(login)).await;
    }
    let case = Case::get("shop", "https://shop.example.com/a/../b%2fc?x=%2F&y=a+b");
    let back = "%2Fa%2F..%2Fb%252fc%3Fx%3D%252F%26y%3Da%2Bb";
    let login = format!("https://shop.example.com/login?rd={back}");
    world.expect(&case, SignIn(&login)).await;
}

#[tokio::test]
async fn envoys_host_comes_once() {
    let world = World::start().await;
    let case = Case::get("shop", "https://shop.example.com/open/x");
    world.expect_at(ENVOY, &case, &Anonymous).await;
    let request = ENVOY.subrequest(&case);
    for host in [
        "",
        "shop.example.com, shop.example.com",
        "shop.example.com@evil.example",
        "evil.example",
    ] {
        let reply = world.ask(&request.clone().replacing("Host", host)).await;
        assert_reply(ENVOY, &case, &reply, &Forbidden);
    }
}
