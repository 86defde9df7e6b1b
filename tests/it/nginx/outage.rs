//! What visitors see while something behind nginx is down.

use super::{Site, doorward_toml};
use crate::support::doorward::Db;
use crate::support::http::{get, navigate};
use crate::support::postgres;
use crate::support::process::eventually;
use crate::support::relay::Relay;

#[tokio::test]
async fn threat_21_a_store_that_is_down_reaches_the_visitor_as_503_and_is_no_logout() {
    let database = postgres::database().await;
    let relay = Relay::to(&database);
    let config = format!(
        "{}\n[database]\nurl = \"{}\"\n",
        doorward_toml(),
        relay.url(&database)
    );
    let site = Site::start_with(&config, Db::Sqlite).await;
    let cookie = site.register("reader@example.com").await;
    assert_eq!(site.subject_at("/orders", &cookie).await.len(), 36);

    relay.cut();
    let down = navigate(&site.url("/orders"), &[("cookie", &cookie)]).await;
    assert_eq!(down.status, 503, "{}", down.body);
    assert_eq!(
        down.header_lines("set-cookie"),
        [] as [&str; 0],
        "the cookie is kept"
    );
    assert_eq!(
        get(&site.url("/orders"), &[("cookie", &cookie)])
            .await
            .status,
        503
    );
    site.assert_app_was_not_asked();
    assert_eq!(
        site.subject_at("/", &cookie).await,
        "anonymous",
        "public pages go on"
    );

    relay.mend();
    eventually("the session counts again", async || {
        let answer = navigate(&site.url("/orders"), &[("cookie", &cookie)]).await;
        (answer.status == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn threat_21_doorward_itself_down_is_503_and_never_an_open_door() {
    let mut site = Site::start().await;
    let cookie = site.register("reader@example.com").await;
    site.doorward.stop().await;
    for path in ["/orders", "/", "/news/today"] {
        assert_eq!(
            navigate(&site.url(path), &[("cookie", &cookie)])
                .await
                .status,
            503,
            "{path}"
        );
    }
    site.assert_app_was_not_asked();
    site.doorward.start_again().await;
    assert_eq!(
        site.subject_at("/orders", &cookie).await.len(),
        36,
        "signed in as before"
    );
}
