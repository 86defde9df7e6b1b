//! The second shape: a pool whose apps share one cookie, and one host for the pages.

use super::case::{Browser, Case};
use super::verdict::Outcome::{Forbidden, SignIn, User};
use super::world::World;

const LOGIN: &str = "https://login.suite.example.com/login";

#[tokio::test]
async fn a_session_of_the_pool_counts_at_each_of_its_apps() {
    let world = World::start().await;
    let visitor = world
        .register("login.suite.example.com", "ada@example.com")
        .await;
    assert!(
        visitor.cookie.starts_with("__Secure-SESSION="),
        "{visitor:?}"
    );
    for (app, url) in [
        ("front", "https://front.suite.example.com/x"),
        ("front", "http://front.suite.example.com:444/x"),
        ("back", "https://back.suite.example.com:8443/x"),
        ("back", "https://one.pages.suite.example.com/x"),
        ("back", "https://two.pages.suite.example.com/x"),
    ] {
        let case = Case::get(app, url).cookie(&visitor.cookie);
        world.expect(&case, User(&visitor.id)).await;
        let host_only = format!("__Host-SESSION={}", visitor.token());
        let wrong = Case::get(app, url)
            .browser(Browser::Frame)
            .cookie(host_only);
        let back = url
            .replace("http:", "https:")
            .replace(':', "%3A")
            .replace('/', "%2F");
        // A port that the entry does not name is judged, but the sign-in page would not return to it.
        let returns = !url.contains(":444");
        let login = if returns {
            format!("{LOGIN}?rd={back}")
        } else {
            LOGIN.to_owned()
        };
        world.expect(&wrong, SignIn(&login)).await;
    }
    // An app of other people, on a host below the same domain.
    for name in ["__Secure-SESSION", "__Host-SESSION"] {
        let pair = format!("{name}={}", visitor.token());
        let case = Case::get("apart", "https://apart.suite.example.com/x").cookie(pair);
        let login = "https://apart.suite.example.com/login?rd=%2Fx";
        world.expect(&case, SignIn(login)).await;
    }
}

#[tokio::test]
async fn the_sign_in_page_is_elsewhere_and_the_way_back_is_absolute() {
    let world = World::start().await;
    let back = "https%3A%2F%2Ffront.suite.example.com%2Fx%3Fy%3D1%26z%3D2";
    let login = format!("{LOGIN}?rd={back}");
    let url = "https://front.suite.example.com/x?y=1&z=2";
    for browser in Browser::ALL {
        for method in ["GET", "POST"] {
            let case = Case::get("front", url).browser(browser).method(method);
            world.expect(&case, SignIn(&login)).await;
        }
    }
    let back = "https%3A%2F%2Fback.suite.example.com%3A8443%2F";
    let login = format!("{LOGIN}?rd={back}");
    let case = Case::get("back", "http://BACK.suite.example.com.:8443/");
    world.expect(&case, SignIn(&login)).await;
}

#[tokio::test]
async fn threat_10_a_wildcard_is_exactly_one_label() {
    let world = World::start().await;
    let visitor = world
        .register("login.suite.example.com", "ada@example.com")
        .await;
    let hosts = [
        "pages.suite.example.com",
        "a.b.pages.suite.example.com",
        ".pages.suite.example.com",
        "evilpages.suite.example.com",
        "*.pages.suite.example.com",
        "one.pages.suite.example.com.evil.example",
        "one.pages.suite-example.com",
        "suite.example.com",
        "login.suite.example.com",
        "back.suite.example.com",
        "new.suite.example.com",
    ];
    for host in hosts {
        let url = format!("https://{host}/x");
        let case = Case::get("back", &url).cookie(&visitor.cookie);
        world.expect(&case, Forbidden).await;
    }
}

#[tokio::test]
async fn threat_19_two_live_sessions_of_a_pool_are_none() {
    let world = World::start().await;
    let ada = world
        .register("login.suite.example.com", "ada@example.com")
        .await;
    let eve = world
        .register("front.suite.example.com", "eve@example.com")
        .await;
    let case = Case::get("front", "https://front.suite.example.com/");
    world
        .expect(&case.clone().cookie(&eve.cookie), User(&eve.id))
        .await;
    let both = case.cookie(&ada.cookie).cookie(&eve.cookie);
    let back = "https%3A%2F%2Ffront.suite.example.com%2F";
    world
        .expect(&both, SignIn(&format!("{LOGIN}?rd={back}")))
        .await;
}
