//! The orderly end: what has begun is finished, nothing new is begun.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use super::support::doorward::Doorward;
use super::support::http::{SetCookie, get, raw_status, try_get};
use super::support::process::eventually;
use super::visitor::{credentials, registered, who};

const EMAIL: &str = "ann@example.com";

/// A sign-in that has reached its handler and waits for its body there.
struct Begun {
    stream: TcpStream,
    body: String,
}

impl Begun {
    fn at(address: &str) -> Self {
        let body = credentials(EMAIL).to_string();
        let mut stream = TcpStream::connect(address).expect("somebody listens");
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .expect("a time-out");
        let length = body.len();
        let head = format!(
            "POST /login HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nExpect: 100-continue\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).expect("sent");
        let mut interim = [0; 25];
        stream.read_exact(&mut interim).expect("an interim answer");
        assert_eq!(
            &interim, b"HTTP/1.1 100 Continue\r\n\r\n",
            "the handler asks for the body"
        );
        Self { stream, body }
    }

    fn finish(mut self) -> String {
        self.stream.write_all(self.body.as_bytes()).expect("sent");
        let mut answer = Vec::new();
        self.stream
            .read_to_end(&mut answer)
            .expect("an answer, and the end of the connection");
        String::from_utf8(answer).expect("text")
    }
}

#[tokio::test]
async fn a_sign_in_under_way_is_finished_and_nothing_new_is_begun() {
    let mut doorward = Doorward::builder().start().await;
    registered(&doorward, EMAIL).await;
    let ready = format!("{}/readyz", doorward.internal());
    assert_eq!(get(&ready, &[]).await.status, 200);
    let address = doorward.public().trim_start_matches("http://").to_owned();
    let begun = tokio::task::spawn_blocking({
        let address = address.clone();
        move || Begun::at(&address)
    });
    let begun = begun.await.expect("no panic");

    doorward.ask_to_stop();
    eventually("load balancers to be told", async || {
        let answer = try_get(&ready).await?;
        (answer.status == 503).then_some(())
    })
    .await;
    let login = format!("{}/login", doorward.public());
    eventually("new visitors to be refused", async || {
        try_get(&login).await.is_none().then_some(())
    })
    .await;

    let answer = tokio::task::spawn_blocking(move || begun.finish())
        .await
        .expect("no panic");
    assert_eq!(raw_status(answer.as_bytes()), 200, "{answer}");
    let cookie = answer
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "))
        .expect("a cookie");
    assert_eq!(doorward.ended().await, 0, "{}", doorward.log());
    doorward.start_again().await;
    assert!(
        who(&doorward, &SetCookie::parse(cookie).pair())
            .await
            .is_some(),
        "it was a real sign-in"
    );
}

#[tokio::test]
async fn an_idle_server_ends_at_once_and_sessions_outlive_it() {
    let mut doorward = Doorward::builder().start().await;
    let cookie = registered(&doorward, EMAIL).await;
    assert_eq!(doorward.stop().await, 0);
    let log = doorward.log();
    assert!(log.contains("stopping") && log.contains("stopped"), "{log}");
    doorward.start_again().await;
    assert!(who(&doorward, &cookie).await.is_some());
}

#[tokio::test]
async fn an_open_connection_that_asks_nothing_does_not_hold_it_up() {
    let mut doorward = Doorward::builder().start().await;
    let address = doorward.public().trim_start_matches("http://").to_owned();
    let mut idle = TcpStream::connect(&address).expect("somebody listens");
    let request = format!("GET /login HTTP/1.1\r\nHost: {address}\r\n\r\n");
    idle.write_all(request.as_bytes()).expect("sent");
    let mut first = [0; 15];
    idle.read_exact(&mut first).expect("an answer");
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    assert_eq!(doorward.stop().await, 0);
}
