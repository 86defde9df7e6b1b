//! Rules and access, on paths that have one reading only.

use super::case::{Browser, Case};
use super::verdict::Outcome::{self, Anonymous, Forbidden, SignIn, User};
use super::world::World;
use crate::support::doorward::Doorward;

/// Asks for a path of `shop` with this method.
async fn expect(world: &World, asked: &str, cookie: Option<&str>, outcome: Outcome<'_>) {
    let (method, path) = asked.split_once(' ').unwrap_or(("GET", asked));
    let url = format!("https://shop.example.com{path}");
    let case = Case::get("shop", &url)
        .method(method)
        .browser(Browser::Program);
    let case = match cookie {
        Some(cookie) => case.cookie(cookie),
        None => case,
    };
    world.expect(&case, outcome).await;
}

#[tokio::test]
async fn the_first_rule_that_matches_wins() {
    let world = World::start().await;
    let visitor = world.register("shop.example.com", "ada@example.com").await;
    let known = Some(visitor.cookie.as_str());
    // A path, and whether it is open to everybody; otherwise it asks for a user.
    let cases = [
        ("/open/x", true),
        ("/open/x/y.html", true),
        ("/open/x?y=/never/z", true),
        ("/open", false),
        ("/opener/x", false),
        ("/once", true),
        ("GET /form", true),
        ("HEAD /form", true),
        ("OPTIONS /form", false),
        ("PUT /form", false),
        ("/", false),
        ("/x", false),
    ];
    for (asked, open) in cases {
        if open {
            expect(&world, asked, None, Anonymous).await;
            expect(&world, asked, known, Anonymous).await;
        } else {
            let path = asked.split(' ').next_back().unwrap_or_default();
            let back = path.replace('/', "%2F");
            let login = format!("https://shop.example.com/login?rd={back}");
            expect(&world, asked, None, SignIn(&login)).await;
            expect(&world, asked, known, User(&visitor.id)).await;
        }
    }
}

#[tokio::test]
async fn a_rule_that_says_deny_lets_nobody_pass() {
    let world = World::start().await;
    let visitor = world.register("shop.example.com", "ada@example.com").await;
    world.sql("UPDATE users SET roles = 'admin editor'").await;
    for asked in ["/never/x", "POST /form", "POST /never/x", "HEAD /never/x"] {
        expect(&world, asked, None, Forbidden).await;
        expect(&world, asked, Some(&visitor.cookie), Forbidden).await;
    }
}

#[tokio::test]
async fn optional_tells_the_app_who_it_is_where_it_is_anybody() {
    let world = World::start().await;
    let visitor = world.register("shop.example.com", "ada@example.com").await;
    let stranger = world
        .register("curious.example.com", "eve@example.com")
        .await;
    expect(&world, "/maybe/x", None, Anonymous).await;
    expect(&world, "/maybe/x", Some(&visitor.cookie), User(&visitor.id)).await;
    expect(&world, "/maybe/x", Some(&stranger.cookie), Anonymous).await;
    expect(&world, "/maybe/x", Some("__Host-SESSION=x"), Anonymous).await;
    let curious = Case::get("curious", "https://curious.example.com/x");
    world.expect(&curious, Anonymous).await;
    let known = curious.cookie(&stranger.cookie);
    world.expect(&known, User(&stranger.id)).await;
}

#[tokio::test]
async fn roles_narrow_a_rule_to_some_users() {
    let world = World::start().await;
    let visitor = world.register("shop.example.com", "ada@example.com").await;
    let known = Some(visitor.cookie.as_str());
    let login = "https://shop.example.com/login?rd=%2Fstaff%2Fx";
    expect(&world, "/staff/x", None, SignIn(login)).await;
    expect(&world, "/staff/x", known, Forbidden).await;
    for (roles, outcome) in [
        ("editor", User(visitor.id.as_str())),
        ("admin", User(&visitor.id)),
        ("guest admin", User(&visitor.id)),
        ("guest", Forbidden),
        ("administrator", Forbidden),
        ("", Forbidden),
    ] {
        // A change of roles counts at once, in sessions that have begun before it.
        world
            .sql(&format!("UPDATE users SET roles = '{roles}'"))
            .await;
        expect(&world, "/staff/x", known, outcome).await;
        expect(&world, "/x", known, User(&visitor.id)).await;
    }
}

#[tokio::test]
async fn doorwards_own_pages_are_open_in_every_app() {
    let world = World::start().await;
    let pages = [
        "/login",
        "/login/email",
        "/login/session",
        "/login/assets/style.css",
        "/logout",
        "/register",
        "/register/email",
        "/account",
        "/account/x",
        "/login?rd=%2Fnever%2Fx",
    ];
    for (app, host) in [
        ("shop", "shop.example.com"),
        ("styled", "styled.example.com"),
    ] {
        for page in pages {
            let url = format!("https://{host}{page}");
            for method in ["GET", "POST"] {
                let case = Case::get(app, &url)
                    .method(method)
                    .browser(Browser::Program);
                world.expect(&case, Anonymous).await;
            }
        }
    }
    for page in [
        "/login.html/x",
        "/loginx",
        "/logins",
        "/log",
        "/accounts",
        "/registered",
        "/x/login",
    ] {
        let url = format!("https://styled.example.com{page}");
        world.expect(&Case::get("styled", &url), Forbidden).await;
    }
}

#[tokio::test]
async fn below_a_base_path_the_pages_are_there_alone() {
    let server = "[server]\nbase_path = \"/auth\"\n";
    let world = World::start_with(Doorward::builder(), server).await;
    for page in [
        "/auth/login",
        "/auth/login/x",
        "/auth/logout",
        "/auth/register",
    ] {
        let url = format!("https://styled.example.com{page}");
        world.expect(&Case::get("styled", &url), Anonymous).await;
    }
    for page in [
        "/login",
        "/logout",
        "/auth",
        "/auth/",
        "/auth/login/../x",
        "/x/auth/login",
    ] {
        let url = format!("https://styled.example.com{page}");
        world.expect(&Case::get("styled", &url), Forbidden).await;
    }
    let login = "https://shop.example.com/auth/login?rd=%2Fx";
    let asked = Case::get("shop", "https://shop.example.com/x");
    world.expect(&asked, SignIn(login)).await;
    let back = "https%3A%2F%2Ffront.suite.example.com%2Fx";
    let login = format!("https://login.suite.example.com/auth/login?rd={back}");
    let asked = Case::get("front", "https://front.suite.example.com/x");
    world.expect(&asked, SignIn(&login)).await;
}
