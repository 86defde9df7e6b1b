//! Bodies, answers and WebSockets pass as they are.

use std::io::Write as _;
use std::net::TcpStream;

use super::{address, app, doorward, read_until};
use crate::support::http::{get, send};
use crate::support::identity::{Binding, check};
use crate::support::process::PATIENCE;
use crate::support::upstream::App;
use crate::support::websocket::echo;
use crate::visitor::registered;

#[tokio::test]
async fn a_websocket_passes_with_a_live_session() {
    let app = App::start();
    let door = doorward(&app.url(), "").await;
    let url = format!("ws://{}/ws", address(&door));
    assert_eq!(
        echo(&url, &[], "hello").await,
        Err(reqwest::StatusCode::UNAUTHORIZED)
    );
    assert_eq!(app.take_requests(), []);
    let cookie = registered(&door, "reader@example.com").await;
    assert_eq!(
        echo(&url, &[("cookie", &cookie)], "hello").await,
        Ok("hello".to_owned())
    );
    let request = app.take_only_request();
    let [(_, value)] = request.identity_lines()[..] else {
        panic!("{request:?}")
    };
    assert!(check(value, door.key_hex(), "app", Binding::App).is_ok());
}

#[tokio::test]
async fn large_bodies_arrive_whole() {
    let app = App::start();
    let door = doorward(&app.url(), "").await;
    let body = "0123456789abcdef".repeat(512 * 1024);
    let answer = send(
        "POST",
        &format!("{}/open/up", door.public()),
        &[],
        body.clone(),
    )
    .await;
    assert_eq!(answer.status, 200);
    let request = app.take_only_request();
    assert_eq!(
        request.header_lines("content-length"),
        [body.len().to_string()]
    );
    assert_eq!(
        request.header_lines("transfer-encoding"),
        Vec::<&str>::new()
    );
    assert!(request.body == body.as_bytes());
    assert_eq!(
        answer.json()["body"].as_str().map(str::len),
        Some(body.len())
    );
}

#[tokio::test]
async fn bodies_stream_both_ways() {
    // Each side waits for what the other has sent so far, and would wait for ever if anything were held back.
    let url = app(|mut stream| {
        read_until(&mut stream, "first")?;
        stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")?;
        read_until(&mut stream, "second")?;
        stream.write_all(b"7\r\ngoodbye\r\n0\r\n\r\n")
    });
    let door = doorward(&url, "").await;
    let address = address(&door).to_owned();
    let talk = move || {
        let mut stream = TcpStream::connect(&address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let head = "POST /open HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: ";
        stream.write_all(format!("{head}{address}\r\n\r\n5\r\nfirst\r\n").as_bytes())?;
        read_until(&mut stream, "hello")?;
        stream.write_all(b"6\r\nsecond\r\n0\r\n\r\n")?;
        read_until(&mut stream, "goodbye")
    };
    tokio::task::spawn_blocking(talk)
        .await
        .expect("no panic")
        .expect("a conversation");
}

#[tokio::test]
async fn an_answer_passes_as_it_is() {
    let url = app(|mut stream| {
        read_until(&mut stream, "\r\n\r\n")?;
        stream.write_all(
            b"HTTP/1.1 418 I'm a teapot\r\nSet-Cookie: a=1; Path=/\r\nSet-Cookie: b=2\r\nX-Own: yes\r\n\
              Content-Security-Policy: default-src 'self'\r\nKeep-Alive: timeout=5\r\nX-Hop: 1\r\n\
              Connection: close, X-Hop\r\nContent-Length: 3\r\n\r\ntea",
        )
    });
    let door = doorward(&url, "").await;
    let answer = get(&format!("{}/open", door.public()), &[]).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (418, "tea"));
    assert_eq!(answer.header_lines("set-cookie"), ["a=1; Path=/", "b=2"]);
    assert_eq!(answer.header("x-own"), Some("yes"));
    assert_eq!(
        answer.header("content-security-policy"),
        Some("default-src 'self'")
    );
    assert_eq!(
        (answer.header("keep-alive"), answer.header("x-hop")),
        (None, None)
    );
    assert_eq!(
        answer.header("x-frame-options"),
        None,
        "that is the app's to decide"
    );
}

#[tokio::test]
async fn head_is_passed_on_as_head() {
    let app = App::start();
    let door = doorward(&app.url(), "").await;
    let answer = send("HEAD", &format!("{}/open", door.public()), &[], "").await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, ""));
    assert!(
        answer
            .header("content-length")
            .is_some_and(|length| length != "0")
    );
    assert_eq!(app.take_only_request().method, "HEAD");
}
