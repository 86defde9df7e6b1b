//! `doorward explain` says what a running Doorward says: the same questions to both, through every dialect.

use serde_json::Value;

use super::case::{Browser, Case};
use super::dialect::{Endpoint, Proxy};
use super::exchange::Reply;
use super::world::{Visitor, World};
use crate::support::doorward::Doorward;

const PROXIES: [Proxy; 5] = [
    Proxy::Nginx,
    Proxy::Haproxy,
    Proxy::Traefik,
    Proxy::Caddy,
    Proxy::Envoy,
];

/// An app of the world, and what its visitors ask for.
struct Visited {
    app: &'static str,
    pool: &'static str,
    /// Where they make their accounts.
    host: &'static str,
    asked: &'static [&'static str],
}

/// Every kind of access, each with tricks that would get around it.
const SHOP: Visited = Visited {
    app: "shop",
    pool: "people",
    host: "shop.example.com",
    asked: &[
        "GET https://shop.example.com/",
        "GET https://shop.example.com/x?y=1&z=a+b%26c",
        "HEAD https://shop.example.com/x",
        "POST https://shop.example.com/x",
        "PUT https://shop.example.com/x",
        "OPTIONS https://shop.example.com/x",
        "PROPFIND https://shop.example.com/x",
        "GET https://shop.example.com/open/x",
        "POST https://shop.example.com/open/x",
        "GET http://SHOP.example.com.:443/open",
        "GET https://shop.example.com/Docs",
        "GET https://shop.example.com/docs",
        "GET https://shop.example.com/Docs/",
        "GET https://shop.example.com/feed/",
        "GET https://shop.example.com/feed",
        "GET https://shop.example.com/maybe/x",
        "GET https://shop.example.com/staff/x",
        "POST https://shop.example.com/staff/x",
        "GET https://shop.example.com/never/x",
        "POST https://shop.example.com/never/x",
        "GET https://shop.example.com/once",
        "GET https://shop.example.com/form",
        "POST https://shop.example.com/form",
        "DELETE https://shop.example.com/form",
        "GET https://shop.example.com/login",
        "GET https://shop.example.com/login/x",
        r"GET https://shop.example.com/open\..\never\x",
        "GET https://shop.example.com/open/..;/staff/x",
        "GET https://shop.example.com/open/..%2fstaff/x",
        "GET https://shop.example.com/open/%252e%252e/never/x",
        "GET https://shop.example.com/open/%2E%2E//maybe/x",
        "GET https://shop.example.com//evil.example/open/x",
        r"GET https://shop.example.com/\evil.example",
        r"GET https://shop.example.com/x?back=\x",
        "GET https://shop.example.com/open/%00",
        "GET https://shop.example.com/open/%zz",
        "GET https://shop.example.com/open/%ff",
        "POST https://shop.example.com/open/ü",
        "GET https://shop.example.com/open/<x>\"{}|^`",
        "GET https://shop.example.com?open",
    ],
};

/// Other shapes, bindings, schemes and defaults.
const OTHERS: [Visited; 5] = [
    Visited {
        app: "local",
        pool: "people",
        host: "localhost",
        asked: &[
            "GET http://localhost:3000/x",
            "GET https://127.0.0.1/x",
            "GET http://[::1]:9/x",
        ],
    },
    Visited {
        app: "styled",
        pool: "styled",
        host: "styled.example.com",
        asked: &[
            "GET https://styled.example.com/login.html",
            "POST https://styled.example.com/login.html",
            "GET https://styled.example.com/members/x?page=2",
            "POST https://styled.example.com/members/x",
            "GET https://styled.example.com/x",
        ],
    },
    Visited {
        app: "curious",
        pool: "curious",
        host: "curious.example.com",
        asked: &["GET https://curious.example.com/x"],
    },
    Visited {
        app: "bound",
        pool: "bound",
        host: "bound.example.com",
        asked: &[
            "GET https://bound.example.com/x?y=%20",
            "GET https://xn--mnchen-3ya.example/open/x",
        ],
    },
    Visited {
        app: "back",
        pool: "suite",
        host: "login.suite.example.com",
        asked: &[
            "GET https://back.suite.example.com:8443/x?y=1",
            "POST https://back.suite.example.com:8443/x",
            "GET https://one.pages.suite.example.com/login",
            "GET https://one.pages.suite.example.com:444/x",
        ],
    },
];

/// What is told about one row of an explanation, by the server itself.
async fn ask(world: &World, case: &Case<'_>, pinned: bool, proxy: Proxy) -> Reply {
    let pinned = pinned || proxy == Proxy::Envoy;
    let endpoint = Endpoint { proxy, pinned };
    world.ask(&endpoint.subrequest(case)).await
}

/// The members of an answer that must agree.
fn told(reply: &Reply, users: &[(&str, &Visitor)]) -> Value {
    let subject = reply.header("x-userid").and_then(|id| id.split('.').next());
    let identity = subject.map(|subject| {
        let known = users.iter().any(|(_, user)| user.id == subject);
        if known { "user" } else { subject }
    });
    let kind = reply.header("content-type").unwrap_or_default();
    let body = match kind.split(';').next().unwrap_or_default() {
        "text/html" => Some("html"),
        "application/problem+json" => Some("json"),
        _ => None,
    };
    let problem: Value = serde_json::from_str(&reply.body).unwrap_or_default();
    let told = serde_json::json!({
        "status": reply.status,
        "location": reply.header("location"),
        "code": problem["code"],
        "body": body,
        "identity": identity,
    });
    let members = told.as_object().expect("an object").clone();
    members
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .collect()
}

