//! Nobody is signed in: who is sent to the sign-in page, and where that is.

use super::case::{Browser, Case};
use super::dialect::ENDPOINTS;
use super::verdict::Outcome::{Anonymous, SignIn, SignInAt, User};
use super::world::World;

#[tokio::test]
async fn threat_02_without_a_session_every_visitor_is_told_to_sign_in() {
    let world = World::start().await;
    // Every sign here needs an encoding of its own.
    let asked = "https://shop.example.com/cart/%C3%BC?item=2&size=a+b%26c";
    let back = "%2Fcart%2F%25C3%25BC%3Fitem%3D2%26size%3Da%2Bb%2526c";
    let login = format!("https://shop.example.com/login?rd={back}");
    for browser in Browser::ALL {
        for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"] {
            let case = Case::get("shop", asked).browser(browser).method(method);
            world.expect(&case, SignIn(&login)).await;
        }
    }
}

#[tokio::test]
async fn threat_03_every_200_replaces_the_visitors_own_identity_header() {
    let world = World::start().await;
    let visitor = world.register("shop.example.com", "ada@example.com").await;
    let forged = format!("{}.1700000000.{}", visitor.id, "A".repeat(43));
    let forge = |case: Case<'static>| {
        case.header("X-UserId", forged.as_str())
            .header("X-UserId", "anonymous")
            .header("X_UserId", forged.as_str())
            .header("X-UserToken", "e30.e30.")
    };
    for browser in Browser::ALL {
        let get = |url| forge(Case::get("shop", url).browser(browser));
        let open = get("https://shop.example.com/open/x");
        world.expect(&open, Anonymous).await;
        let open = open.cookie(&visitor.cookie);
        world.expect(&open, Anonymous).await;
        let maybe = get("https://shop.example.com/maybe/x");
        world.expect(&maybe, Anonymous).await;
        let known = maybe.cookie(&visitor.cookie);
        world.expect(&known, User(&visitor.id)).await;
        let closed = get("https://shop.example.com/x").cookie(&visitor.cookie);
        world.expect(&closed, User(&visitor.id)).await;
        let anonymous = get("https://shop.example.com/x");
        let page = "https://shop.example.com/login?rd=%2Fx";
        world.expect(&anonymous, SignIn(page)).await;
    }
}

#[tokio::test]
async fn threat_07_no_user_agent_and_no_source_opens_a_door() {
    let world = World::start().await;
    let agents = [
        "kube-probe/1.31",
        "GoogleHC/1.0",
        "ELB-HealthChecker/2.0",
        "Envoy/HC",
        "Consul Health Check",
        "curl/8.5.0",
    ];
    for agent in agents {
        let case = Case::get("shop", "https://shop.example.com/healthz")
            .browser(Browser::Program)
            .header("User-Agent", agent)
            .header("X-Forwarded-For", "127.0.0.1")
            .header("X-Real-IP", "127.0.0.1");
        let login = "https://shop.example.com/login?rd=%2Fhealthz";
        world.expect(&case, SignIn(login)).await;
    }
}

#[tokio::test]
async fn half_of_the_fetch_headers_is_no_navigation() {
    let world = World::start().await;
    let case = |headers: &[(&'static str, &str)]| {
        let case = Case::get("shop", "https://shop.example.com/x").browser(Browser::LegacyScript);
        headers
            .iter()
            .fold(case, |case, (name, value)| case.header(name, *value))
    };
    let other = [
        case(&[("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "iframe")]),
        case(&[("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "object")]),
        case(&[("Sec-Fetch-Mode", "cors"), ("Sec-Fetch-Dest", "document")]),
        case(&[
            ("Sec-Fetch-Mode", "NAVIGATE"),
            ("Sec-Fetch-Dest", "document"),
        ]),
        case(&[("Upgrade", "websocket"), ("Connection", "Upgrade")]),
    ];
    for case in other {
        world
            .expect(&case, SignIn("https://shop.example.com/login?rd=%2Fx"))
            .await;
    }
}

#[tokio::test]
async fn an_apps_own_login_page_is_open_and_gets_the_way_back() {
    let world = World::start().await;
    for method in ["GET", "POST"] {
        let page =
            Case::get("styled", "https://styled.example.com/login.html?rd=%2Fx").method(method);
        world.expect(&page, Anonymous).await;
    }
    let asked = Case::get("styled", "https://styled.example.com/members/list?page=2");
    let login = "https://styled.example.com/login.html?rd=%2Fmembers%2Flist%3Fpage%3D2";
    world.expect(&asked, SignIn(login)).await;
}

#[tokio::test]
async fn threat_23_a_path_that_could_be_a_host_is_no_way_back() {
    let world = World::start().await;
    let paths = [
        "//evil.example/x",
        "/\\evil.example",
        "/%2fevil.example",
        "/%5cevil.example",
        "/x/..//evil.example",
    ];
    for path in paths {
        let url = format!("https://shop.example.com{path}");
        let case = Case::get("shop", &url);
        world
            .expect(&case, SignIn("https://shop.example.com/login"))
            .await;
    }
    // Longer than any page takes back.
    let long = format!("https://shop.example.com/{}", "a".repeat(4000));
    let case = Case::get("shop", &long);
    world
        .expect(&case, SignInAt("https://shop.example.com/login"))
        .await;
}

#[tokio::test]
async fn threat_22_no_answer_may_be_kept() {
    let world = World::start().await;
    let visitor = world.register("shop.example.com", "ada@example.com").await;
    let paths = ["/x", "/open/x", "/maybe/x", "/never/x", "/staff/x", "/%00"];
    for url in paths.map(|path| format!("https://shop.example.com{path}")) {
        let case = Case::get("shop", &url)
            .header("If-None-Match", "*")
            .header("If-Modified-Since", "Tue, 01 Jan 2030 00:00:00 GMT");
        for case in [case.clone(), case.cookie(&visitor.cookie)] {
            for endpoint in ENDPOINTS {
                let reply = world.ask(&endpoint.subrequest(&case)).await;
                assert_eq!(reply.lines("cache-control"), ["no-store"], "{reply:?}");
                for name in ["etag", "last-modified", "expires", "age"] {
                    assert_eq!(reply.header(name), None, "{reply:?}");
                }
            }
        }
    }
}
