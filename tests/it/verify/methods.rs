//! Methods of the visitor and of the subrequest, and what else a subrequest may carry.

use super::case::{Browser, Case};
use super::dialect::{ENDPOINTS, Endpoint, Proxy};
use super::exchange::Subrequest;
use super::verdict::Outcome::{self, Forbidden, SignIn, User};
use super::verdict::assert_reply;
use super::world::World;

/// Asks with a subrequest that was changed, which must not change the answer.
async fn expect_with(
    world: &World,
    case: &Case<'_>,
    outcome: &Outcome<'_>,
    change: impl Fn(Endpoint, Subrequest) -> Subrequest,
) {
    for endpoint in ENDPOINTS {
        let request = change(endpoint, endpoint.subrequest(case));
        let reply = world.ask(&request).await;
        assert_reply(endpoint, case, &reply, outcome);
    }
}

#[tokio::test]
async fn any_method_of_the_visitor_is_judged() {
    let world = World::start().await;
    let visitor = world.register("shop.example.com", "ada@example.com").await;
    let methods = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND",
        "M-SEARCH", "X",
    ];
    for method in methods {
        let case = Case::get("shop", "https://shop.example.com/x")
            .browser(Browser::Program)
            .method(method);
        let login = "https://shop.example.com/login?rd=%2Fx";
        world.expect(&case, SignIn(login)).await;
        let known = case.cookie(&visitor.cookie);
        world.expect(&known, User(&visitor.id)).await;
    }
}

#[tokio::test]
async fn threat_06_a_method_in_lower_case_is_refused() {
    let world = World::start().await;
    let visitor = world.register("shop.example.com", "ada@example.com").await;
    for method in ["get", "Get", "connect", "post"] {
        let case = Case::get("shop", "https://shop.example.com/open/x")
            .method(method)
            .cookie(&visitor.cookie);
        world.expect(&case, Forbidden).await;
    }
}

#[tokio::test]
async fn the_method_of_the_subrequest_says_nothing() {
    let world = World::start().await;
    let visitor = world.register("shop.example.com", "ada@example.com").await;
    let anonymous = Case::get("shop", "https://shop.example.com/form").method("PUT");
    let login = SignIn("https://shop.example.com/login?rd=%2Fform");
    let known = anonymous.clone().cookie(&visitor.cookie);
    let with = |method: &'static str| {
        move |endpoint: Endpoint, mut request: Subrequest| {
            // Envoy's is the visitor's own.
            if endpoint.proxy != Proxy::Envoy {
                request.method = method.to_owned();
            }
            request
        }
    };
    for method in [
        "GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND",
    ] {
        expect_with(&world, &anonymous, &login, with(method)).await;
        expect_with(&world, &known, &User(&visitor.id), with(method)).await;
    }
    // The answer to a HEAD has no body that would name the login URL.
    expect_with(&world, &known, &User(&visitor.id), with("HEAD")).await;
}

#[tokio::test]
async fn query_body_and_upgrade_of_the_subrequest_say_nothing() {
    let world = World::start().await;
    let visitor = world.register("shop.example.com", "ada@example.com").await;
    let anonymous = Case::get("shop", "https://shop.example.com/x").browser(Browser::Program);
    let login = SignIn("https://shop.example.com/login?rd=%2Fx");
    let known = anonymous.clone().cookie(&visitor.cookie);
    let user = User(&visitor.id);
    type Change = fn(Endpoint, Subrequest) -> Subrequest;
    let changes: [Change; 5] = [
        |endpoint, mut request| {
            // Behind Envoy's prefix a query is the visitor's.
            if endpoint.proxy != Proxy::Envoy {
                request.target += "?app=lenient&rd=https://evil.example/&uri=/open/x";
            }
            request
        },
        |_, mut request| {
            request.body = b"method=GET&uri=/open/x".to_vec();
            let length = request.body.len().to_string();
            request.with("Content-Length", &length)
        },
        |_, mut request| {
            request.body = b"5\r\nhello\r\n0\r\n\r\n".to_vec();
            request.with("Transfer-Encoding", "chunked")
        },
        |_, request| {
            let request = request.with("Connection", "Upgrade");
            request.with("Upgrade", "websocket")
        },
        |_, request| {
            let request = request.with("Upgrade", "h2c");
            request.with("HTTP2-Settings", "AAMAAABkAAQAAP__")
        },
    ];
    for change in changes {
        expect_with(&world, &anonymous, &login, change).await;
        expect_with(&world, &known, &user, change).await;
    }
}
