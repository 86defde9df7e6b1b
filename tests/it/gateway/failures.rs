//! Apps that can't be reached, and hosts that have none: the visitor is told, never why.

use super::{app, doorward, read_until};
use crate::support::http::{get, navigate};
use crate::support::ports::free_port;
use crate::support::upstream::App;

#[tokio::test]
async fn an_app_that_is_down_is_a_502_that_says_so() {
    let door = doorward(&format!("http://127.0.0.1:{}", free_port()), "").await;
    let url = format!("{}/open", door.public());
    let browser = navigate(&url, &[]).await;
    assert_eq!(browser.status, 502);
    assert!(
        browser.body.contains("Nobody answers behind this door"),
        "{}",
        browser.body
    );
    assert_eq!(browser.header("x-frame-options"), Some("DENY"));
    let program = get(&url, &[]).await;
    assert_eq!(
        (program.status.as_u16(), program.code().as_str()),
        (502, "app_unreachable")
    );
    assert_eq!(program.header("cache-control"), Some("no-store"));
    assert!(
        !program.body.contains("refused"),
        "no cause: {}",
        program.body
    );
    let log = door.log();
    let lines: Vec<_> = log
        .lines()
        .filter(|line| line.contains("refused"))
        .collect();
    assert_eq!(lines.len(), 2, "each failure is logged once: {log}");
    assert!(
        lines
            .iter()
            .all(|line| line.contains("could not be delivered")),
        "{log}"
    );
}

#[tokio::test]
async fn an_app_that_breaks_off_is_a_502() {
    let url = app(|mut stream| read_until(&mut stream, "\r\n\r\n").map(drop));
    let door = doorward(&url, "").await;
    assert_eq!(
        get(&format!("{}/open", door.public()), &[]).await.status,
        502
    );
}

#[tokio::test]
async fn a_host_without_an_app_behind_it_has_no_pages() {
    let app = App::start();
    let key = "197b3318e5b4e10e2045f93c660960fa950ebc1bea863c158c02c0049cb5aa38";
    let more = format!("[apps.other]\nhosts = [\"http://other.example\"]\nkeys = [\"{key}\"]");
    let door = doorward(&app.url(), &more).await;
    let url = format!("{}/open", door.public());
    let other = navigate(&url, &[("host", "other.example")]).await;
    assert_eq!(other.status, 404);
    assert!(
        other.body.contains("There is no such page"),
        "{}",
        other.body
    );
    assert_eq!(
        get(&url, &[("host", "other.example")]).await.code(),
        "not_found"
    );
    let stranger = navigate(&url, &[("host", "evil.example")]).await;
    assert_eq!(stranger.status, 403);
    assert!(
        stranger.body.contains("Nothing lives at this address"),
        "{}",
        stranger.body
    );
    assert_eq!(
        get(&url, &[("host", "evil.example")]).await.code(),
        "unknown_host"
    );
    assert_eq!(app.take_requests(), []);
}
