//! Methods: HEAD, and those that a page does not have.

use super::super::support::doorward::Doorward;
use super::super::support::http::{raw, send};
use super::PAGES;

#[tokio::test]
async fn a_method_that_is_not_allowed_is_told_which_are() {
    let doorward = Doorward::builder().start().await;
    for (path, methods) in [("/login", "GET,HEAD,POST"), ("/account", "GET,HEAD")] {
        let answer = send("PUT", &format!("{}{path}", doorward.public()), &[], "").await;
        assert_eq!(
            answer.header("allow"),
            Some(methods),
            "{path}: RFC 9110, 15.5.6"
        );
    }
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let doorward = Doorward::builder().start().await;
    let address = doorward.public().trim_start_matches("http://").to_owned();
    for path in PAGES.into_iter().chain([
        "/account",
        "/login/none",
        "/none",
        "/login/assets/doorward.css",
    ]) {
        let [get, head] = ["GET", "HEAD"].map(async |method| {
            let head = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nX-Request-Id: x\r\n\r\n");
            let answer = raw(&address, head.as_bytes()).await;
            let text = String::from_utf8(answer).expect("text");
            let (head, body) = text.split_once("\r\n\r\n").expect("a head");
            let lines = head.lines().filter(|line| !line.starts_with("date:"));
            let mut lines: Vec<_> = lines.map(str::to_owned).collect();
            lines.sort();
            (lines, body.to_owned())
        });
        let ((get, get_body), (head, head_body)) = (get.await, head.await);
        assert_eq!(get, head, "{path}: the same head");
        assert_eq!(head_body, "", "{path}");
        let length = format!("content-length: {}", get_body.len());
        assert!(get.contains(&length), "{path}: {length} in {get:?}");
    }
}
