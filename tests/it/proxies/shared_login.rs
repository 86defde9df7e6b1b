//! The second shape: two apps, one sign-in, and its pages on a host of their own. `examples/nginx/shared-login` with the
//! addresses and keys of the test, before each proxy.

pub(super) mod family;

use crate::support::http::{raw_status, raw_to};
use crate::support::process::eventually;
use crate::support::proxy::Kind;
pub(super) use family::Family;

/// A URL as the value of a query field.
fn encoded(url: &str) -> String {
    form_urlencoded::byte_serialize(url.as_bytes()).collect()
}

pub(super) async fn one_sign_in_is_for_every_app_and_each_sees_its_own_signature(kind: Kind) {
    let family = Family::start(kind).await;
    let wanted = format!("{}/orders?page=2", family.origin("shop"));
    let login = format!("{}/login?rd={}", family.origin("login"), encoded(&wanted));

    let sent = family.navigate("shop", "/orders?page=2", &[]).await;
    assert_eq!(
        (sent.status.as_u16(), sent.location()),
        (302, Some(login.as_str()))
    );
    let page = family
        .navigate("login", &format!("/login?rd={}", encoded(&wanted)), &[])
        .await;
    assert_eq!(page.status, 200);
    assert!(
        page.body.contains(&format!("value=\"{wanted}\"")),
        "{}",
        page.body
    );

    let (cookie, back) = family.register("reader@example.com", &wanted).await;
    assert_eq!(back, wanted);
    let at_shop = family
        .subject(&family.shop, "/orders?page=2", &cookie)
        .await;
    let at_blog = family.subject(&family.blog, "/", &cookie).await;
    assert_eq!(at_shop, at_blog, "one person");
    assert_eq!(at_shop.len(), 36, "signed in");
    assert_eq!(family.subject(&family.blog, "/", "").await, "anonymous");
}

pub(super) async fn threat_18_signing_out_once_is_signing_out_everywhere(kind: Kind) {
    let family = Family::start(kind).await;
    let (cookie, _) = family.register("reader@example.com", "").await;
    assert_eq!(family.subject(&family.blog, "/", &cookie).await.len(), 36);
    let answer = family.post("/logout", &[("cookie", &cookie)], &[]).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    assert_eq!(answer.cookie("__Secure-SESSION").value, "");
    assert_eq!(
        family
            .navigate("shop", "/orders", &[("cookie", &cookie)])
            .await
            .status,
        302
    );
    assert_eq!(
        family.subject(&family.blog, "/", &cookie).await,
        "anonymous"
    );
}

pub(super) async fn the_sign_in_host_has_the_pages_and_the_apps_have_none(kind: Kind) {
    let family = Family::start(kind).await;
    let (cookie, _) = family.register("reader@example.com", "").await;
    for path in [
        "/",
        "/orders",
        "/verify/nginx/shop",
        "/healthz",
        "/login/../orders",
    ] {
        let answer = family.get("login", path, &[("cookie", &cookie)]).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.header("x-userid"), None, "{path}");
    }
    family.assert_no_app_was_asked();
    // What is there under such a name is the app's own, with the rules of the app.
    for path in ["/login/session", "/account"] {
        let sent = family.navigate("shop", path, &[]).await;
        assert_eq!(sent.status, 302, "{path}");
        family.assert_no_app_was_asked();
    }
    let page = family
        .navigate("shop", "/login/session", &[("cookie", &cookie)])
        .await;
    assert_eq!(page.status, 200);
    assert_eq!(family.shop.app.take_only_request().uri, "/login/session");
}

