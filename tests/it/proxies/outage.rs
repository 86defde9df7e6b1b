//! What visitors see while something behind the proxy is down.

use super::site::{Front, Site};
use crate::support::doorward::Db;
use crate::support::postgres;
use crate::support::relay::Relay;
use crate::support::websocket;

pub(super) async fn threat_21_a_store_that_is_down_reaches_the_visitor_as_503_and_is_no_logout(
    front: Front,
) {
    let database = postgres::database().await;
    let relay = Relay::to(&database);
    let url = relay.url(&database);
    let config = format!(
        "{}\n[database]\nurl = \"{url}\"\n[sessions]\ncache_capacity = 0\n",
        front.doorward_toml()
    );
    let site = Site::start_with(front, &config, Db::Sqlite).await;
    let cookie = site.register("reader@example.com").await;
    let sent = [("cookie", cookie.as_str())];
    assert_eq!(site.subject_at("/orders", &cookie).await.len(), 36);

    relay.cut();
    let down = site.navigate("/orders", &sent).await;
    assert_eq!(down.status, 503, "{}", down.body);
    assert_eq!(
        down.header_lines("set-cookie"),
        [] as [&str; 0],
        "the cookie is kept"
    );
    let control = down.header("cache-control").unwrap_or_default();
    assert!(control.contains("no-store"), "{control:?}");
    assert_eq!(site.get("/orders", &sent).await.status, 503);
    let posted = site.send("POST", "/orders", &sent, "a=1").await;
    assert_eq!(posted.status, 503);
    site.assert_app_was_not_asked();
    assert_eq!(
        site.subject_at("/", &cookie).await,
        "anonymous",
        "public pages go on"
    );

    relay.mend();
    site.eventually("the session counts again", "/orders", &cookie, 200)
        .await;
}

pub(super) async fn threat_21_doorward_itself_down_is_503_and_never_an_open_door(front: Front) {
    let mut site = Site::start(front).await;
    let cookie = site.register("reader@example.com").await;
    site.doorward.stop().await;
    for path in ["/orders", "/", "/news/today"] {
        let answer = site.navigate(path, &[("cookie", &cookie)]).await;
        assert_eq!(answer.status, 503, "{path}: {}", answer.body);
        assert_eq!(answer.header_lines("set-cookie"), [] as [&str; 0]);
        let control = answer.header("cache-control").unwrap_or_default();
        assert!(control.contains("no-store"), "{path}: {control:?}");
        let script = [("cookie", cookie.as_str()), ("accept", "*/*")];
        assert_eq!(site.get(path, &script).await.status, 503, "{path}");
    }
    for path in ["/login", "/account"] {
        let status = site.navigate(path, &[]).await.status;
        assert!(status.is_server_error(), "{path}: {status}");
    }
    let socket = site.url("/ws").replacen("http", "ws", 1);
    let refused = websocket::echo(&socket, &[("cookie", &cookie)], "hello").await;
    assert_eq!(refused.map_err(|status| status.as_u16()), Err(503));
    site.assert_app_was_not_asked();
    site.doorward.start_again().await;
    site.eventually("Doorward is asked again", "/orders", &cookie, 200)
        .await;
    site.app.take_requests();
    assert_eq!(
        site.subject_at("/orders", &cookie).await.len(),
        36,
        "signed in as before"
    );
}