async fn explained(world: &World, asked: &str) -> Value {
    let (method, url) = asked.split_once(' ').expect("method and URL");
    let words = [
        "explain", method, url, "--role", "editor", "--role", "vip", "--json",
    ];
    let output = world.door.command(&words).await;
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{asked}: {error}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Holds every answer of an explanation against the server's.
async fn assert_agree(world: &World, app: &str, asked: &str, users: &[(&str, &Visitor)]) {
    let explained = explained(world, asked).await;
    let found = explained["app"]["id"].as_str();
    assert!(found.is_none_or(|found| found == app), "{explained:#}");
    let (method, url) = asked.split_once(' ').expect("method and URL");
    let url = match url.split_once("://").expect("absolute").1.contains('/') {
        true => url.to_owned(),
        false => url.replace('?', "/?"),
    };
    let rows = explained["answers"].as_array().expect("rows");
    let expected = if found.is_some() { users.len() } else { 0 };
    let signed_in = rows.iter().filter(|row| row["visitor"] == "user").count();
    assert_eq!(signed_in, expected, "{explained:#}");
    for row in rows {
        let browser = match row["request"].as_str() {
            Some("navigation" | "form") => Browser::Navigation,
            Some("script") => Browser::Script,
            Some("websocket") => Browser::WebSocket,
            other => panic!("{other:?}"),
        };
        let mut case = Case::get(app, &url).method(method).browser(browser);
        if let Some(roles) = row["roles"].as_array() {
            let roles: Vec<_> = roles.iter().filter_map(Value::as_str).collect();
            let roles = roles.join(" ");
            let (_, user) = users
                .iter()
                .find(|(held, _)| *held == roles)
                .expect("one of them");
            case = case.cookie(&user.cookie);
        }
        for proxy in PROXIES {
            let reply = ask(world, &case, found.is_some(), proxy).await;
            assert_eq!(
                row["proxies"][proxy.name()],
                told(&reply, users),
                "{proxy:?} {case:?}\n{reply:?}"
            );
        }
    }
}

/// Somebody without roles, and somebody with those that the explanation is asked for.
async fn users(world: &World, visited: &Visited) -> [Visitor; 2] {
    let plain = world.register(visited.host, "ada@example.com").await;
    let editor = world.register(visited.host, "eve@example.com").await;
    let words = [
        "user",
        "set-roles",
        "eve@example.com",
        "editor",
        "vip",
        "--pool",
        visited.pool,
    ];
    let output = world.door.command(&words).await;
    assert!(output.status.success(), "{output:?}");
    [plain, editor]
}

async fn assert_all_agree(world: &World, visited: &Visited) {
    let [plain, editor] = users(world, visited).await;
    for asked in visited.asked {
        let users = [("", &plain), ("editor vip", &editor)];
        assert_agree(world, visited.app, asked, &users).await;
    }
}

#[tokio::test]
async fn threat_08_explanation_and_server_agree_on_every_path_trick() {
    let world = World::start().await;
    assert_all_agree(&world, &SHOP).await;
}

#[tokio::test]
async fn explanation_and_server_agree_on_every_kind_of_app() {
    let world = World::start().await;
    for visited in &OTHERS {
        assert_all_agree(&world, visited).await;
    }
}

#[tokio::test]
async fn explanation_and_server_agree_on_hosts_that_no_app_has() {
    let world = World::start().await;
    for url in [
        "https://evil.example/x",
        "https://shop.example.com.evil.example/x",
        "https://back.suite.example.com/x",
        "https://a.b.pages.suite.example.com/x",
        "https://login.suite.example.com/login",
        "https://evil.example/%00",
    ] {
        for method in ["GET", "POST"] {
            // Envoy's endpoint always names an app.
            assert_agree(&world, "apart", &format!("{method} {url}"), &[]).await;
        }
    }
}

#[tokio::test]
async fn explanation_and_server_agree_behind_a_base_path() {
    let more = "[server]\nbase_path = \"/auth\"\n[sessions]\ncookie_name = \"KEY\"\n";
    let world = World::start_with(Doorward::builder(), more).await;
    for url in [
        "https://shop.example.com/auth/login",
        "https://shop.example.com/login",
        "https://shop.example.com/auth",
        "https://front.suite.example.com/x",
    ] {
        let app = if url.contains("front") {
            "front"
        } else {
            "shop"
        };
        let explained = explained(&world, &format!("GET {url}")).await;
        let row = &explained["answers"][0];
        let case = Case::get(app, url);
        for proxy in PROXIES {
            let reply = ask(&world, &case, true, proxy).await;
            assert_eq!(row["proxies"][proxy.name()], told(&reply, &[]), "{case:?}");
        }
        // With a session under the configured name the explained user gets in.
        let user = explained["answers"].as_array().and_then(|rows| rows.last());
        let status = user.map(|user| user["proxies"]["nginx"]["status"].clone());
        assert_eq!(status, Some(200.into()), "{explained:#}");
    }
}
