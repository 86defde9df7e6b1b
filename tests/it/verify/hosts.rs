//! Which app a host belongs to, and that scheme and cookie follow the entry that matched.

use super::case::{Browser, Case};
use super::dialect::{ENDPOINTS, Proxy};
use super::verdict::Outcome::{Forbidden, SignIn, User};
use super::verdict::assert_reply;
use super::world::World;

#[tokio::test]
async fn threat_09_every_spelling_of_a_host_is_that_host() {
    let world = World::start().await;
    let visitor = world.register("shop.example.com", "ada@example.com").await;
    let spellings = [
        "shop.example.com",
        "SHOP.Example.COM",
        "shop.example.com.",
        "Shop.Example.Com.",
        "shop.example.com:443",
        "shop.example.com.:443",
    ];
    for host in spellings {
        let url = format!("https://{host}/x?y");
        let case = Case::get("shop", &url);
        world
            .expect(&case, SignIn("https://shop.example.com/login?rd=%2Fx%3Fy"))
            .await;
        let known = case.cookie(&visitor.cookie);
        world.expect(&known, User(&visitor.id)).await;
    }
}

#[tokio::test]
async fn threat_09_a_name_in_letters_is_its_ascii_form() {
    let world = World::start().await;
    for host in ["xn--mnchen-3ya.example", "XN--MNCHEN-3YA.example."] {
        let url = format!("https://{host}/x");
        world
            .expect(
                &Case::get("bound", &url),
                SignIn("https://xn--mnchen-3ya.example/login?rd=%2Fx"),
            )
            .await;
    }
    for host in [
        "munchen.example",
        "xn--mnchen-3y.example",
        "xn--shop-.example.com",
    ] {
        let url = format!("https://{host}/x");
        world.expect(&Case::get("bound", &url), Forbidden).await;
    }
}

#[tokio::test]
async fn without_a_port_every_port_matches_and_with_one_only_that() {
    let world = World::start().await;
    let sign_in = [
        (
            "shop",
            "https://shop.example.com:8443/x",
            "https://shop.example.com:8443/login?rd=%2Fx",
        ),
        (
            "local",
            "http://localhost:3000/x",
            "http://localhost:3000/login?rd=%2Fx",
        ),
        (
            "local",
            "http://localhost:80/x",
            "http://localhost/login?rd=%2Fx",
        ),
        (
            "local",
            "http://127.0.0.1:3000/x",
            "http://127.0.0.1:3000/login?rd=%2Fx",
        ),
        (
            "local",
            "http://[::1]:3000/x",
            "http://[::1]:3000/login?rd=%2Fx",
        ),
        (
            "local",
            "http://plain.example.com:8080/x",
            "http://plain.example.com:8080/login?rd=%2Fx",
        ),
    ];
    for (app, url, login) in sign_in {
        world.expect(&Case::get(app, url), SignIn(login)).await;
    }
    let unknown = [
        "http://plain.example.com/x",
        "http://plain.example.com:80/x",
        "http://plain.example.com:8081/x",
        "https://plain.example.com:443/x",
    ];
    for url in unknown {
        world.expect(&Case::get("local", url), Forbidden).await;
    }
}

#[tokio::test]
async fn threat_09_an_unknown_host_is_refused() {
    let world = World::start().await;
    let visitor = world.register("shop.example.com", "ada@example.com").await;
    let hosts = [
        "evil.example",
        "example.com",
        "www.shop.example.com",
        "shop.example.com.evil.example",
        "evilshop.example.com",
        "shop-example.com",
        "shop.example.co",
        "127.0.0.2",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "[::2]",
        "[::ffff:127.0.0.1]",
        "login.suite.example.com",
    ];
    for host in hosts {
        let url = format!("https://{host}/open/x");
        for app in ["shop", "local"] {
            let case = Case::get(app, &url).cookie(&visitor.cookie);
            world.expect(&case, Forbidden).await;
        }
    }
}

#[tokio::test]
async fn the_entry_and_not_the_proxy_says_which_scheme_it_is() {
    let world = World::start().await;
    let secure = world.register("shop.example.com", "ada@example.com").await;
    let plain = world.register("localhost", "ada@example.org").await;
    assert!(secure.cookie.starts_with("__Host-SESSION="), "{secure:?}");
    assert!(plain.cookie.starts_with("SESSION="), "{plain:?}");
    for scheme in ["http", "https", "ws", "wss", "HTTPS"] {
        let shop = format!("{scheme}://shop.example.com/x");
        let local = format!("{scheme}://localhost:8000/x");
        let (shop, local) = (Case::get("shop", &shop), Case::get("local", &local));
        let login = "https://shop.example.com/login?rd=%2Fx";
        world.expect(&shop, SignIn(login)).await;
        let under_plain_name = format!("SESSION={}", secure.token());
        let wrong = shop.clone().cookie(under_plain_name);
        world.expect(&wrong, SignIn(login)).await;
        let known = shop.cookie(&secure.cookie);
        world.expect(&known, User(&secure.id)).await;

        let login = "http://localhost:8000/login?rd=%2Fx";
        world.expect(&local, SignIn(login)).await;
        let under_secure_name = format!("__Host-SESSION={}", plain.token());
        let wrong = local.clone().cookie(under_secure_name);
        world.expect(&wrong, SignIn(login)).await;
        let known = local.cookie(&plain.cookie);
        world.expect(&known, User(&plain.id)).await;
    }
}

#[tokio::test]
async fn a_scheme_in_the_entry_outweighs_what_the_name_implies() {
    let world = World::start().await;
    let lan = world.register("lan.localhost", "ada@example.com").await;
    assert!(lan.cookie.starts_with("__Host-SESSION="), "{lan:?}");
    let case = Case::get("local", "http://lan.localhost/x");
    let login = "https://lan.localhost/login?rd=%2Fx";
    world.expect(&case, SignIn(login)).await;
    let known = case.cookie(&lan.cookie);
    world.expect(&known, User(&lan.id)).await;

    let host = "plain.example.com:8080";
    let plain = world.register(host, "eve@example.com").await;
    assert!(plain.cookie.starts_with("SESSION="), "{plain:?}");
    let case = Case::get("local", "https://plain.example.com:8080/x").browser(Browser::Script);
    let login = "http://plain.example.com:8080/login?rd=%2Fx";
    world.expect(&case, SignIn(login)).await;
    let known = case.cookie(&plain.cookie);
    world.expect(&known, User(&plain.id)).await;
}

#[tokio::test]
async fn the_host_of_the_subrequest_itself_says_nothing() {
    let world = World::start().await;
    let case = Case::get("shop", "https://shop.example.com/x");
    let others = ENDPOINTS.into_iter();
    for endpoint in others.filter(|endpoint| endpoint.proxy != Proxy::Envoy) {
        for host in ["lenient.example.com", "evil.example", "127.0.0.1", "?"] {
            let request = endpoint.subrequest(&case).replacing("Host", host);
            let reply = world.ask(&request).await;
            let login = "https://shop.example.com/login?rd=%2Fx";
            assert_reply(endpoint, &case, &reply, &SignIn(login));
        }
    }
}
