//! Doorward's own pages: at their addresses, and not a letter beside them.

use super::site::{Front, Site};

pub(super) async fn doorwards_pages_are_at_their_addresses_alone(front: Front) {
    let site = Site::start(front).await;
    let cookie = site.register("reader@example.com").await;
    let sent = [("cookie", cookie.as_str())];
    for path in [
        "/login",
        "/login?rd=/orders",
        "/login/",
        "/login/session",
        "/login/none-such",
        "/login/x.html",
        "/logout",
        "/logout/",
        "/register",
        "/register/none-such",
        "/account",
        "/account/",
        "/account/none-such",
    ] {
        site.navigate(path, &sent).await;
        site.assert_app_was_not_asked();
    }
    for path in [
        "/login.html",
        "/login-page",
        "/loginx",
        "/logins/",
        "/logout.php",
        "/logouts",
        "/registered",
        "/registers/x",
        "/accounts",
        "/accounting/x",
        "/my/login",
        "/my/account/",
    ] {
        let answer = site.navigate(path, &sent).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        let request = site.app.take_only_request();
        assert_eq!(request.uri, path, "the app's own");
        assert_eq!(site.identity(&request).subject.len(), 36, "{path}");
        assert_eq!(site.navigate(path, &[]).await.status, 302, "{path}");
        site.assert_app_was_not_asked();
    }
}

/// Below a prefix all of whose requests go to Doorward, a path must not lead out of it.
pub(super) async fn threat_08_nothing_beside_the_pages_opens_the_app(front: Front) {
    let site = Site::start(front).await;
    let page = [("Accept", "text/html")];
    assert_eq!(site.ask("GET", "/news/x", &page).await, 200);
    assert_eq!(site.app.take_only_request().uri, "/news/x");
    for path in [
        "/LOGIN",
        "/Login/x",
        "/%6cogin",
        "/login%2f",
        "/login%2forders",
        "/login/../orders",
        "/login/%2e%2e/orders",
        "/login/..%2forders",
        "/login/..%5corders",
        "/login/..\\orders",
        "/login/..;/orders",
        "/login;/../orders",
        "/login;a=b",
        "//login",
        "//login/../orders",
        "/login//../../orders",
        "/login/%252e%252e/orders",
        "/login%00",
        "/login%3f/../orders",
        "/login%23/../orders",
        "/account/./../orders",
    ] {
        let status = site.ask("GET", path, &page).await;
        let expected = front.beside_the_pages(path);
        assert!(expected.contains(&status), "{path}: {status}");
        site.assert_app_was_not_asked();
    }
}
