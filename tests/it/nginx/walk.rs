//! What an honest visitor meets.

use super::{Site, assert_denied_without_redirect, doorward_toml};
use crate::support::doorward::Db;
use crate::support::http::{get, navigate, post_form, raw, send};
use crate::support::nginx::with_replaced;
use crate::support::websocket;
use crate::visitor::PASSWORD;

#[tokio::test]
async fn a_visitor_is_sent_to_sign_in_and_comes_back_to_the_very_page() {
    let site = Site::start().await;

    let home = navigate(&site.url("/"), &[]).await;
    assert_eq!(home.status, 200);
    assert_eq!(
        site.identity(&site.app.take_only_request()).subject,
        "anonymous"
    );

    let wanted = "/orders?page=2&q=a%20b%26c";
    let sent = navigate(&site.url(wanted), &[]).await;
    assert_eq!(sent.status, 302);
    let login = sent.location().expect("a way to sign in").to_owned();
    assert_eq!(
        login,
        site.url("/login?rd=%2Forders%3Fpage%3D2%26q%3Da%2520b%2526c")
    );
    site.assert_app_was_not_asked();

    let form = navigate(&login, &[]).await;
    assert_eq!(form.status, 200);
    assert!(
        form.body
            .contains("name=\"rd\" value=\"/orders?page=2&#38;q=a%20b%26c\""),
        "{}",
        form.body
    );

    site.register("reader@example.com").await;
    let fields = [
        ("email", "reader@example.com"),
        ("password", PASSWORD),
        ("rd", wanted),
    ];
    let signed_in = post_form(&site.url("/login"), &[], &fields).await;
    assert_eq!(signed_in.status, 303);
    assert_eq!(signed_in.location(), Some(wanted));
    let cookie = signed_in.cookie("SESSION").pair();

    let page = navigate(&site.url(wanted), &[("cookie", &cookie)]).await;
    assert_eq!(page.status, 200);
    let request = site.app.take_only_request();
    assert_eq!(
        (request.method.as_str(), request.uri.as_str()),
        ("GET", wanted)
    );
    assert_eq!(site.identity(&request).subject.len(), 36, "a user");
}

#[tokio::test]
async fn scripts_forms_and_frames_get_401_and_no_redirect() {
    let site = Site::start().await;
    let url = site.url("/orders");
    let script = [
        ("sec-fetch-mode", "cors"),
        ("sec-fetch-dest", "empty"),
        ("accept", "*/*"),
    ];
    assert_denied_without_redirect(&get(&url, &script).await, 401);
    let frame = [
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "iframe"),
        ("accept", "text/html"),
    ];
    assert_denied_without_redirect(&get(&url, &frame).await, 401);
    assert_denied_without_redirect(&get(&url, &[("accept", "application/json")]).await, 401);
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        let answer = send(method, &url, &[("accept", "text/html")], "a=1").await;
        assert_denied_without_redirect(&answer, 401);
    }
    site.assert_app_was_not_asked();
}

#[tokio::test]
async fn what_a_signed_in_visitor_sends_reaches_the_app_whole() {
    let site = Site::start().await;
    let cookie = site.register("reader@example.com").await;
    let body = "x".repeat(100_000);
    let answer = send(
        "POST",
        &site.url("/orders?a=1"),
        &[("cookie", &cookie)],
        body.clone(),
    )
    .await;
    assert_eq!(answer.status, 200);
    let request = site.app.take_only_request();
    assert_eq!(
        (request.method.as_str(), request.body == body.as_bytes()),
        ("POST", true)
    );
    let many: Vec<_> = (0..200)
        .map(|n| (format!("x-many-{n}"), "v".repeat(40)))
        .collect();
    let mut headers: Vec<_> = many
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    headers.push(("cookie", &cookie));
    assert_eq!(get(&site.url("/orders"), &headers).await.status, 200);
}

#[tokio::test]
async fn a_websocket_opens_through_a_live_session_alone() {
    let site = Site::start().await;
    let url = format!("ws://{}/ws", site.nginx.address());
    let refused = websocket::echo(&url, &[], "hello").await;
    assert_eq!(refused, Err(reqwest::StatusCode::UNAUTHORIZED));
    site.assert_app_was_not_asked();
    let cookie = site.register("reader@example.com").await;
    assert_eq!(
        websocket::echo(&url, &[("cookie", &cookie)], "hello")
            .await
            .as_deref(),
        Ok("hello")
    );
}