pub(super) async fn what_the_proxy_shows_of_doorward_has_its_style_from_the_sign_in_host(
    kind: Kind,
) {
    let family = Family::start(kind).await;
    let (cookie, _) = family.register("reader@example.com", "").await;
    let denied = family
        .navigate("blog", "/write", &[("cookie", &cookie)])
        .await;
    assert_eq!(denied.status, 403, "no author");
    family.assert_no_app_was_asked();
    // Traefik, Caddy and Envoy pass Doorward's page on; nginx and HAProxy have a page of their own.
    if let Some((_, after)) = denied.body.split_once("rel=\"stylesheet\" href=\"") {
        let href = after.split('"').next().expect("an end");
        let asset = href
            .strip_prefix(&family.origin("login"))
            .expect("at the sign-in host");
        assert_eq!(family.get("login", asset, &[]).await.status, 200, "{href}");
    } else {
        assert!(
            matches!(kind, Kind::Nginx | Kind::Haproxy),
            "{}",
            denied.body
        );
    }
}

pub(super) async fn threat_09_an_app_is_judged_under_its_own_host_alone(kind: Kind) {
    let family = Family::start(kind).await;
    let port = family.proxy.port();
    // A script without a session is told so, and led nowhere.
    let script = [("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")];
    let refused = family.get("shop", "/orders", &script).await;
    assert_eq!((refused.status.as_u16(), refused.location()), (401, None));
    // `optional` at the blog is no way into the shop, whatever the visitor claims about the host.
    for forged in ["x-forwarded-host", "x-original-host", "x-host", "forwarded"] {
        let host = format!("blog.example.com:{port}");
        let value = if forged == "forwarded" {
            format!("host=\"{host}\"")
        } else {
            host
        };
        let answer = family
            .navigate("shop", "/orders", &[(forged, &value)])
            .await;
        assert_eq!(answer.status, 302, "{forged}");
    }
    family.assert_no_app_was_asked();
}

/// The name of the handshake is one app's, the request the other's: whichever app is asked, it is so with its own rules and
/// its own signature.
pub(super) async fn threat_09_the_name_of_the_handshake_opens_no_sibling(kind: Kind) {
    let family = Family::start(kind).await;
    let (cookie, _) = family.register("reader@example.com", "").await;
    let port = family.proxy.port();
    let ask = async |handshake: &str, host: &str, path: &str| {
        let head = format!("GET {path} HTTP/1.1\r\nHost: {host}.example.com:{port}\r\n");
        let request = format!("{head}Cookie: {cookie}\r\nConnection: close\r\n\r\n");
        let handshake = format!("{handshake}.example.com");
        let address = family.proxy.address();
        raw_status(&raw_to(&address, Some(&handshake), request.as_bytes()).await)
    };
    let refused = [403, 404, 421];
    let status = ask("shop", "blog", "/write").await;
    assert!(refused.contains(&status), "{status}");
    family.assert_no_app_was_asked();
    let status = ask("blog", "shop", "/orders").await;
    assert!(status == 200 || refused.contains(&status), "{status}");
    if status == 200 {
        let request = family.shop.app.take_only_request();
        assert_eq!(family.shop.identity(&request).subject.len(), 36);
    }
    family.assert_no_app_was_asked();
    // A sibling that is nobody's.
    let status = ask("shop", "cms", "/").await;
    assert!(refused.contains(&status), "{status}");
    family.assert_no_app_was_asked();
}

pub(super) async fn threat_21_without_doorward_every_door_is_shut(kind: Kind) {
    let mut family = Family::start(kind).await;
    let (cookie, _) = family.register("reader@example.com", "").await;
    family.doorward.stop().await;
    for (host, path) in [
        ("shop", "/"),
        ("shop", "/orders"),
        ("blog", "/"),
        ("login", "/login"),
    ] {
        let answer = family.navigate(host, path, &[("cookie", &cookie)]).await;
        let expected: &[u16] = if host == "login" { &[502, 503] } else { &[503] };
        assert!(
            expected.contains(&answer.status.as_u16()),
            "{host}{path}: {}",
            answer.status
        );
        assert_eq!(answer.header_lines("set-cookie"), [] as [&str; 0]);
    }
    family.assert_no_app_was_asked();
    family.doorward.start_again().await;
    eventually("the shop again", async || {
        let answer = family
            .navigate("shop", "/orders", &[("cookie", &cookie)])
            .await;
        (answer.status == 200).then_some(())
    })
    .await;
}
