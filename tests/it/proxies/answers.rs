//! What comes back: the app's answers as they are, Doorward's as they are meant.

use super::site::{Front, Site};

pub(super) async fn the_apps_own_answers_pass_untouched(front: Front) {
    let site = Site::start(front).await;
    let cookie = site.register("reader@example.com").await;
    let sent = [("cookie", cookie.as_str())];
    for status in [200, 302, 400, 401, 403, 404, 500, 502, 503] {
        let path = format!("/orders?answer={status}&cookie=a");
        let answer = site.navigate(&path, &sent).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        let location = (status == 302).then_some("/elsewhere");
        assert_eq!(answer.location(), location, "{status}");
        assert_eq!(answer.header_lines("set-cookie"), ["a=1; Path=/"]);
        assert!(answer.body.contains(&path), "{status}: {}", answer.body);
        site.app.take_only_request();
    }
    let own = site.navigate("/orders?answer=401", &sent).await;
    assert_eq!(own.header("www-authenticate"), Some("App"));
}

pub(super) async fn a_large_answer_arrives_whole(front: Front) {
    let site = Site::start(front).await;
    let answer = site.get("/news/x?length=5000000", &[]).await;
    assert_eq!(answer.status, 200);
    assert!(
        answer.body.len() == 5_000_000 && answer.body.bytes().all(|byte| byte == b'x'),
        "{} bytes",
        answer.body.len()
    );
}

pub(super) async fn threat_22_no_cache_keeps_what_depends_on_a_session(front: Front) {
    let site = Site::start(front).await;
    let cookie = site.register("reader@example.com").await;
    let sent = [("cookie", cookie.as_str())];
    let redirect = site.navigate("/orders", &[]).await;
    let refusal = site.get("/orders", &[("accept", "*/*")]).await;
    let page = site.navigate("/login", &[]).await;
    let session = site.get("/login/session", &sent).await;
    for (answer, status) in [(redirect, 302), (refusal, 401), (page, 200), (session, 200)] {
        assert_eq!(answer.status, status);
        let control = answer.header("cache-control").unwrap_or_default();
        assert!(control.contains("no-store"), "{status}: {control:?}");
    }
    // Without any word a cache may not keep a 403 (RFC 9111, 4.2.2).
    let denied = site.navigate("/internal/x", &sent).await;
    assert_eq!(denied.status, 403);
    let control = denied.header("cache-control").unwrap_or("no-store");
    assert!(control.contains("no-store"), "403: {control:?}");
}

pub(super) async fn a_script_is_told_where_to_sign_in_where_the_proxy_passes_it_on(front: Front) {
    let site = Site::start(front).await;
    let answer = site.get("/orders", &[("accept", "application/json")]).await;
    assert_eq!(answer.status, 401);
    let challenge = answer.header("www-authenticate").unwrap_or_default();
    assert!(
        !challenge.to_lowercase().starts_with("basic"),
        "no browser asks for a password by itself: {challenge}"
    );
    if front.passes_problems() {
        let login = site.url("/login");
        let problem = answer.json();
        let told = problem["login_url"].as_str().unwrap_or_default();
        assert!(told.starts_with(&login), "{problem}");
    }
}

pub(super) async fn a_head_request_is_answered_as_a_get(front: Front) {
    let site = Site::start(front).await;
    let html = [("accept", "text/html")];
    let sent = site.send("HEAD", "/orders", &html, "").await;
    let login = site.url("/login?rd=%2Forders");
    assert_eq!(
        (sent.status.as_u16(), sent.location()),
        (302, Some(login.as_str()))
    );
    site.assert_app_was_not_asked();
    let answer = site.send("HEAD", "/news/x", &html, "").await;
    assert_eq!(answer.status, 200);
    assert_eq!(site.app.take_only_request().method, "HEAD");
}

pub(super) async fn a_long_address_is_sent_to_sign_in_too(front: Front) {
    let site = Site::start(front).await;
    for length in [500, 1_000, 2_000] {
        let path = format!("/orders?q={}", "%26".repeat(length));
        let sent = site.navigate(&path, &[]).await;
        assert_eq!(sent.status, 302, "{length}: {}", sent.body);
        let login = sent.location().expect("a way to sign in");
        assert!(login.starts_with(&site.url("/login")), "{login}");
    }
    site.assert_app_was_not_asked();
}