#[tokio::test]
async fn threat_18_after_signing_out_the_captured_cookie_is_dead() {
    let site = Site::start_with(&doorward_toml(), Db::Postgres).await;
    let cookie = site.register("reader@example.com").await;
    assert_eq!(site.subject_at("/orders", &cookie).await.len(), 36);
    let asked = navigate(&site.url("/logout"), &[("cookie", &cookie)]).await;
    assert_eq!(asked.status, 200);
    assert_eq!(
        site.subject_at("/orders", &cookie).await.len(),
        36,
        "looking signs nobody out"
    );
    let out = post_form(&site.url("/logout"), &[("cookie", &cookie)], &[]).await;
    assert_eq!(out.status, 303);
    assert_eq!(out.cookie("SESSION").attribute("max-age"), Some("0"));
    assert_eq!(
        navigate(&site.url("/orders"), &[("cookie", &cookie)])
            .await
            .status,
        302
    );
    site.assert_app_was_not_asked();
    assert_eq!(site.subject_at("/news/today", &cookie).await, "anonymous");
}

#[tokio::test]
async fn the_rules_of_the_example_hold() {
    let site = Site::start().await;
    assert_eq!(site.subject_at("/news/today", "").await, "anonymous");
    let cookie = site.register("reader@example.com").await;
    assert_eq!(site.subject_at("/news/today", &cookie).await.len(), 36);
    assert_eq!(
        site.subject_at("/", &cookie).await,
        "anonymous",
        "a public page is told of nobody"
    );
    let denied = navigate(&site.url("/internal/x"), &[("cookie", &cookie)]).await;
    assert_denied_without_redirect(&denied, 403);
    site.assert_app_was_not_asked();
}

#[tokio::test]
async fn the_app_may_have_a_sign_in_page_of_its_own() {
    let own = with_replaced(&doorward_toml(), &[("# login_page", "login_page")]);
    let site = Site::start_with(&own, Db::Sqlite).await;
    let sent = navigate(&site.url("/orders?a=b"), &[]).await;
    let page = site.url("/login.html?rd=%2Forders%3Fa%3Db");
    assert_eq!(
        (sent.status.as_u16(), sent.location()),
        (302, Some(page.as_str()))
    );

    assert_eq!(navigate(&page, &[]).await.status, 200);
    let request = site.app.take_only_request();
    assert_eq!(
        request.uri, "/login.html?rd=%2Forders%3Fa%3Db",
        "the app's page, not Doorward's"
    );

    let cookie = site.register("reader@example.com").await;
    let fields = [
        ("email", "reader@example.com"),
        ("password", PASSWORD),
        ("rd", "/orders?a=b"),
    ];
    let referer = [
        ("referer", page.as_str()),
        ("origin", &site.nginx.url()),
        ("cookie", &cookie),
    ];
    let signed_in = post_form(&site.url("/login"), &referer, &fields).await;
    assert_eq!(
        (signed_in.status.as_u16(), signed_in.location()),
        (303, Some("/orders?a=b"))
    );
    assert_eq!(
        site.subject_at("/orders", &signed_in.cookie("SESSION").pair())
            .await
            .len(),
        36
    );
}

#[tokio::test]
async fn the_app_sees_its_own_cookies_and_not_the_sessions() {
    let site = Site::start().await;
    let session = site.register("reader@example.com").await;
    let cases = [
        (session.clone(), vec![]),
        (format!("a=1; {session}"), vec!["a=1;"]),
        (format!("{session}; a=1"), vec!["a=1"]),
        (format!("a=1; {session}; b=2"), vec!["a=1;b=2"]),
        (
            format!("a=1; XSESSION=2; {session}"),
            vec!["a=1; XSESSION=2;"],
        ),
        (format!("{session}; SESSION=tossed"), vec![]),
        (
            format!("a=1; __Host-SESSION=b; {session}; c=2; __Secure-SESSION=d"),
            vec!["a=1;c=2;"],
        ),
        (
            format!("a=1; {session}; SESSION=1; SESSION=2; __Host-SESSION=3"),
            vec![],
        ),
        ("a=1; b=2".to_owned(), vec!["a=1; b=2"]),
    ];
    for (sent, seen) in cases {
        assert_eq!(
            navigate(&site.url("/news/x"), &[("cookie", &sent)])
                .await
                .status,
            200
        );
        assert_eq!(
            site.app.take_only_request().header_lines("cookie"),
            seen,
            "{sent}"
        );
    }
}

#[tokio::test]
async fn a_query_that_browsers_do_not_encode_is_returned_to() {
    let site = Site::start().await;
    let path = "/orders?folder=a\\b|c";
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {}\r\nAccept: text/html\r\nConnection: close\r\n\r\n",
        site.nginx.address()
    );
    let answer = raw(&site.nginx.address(), request.as_bytes()).await;
    let answer = String::from_utf8_lossy(&answer).to_lowercase();
    let back = "/login?rd=%2forders%3ffolder%3da%255cb%7cc\r\n";
    assert!(answer.contains(back), "{answer}");
}
