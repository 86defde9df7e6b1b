//! What an honest visitor meets.

use super::site::{Front, Site, assert_denied_without_redirect};
use crate::support::doorward::Db;
use crate::support::proxy::with_replaced;
use crate::visitor::PASSWORD;

pub(super) async fn a_visitor_is_sent_to_sign_in_and_comes_back_to_the_very_page(front: Front) {
    let site = Site::start(front).await;

    let home = site.navigate("/", &[]).await;
    assert_eq!(home.status, 200);
    assert_eq!(
        site.identity(&site.app.take_only_request()).subject,
        "anonymous"
    );

    let wanted = "/orders?page=2&q=a%20b%26c";
    let sent = site.navigate(wanted, &[]).await;
    assert_eq!(sent.status, 302);
    let login = "/login?rd=%2Forders%3Fpage%3D2%26q%3Da%2520b%2526c";
    assert_eq!(sent.location(), Some(site.url(login).as_str()));
    site.assert_app_was_not_asked();

    let page = site.navigate(login, &[]).await;
    assert_eq!(page.status, 200);
    let field = "name=\"rd\" value=\"/orders?page=2&#38;q=a%20b%26c\"";
    assert!(page.body.contains(field), "{}", page.body);

    site.register("reader@example.com").await;
    let fields = [
        ("email", "reader@example.com"),
        ("password", PASSWORD),
        ("rd", wanted),
    ];
    let signed_in = site.post_form("/login", &[], &fields).await;
    assert_eq!(signed_in.status, 303);
    assert_eq!(signed_in.location(), Some(wanted));
    let cookie = signed_in.cookie(front.cookie_name());
    assert_eq!(cookie.attribute("secure").is_some(), front.has_tls());
    let prefix = if front.has_tls() { "__Secure-" } else { "" };
    let device = signed_in.cookie(&format!("{prefix}DEVICE"));
    assert_eq!(device.attribute("path"), Some("/login"), "not for the app");

    let page = site.navigate(wanted, &[("cookie", &cookie.pair())]).await;
    assert_eq!(page.status, 200);
    let request = site.app.take_only_request();
    assert_eq!(
        (request.method.as_str(), request.uri.as_str()),
        ("GET", wanted)
    );
    assert_eq!(site.identity(&request).subject.len(), 36, "a user");
}

pub(super) async fn threat_18_after_signing_out_the_captured_cookie_is_dead(front: Front) {
    let site = Site::start_with(front, &front.doorward_toml(), Db::Postgres).await;
    let cookie = site.register("reader@example.com").await;
    let sent = [("cookie", cookie.as_str())];
    assert_eq!(site.subject_at("/orders", &cookie).await.len(), 36);
    assert_eq!(site.navigate("/logout", &sent).await.status, 200);
    assert_eq!(
        site.subject_at("/orders", &cookie).await.len(),
        36,
        "looking signs nobody out"
    );
    let out = site.post_form("/logout", &sent, &[]).await;
    assert_eq!(out.status, 303);
    let cleared = out.cookie(front.cookie_name());
    assert_eq!(cleared.attribute("max-age"), Some("0"));
    assert_eq!(site.navigate("/orders", &sent).await.status, 302);
    site.assert_app_was_not_asked();
    assert_eq!(site.subject_at("/news/today", &cookie).await, "anonymous");
}

pub(super) async fn the_rules_of_the_example_hold(front: Front) {
    let site = Site::start(front).await;
    assert_eq!(site.subject_at("/news/today", "").await, "anonymous");
    let cookie = site.register("reader@example.com").await;
    assert_eq!(site.subject_at("/news/today", &cookie).await.len(), 36);
    assert_eq!(
        site.subject_at("/", &cookie).await,
        "anonymous",
        "a public page is told of nobody"
    );
    let sent = [("cookie", cookie.as_str())];
    let denied = site.navigate("/internal/x", &sent).await;
    assert_denied_without_redirect(&denied, 403);
    site.assert_app_was_not_asked();
}

pub(super) async fn the_app_may_have_a_sign_in_page_of_its_own(front: Front) {
    let own = with_replaced(&front.doorward_toml(), &[("# login_page", "login_page")]);
    let site = Site::start_with(front, &own, Db::Sqlite).await;
    let sent = site.navigate("/orders?a=b", &[]).await;
    let page = "/login.html?rd=%2Forders%3Fa%3Db";
    assert_eq!(
        (sent.status.as_u16(), sent.location()),
        (302, Some(site.url(page).as_str()))
    );

    assert_eq!(site.navigate(page, &[]).await.status, 200);
    let request = site.app.take_only_request();
    assert_eq!(request.uri, page, "the app's page, not Doorward's");

    let cookie = site.register("reader@example.com").await;
    let fields = [
        ("email", "reader@example.com"),
        ("password", PASSWORD),
        ("rd", "/orders?a=b"),
    ];
    let (referer, origin) = (site.url(page), site.origin());
    let headers = [
        ("referer", referer.as_str()),
        ("origin", &origin),
        ("cookie", &cookie),
    ];
    let signed_in = site.post_form("/login", &headers, &fields).await;
    assert_eq!(
        (signed_in.status.as_u16(), signed_in.location()),
        (303, Some("/orders?a=b"))
    );
    let cookie = signed_in.cookie(front.cookie_name()).pair();
    assert_eq!(site.subject_at("/orders", &cookie).await.len(), 36);
}

