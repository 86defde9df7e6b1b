//! How long connections last, and how many there may be.

mod fetching;
mod unread;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::support::doorward::Doorward;
use super::support::http::{raw, raw_status, try_get};
use super::support::process::{PATIENCE, eventually};

/// A subrequest about an open page, on a connection that stays.
const VERIFY: &str = "GET /verify/nginx HTTP/1.1\r\nHost: doorward\r\nX-Original-Method: GET\r\n\
                      X-Original-URL: http://localhost/login\r\n\r\n";
/// The same for a page.
const PAGE: &str = "GET /login/assets/nothing HTTP/1.1\r\nHost: localhost\r\n\r\n";
/// Whoever connects from this machine is nobody's proxy.
const STRANGERS: &str = "[server]\ntrusted_proxies = [\"192.0.2.1\"]";
/// Longer than a connection may wait for the head of a request, looks included.
const LONGER_THAN_A_HEAD: Duration = Duration::from_secs(16);

fn address(url: &str) -> SocketAddr {
    let address = url.strip_prefix("http://").expect("http");
    address.parse().expect("an address")
}

/// Connects to one listener, and does what follows in a thread of its own.
async fn on<T: Send + 'static>(
    listener: &str,
    exchange: impl FnOnce(TcpStream) -> T + Send + 'static,
) -> T {
    let address = address(listener);
    let exchange = move || {
        let stream = TcpStream::connect(address).expect("somebody listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
        exchange(stream)
    };
    let exchange = tokio::task::spawn_blocking(exchange);
    exchange.await.expect("no panic")
}

/// Sends a request and reads the head of its answer, and the body where the head tells its length.
fn ask(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).expect("sent");
    let (mut answer, mut byte) = (Vec::new(), [0]);
    while !answer.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).expect("an answer");
        answer.push(byte[0]);
    }
    let head = String::from_utf8(answer).expect("text").to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length = length.map_or(0, |length| length.parse().expect("a number"));
    let mut body = vec![0; length];
    stream.read_exact(&mut body).expect("a body");
    head
}

/// Asks for the same two times, with a pause between that is longer than any head may take.
async fn twice(listener: &str, request: &'static str) -> [String; 2] {
    let asked = on(listener, move |mut stream| {
        let first = ask(&mut stream, request);
        std::thread::sleep(LONGER_THAN_A_HEAD);
        [first, ask(&mut stream, request)]
    });
    asked.await
}

#[tokio::test]
async fn a_proxy_may_keep_its_connection_for_the_next_request() {
    let door = Doorward::builder().start().await;
    let questions = twice(door.internal(), VERIFY);
    let (questions, pages) = tokio::join!(questions, twice(door.public(), PAGE));
    for head in questions {
        assert!(head.starts_with("http/1.1 200 "), "{head}");
        assert!(head.contains("x-userid: anonymous."), "{head}");
    }
    for head in pages {
        assert!(head.starts_with("http/1.1 404 "), "{head}");
    }
}

#[tokio::test]
async fn a_slow_head_is_cut_off_on_a_connection_that_was_used_before_too() {
    let door = Doorward::builder().start().await;
    let rest = on(door.internal(), |mut stream| {
        ask(&mut stream, VERIFY);
        stream
            .write_all(b"GET /verify/nginx HTTP/1.1\r\n")
            .expect("sent");
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).map(|_| rest)
    });
    assert_eq!(rest.await.expect("the end of the connection"), b"");
}

#[tokio::test]
async fn a_stranger_keeps_no_connection_to_the_pages_for_long() {
    let door = Doorward::builder().toml(STRANGERS).start().await;
    let rest = on(door.public(), |mut stream| {
        assert!(ask(&mut stream, PAGE).starts_with("http/1.1 404 "));
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).map(|_| rest)
    });
    assert_eq!(rest.await.expect("the end of the connection"), b"");
}

/// Opens connections until no more can be opened, or there are enough; each begins in one of several ways.
fn flood(address: SocketAddr, enough: usize) -> Vec<TcpStream> {
    let beginnings = ["", "G", "GET /login HTTP/1.1\r\n", "PRI * HTTP", PAGE];
    let connect = |beginning: &&str| {
        let wait = Duration::from_millis(200);
        let mut stream = TcpStream::connect_timeout(&address, wait).ok()?;
        stream.write_all(beginning.as_bytes()).ok()?;
        Some(stream)
    };
    let beginnings = beginnings.iter().cycle().take(enough);
    beginnings.map_while(connect).collect()
}

#[tokio::test]
async fn threat_32_a_flood_of_connections_to_the_pages_leaves_verification_answered() {
    let few_files = ["prlimit", "--nofile=256:256"];
    let door = Doorward::builder().started_by(&few_files).start().await;
    let pages = address(door.public());
    let flooding = tokio::task::spawn_blocking(move || flood(pages, 400));
    let flood = flooding.await.expect("no panic");
    assert!(flood.len() > 100, "only {} connections", flood.len());
    let internal = address(door.internal()).to_string();
    let verify = VERIFY.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    for _ in 0..20 {
        let answer = raw(&internal, verify.as_bytes()).await;
        let text = String::from_utf8_lossy(&answer);
        assert_eq!(raw_status(&answer), 200, "{text}\n{}", door.log());
    }
    drop(flood);
    let login = format!("{}/login", door.public());
    eventually("the pages to be back", async || {
        let answer = try_get(&login).await?;
        (answer.status == 200).then_some(())
    })
    .await;
}