pub(super) async fn the_app_sees_its_own_cookies_and_not_the_sessions(front: Front) {
    let site = Site::start(front).await;
    let session = site.register("reader@example.com").await;
    let name = front.cookie_name();
    let cases = [
        (session.clone(), ""),
        (format!("a=1; {session}"), "a=1"),
        (format!("{session}; a=1"), "a=1"),
        (format!("{session};a=1"), "a=1"),
        (format!("a=1; {session}; b=2"), "a=1; b=2"),
        (format!("a=1; XSESSION=2; {session}"), "a=1; XSESSION=2"),
        (format!("a=1; b=SESSION=2; {session}"), "a=1; b=SESSION=2"),
        (format!("{session}; {name}=tossed"), ""),
        (
            format!("a=1; __Host-SESSION=b; {session}; c=2; __Secure-SESSION=d"),
            "a=1; c=2",
        ),
        ("a=1; b=2".to_owned(), "a=1; b=2"),
        (format!("a=1; {name} =tossed; b=2"), "a=1; b=2"),
        (format!("{session}; {name}\t=tossed; b=2"), "b=2"),
    ];
    for (sent, own) in cases {
        let answer = site.navigate("/news/x", &[("cookie", &sent)]).await;
        assert_eq!(answer.status, 200, "{sent}");
        let request = site.app.take_only_request();
        let seen = cookies(&request.header_lines("cookie"));
        assert_eq!(seen, cookies(&[own]), "{sent}");
    }
    // HTTP/2 may split the header, and so may whoever wants to hide something in HTTP/1.1.
    for lines in [["a=1", session.as_str()], [session.as_str(), "a=1"]] {
        let split = lines.map(|line| ("cookie", line));
        assert_eq!(site.navigate("/news/x", &split).await.status, 200);
        let request = site.app.take_only_request();
        let seen = cookies(&request.header_lines("cookie"));
        let subject = site.identity(&request).subject;
        assert_eq!((seen, subject.len()), (vec!["a=1"], 36), "{lines:?}");
    }
    let many = format!("a=1; {session}; {name}=1; {name}=2; __Host-SESSION=3; b=2");
    let answer = site.navigate("/news/x", &[("cookie", &many)]).await;
    assert_eq!(answer.status, 200);
    let request = site.app.take_only_request();
    let seen = cookies(&request.header_lines("cookie"));
    assert_eq!(seen, front.own_of_many_cookies(), "however many there are");
}

/// The cookies of these header lines.
fn cookies<'l>(lines: &[&'l str]) -> Vec<&'l str> {
    let all = lines.iter().flat_map(|line| line.split(';'));
    all.map(str::trim)
        .filter(|cookie| !cookie.is_empty())
        .collect()
}

pub(super) async fn a_query_that_browsers_do_not_encode_is_returned_to(front: Front) {
    let site = Site::start(front).await;
    let head = format!(
        "GET /orders?folder=a\\b|c HTTP/1.1\r\nHost: {}\r\n",
        site.authority()
    );
    let answer = site
        .raw(&format!(
            "{head}Accept: text/html\r\nConnection: close\r\n\r\n"
        ))
        .await
        .to_lowercase();
    let back = "/login?rd=%2forders%3ffolder%3da%255cb%7cc\r\n";
    assert!(answer.contains(back), "{answer}");
}

pub(super) async fn each_request_of_a_connection_is_judged_by_itself(front: Front) {
    let site = Site::start(front).await;
    let cookie = site.register("reader@example.com").await;
    let host = site.authority();
    let request =
        |path: &str, more: &str| format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n");
    let signed_in = format!("Cookie: {cookie}\r\n");
    let connection = [
        request("/orders", &signed_in),
        request("/orders", ""),
        request("/news/x", &signed_in),
        request("/news/x", ""),
        request("/internal/x", &signed_in),
        request("/orders", &signed_in),
        request("/orders", "Connection: close\r\n"),
    ];
    let answers = site.raw(&connection.concat()).await;
    let statuses = answers.split("HTTP/1.1 ").skip(1);
    let statuses: Vec<_> = statuses.filter_map(|answer| answer.get(..3)).collect();
    assert_eq!(
        statuses,
        ["200", "401", "200", "200", "403", "200", "401"],
        "{answers}"
    );
    let requests = site.app.take_requests();
    let subjects = requests
        .iter()
        .map(|request| site.identity(request).subject.len());
    let anonymous = "anonymous".len();
    assert_eq!(subjects.collect::<Vec<_>>(), [36, 36, anonymous, 36]);
}
