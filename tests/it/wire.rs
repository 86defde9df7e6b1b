//! Requests that no HTTP library sends: framing, targets and heads that can be read in two ways.
//!
//! Both listeners have the same front: what is asked of one here holds for the other.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::support::doorward::Doorward;
use crate::support::http::{raw, raw_status};
use crate::support::identity::{Binding, check};
use crate::support::process::PATIENCE;

/// The head of a subrequest about an open page, without its end.
const VERIFY: &str = "GET /verify/nginx HTTP/1.1\r\nHost: doorward\r\nX-Original-Method: GET\r\n\
                      X-Original-URL: http://localhost/login\r\n";

fn address(url: &str) -> String {
    url.strip_prefix("http://").expect("http").to_owned()
}

/// Sends to the internal listener, and to the public one with its own `Host`; the two answers.
async fn both(door: &Doorward, lines: &str) -> [Vec<u8>; 2] {
    let verify = format!("{VERIFY}{lines}");
    let page = format!("GET /login HTTP/1.1\r\nHost: localhost\r\n{lines}");
    [
        raw(&address(door.internal()), verify.as_bytes()).await,
        raw(&address(door.public()), page.as_bytes()).await,
    ]
}

fn text(answer: &[u8]) -> String {
    String::from_utf8_lossy(answer).to_lowercase()
}

/// Refused, and nothing behind it was taken for a second request.
fn assert_refused(answer: &[u8], statuses: &[u16], what: &str) {
    let text = text(answer);
    assert!(statuses.contains(&raw_status(answer)), "{what}: {text}");
    assert!(!text.contains("x-userid"), "{what}: {text}");
    assert_eq!(text.matches("http/1.").count(), 1, "{what}: {text}");
}

#[tokio::test]
async fn an_honest_request_is_answered() {
    let door = Doorward::builder().start().await;
    let [verify, page] = both(&door, "Connection: close\r\n\r\n").await;
    assert_eq!(raw_status(&verify), 200, "{}", text(&verify));
    assert_eq!(raw_status(&page), 200, "{}", text(&page));
}

#[tokio::test]
async fn threat_42_a_length_in_doubt_is_refused() {
    let door = Doorward::builder().start().await;
    let smuggled = format!("{VERIFY}\r\n");
    let framings = [
        "Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello",
        "Content-Length: 0, 5\r\n\r\nhello",
        "Content-Length: 5, 5\r\n\r\nhello",
        "Content-Length: +5\r\n\r\nhello",
        "Content-Length: -1\r\n\r\n",
        "Content-Length: 0x5\r\n\r\nhello",
        "Content-Length: 5 5\r\n\r\nhello",
        "Content-Length: 99999999999999999999\r\n\r\n",
        "Content-Length: \r\n\r\n",
        "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding\r\n: chunked\r\n\r\n0\r\n\r\n",
        "Content-Length: 0\r\nTransfer-Encoding:\u{b}chunked\r\n\r\n",
        "X: y\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ];
    for framing in framings {
        for answer in both(&door, &format!("{framing}{smuggled}")).await {
            assert_refused(&answer, &[400], framing);
        }
    }
}

#[tokio::test]
async fn threat_42_with_a_transfer_coding_nothing_behind_the_request_is_a_request() {
    // RFC 9112, 6.1: the coding wins over a length, and the connection ends.
    let door = Doorward::builder().start().await;
    let smuggled = format!("{VERIFY}\r\n");
    let bodies = [
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n",
        "Transfer-Encoding: CHUNKED\r\n\r\n0\r\n\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 400\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: x\r\n\r\n0\r\n\r\n",
    ];
    for body in bodies {
        let lines = format!("{body}{smuggled}");
        for answer in both(&door, &lines).await {
            let text = text(&answer);
            assert_eq!(text.matches("http/1.").count(), 1, "{body:?}: {text}");
            assert!(matches!(raw_status(&answer), 200 | 400), "{body:?}: {text}");
        }
    }
}

#[tokio::test]
async fn threat_42_a_length_without_a_body_is_answered_at_once() {
    // nginx sends the length of the visitor's body when a configuration forgets to say otherwise.
    let door = Doorward::builder().start().await;
    for length in ["1", "100", "1000000", "99999999999"] {
        let lines = format!("{VERIFY}Content-Length: {length}\r\n\r\n");
        let address = address(door.internal());
        let exchange = move || {
            let mut stream = TcpStream::connect(address).expect("somebody listens");
            stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
            stream.write_all(lines.as_bytes()).expect("sent");
            let mut answer = Vec::new();
            // Nothing more is sent and nothing closed here: the end is the other side's.
            let end = stream.read_to_end(&mut answer);
            (answer, end.is_ok())
        };
        let exchange = tokio::task::spawn_blocking(exchange);
        let (answer, ended) = exchange.await.expect("no panic");
        assert_eq!(raw_status(&answer), 200, "{length}: {}", text(&answer));
        assert!(ended, "{length}: the connection stays open");
    }
}

#[tokio::test]
async fn threat_42_a_target_that_is_not_the_hosts_is_refused() {
    let door = Doorward::builder().start().await;
    let lines = "X-Original-Method: GET\r\nX-Original-URL: http://localhost/login\r\n";
    let heads = [
        "GET {} HTTP/1.1\r\n",
        "GET {} HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n",
        "GET {} HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n",
        "GET {} HTTP/1.0\r\n",
        "GET http://evil.example{} HTTP/1.1\r\nHost: localhost\r\n",
        "GET http://localhost{} HTTP/1.1\r\nHost: evil.example\r\n",
        "GET http://localhost:1{} HTTP/1.1\r\nHost: localhost\r\n",
        "GET http://localhost@evil.example{} HTTP/1.1\r\nHost: localhost\r\n",
        "GET http://localhost{} HTTP/1.1\r\n",
        "GET {} HTTP/1.1\r\nHost : localhost\r\n",
        " GET {} HTTP/1.1\r\nHost: localhost\r\n",
        "GET {} {} HTTP/1.1\r\nHost: localhost\r\n",
        "GET {} HTTP/1.2\r\nHost: localhost\r\n",
        "GET {}\r\nHost: localhost\r\n",
        "GET \u{0}{} HTTP/1.1\r\nHost: localhost\r\n",
    ];
    for head in heads {
        for (listener, path) in [
            (door.internal(), "/verify/nginx"),
            (door.public(), "/login"),
        ] {
            let request = format!("{}{lines}\r\n", head.replace("{}", path));
            let answer = raw(&address(listener), request.as_bytes()).await;
            assert_refused(&answer, &[400], head);
        }
    }
}

#[tokio::test]
async fn threat_42_broken_lines_are_refused() {
    let door = Doorward::builder().start().await;
    let lines = [
        "X: a\rb\r\n\r\n",
        "X: a\0b\r\n\r\n",
        "X: a\u{7f}b\r\n\r\n",
        "X\r\n\r\n",
        ": x\r\n\r\n",
        "X Y: z\r\n\r\n",
        "X(: z\r\n\r\n",
        "X: y\r\n folded\r\n\r\n",
        "\u{e9}: x\r\n\r\n",
    ];
    for lines in lines {
        for answer in both(&door, lines).await {
            assert_refused(&answer, &[400], lines);
        }
    }
}

#[tokio::test]
async fn threat_42_a_bare_line_feed_hides_no_header() {
    let door = Doorward::builder().start().await;
    // A parser may take a bare line feed for the end of a line (RFC 9112, 2.2). What counts is that
    // the lines behind it are then headers like all others and don't get past the checks.
    let lines = [
        "X: y\nX-Original-URL: http://localhost/\r\n\r\n",
        "X: y\nX-Original-Method: POST\r\n\r\n",
        "X: y\nHost: evil.example\r\n\r\n",
        "X: y\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    ];
    for line in lines {
        let request = format!("{VERIFY}{line}");
        let answer = raw(&address(door.internal()), request.as_bytes()).await;
        assert_refused(&answer, &[400, 403], line);
    }
}

#[tokio::test]
async fn threat_42_a_head_without_an_end_in_sight_is_refused() {
    let door = Doorward::builder().start().await;
    let long_line = format!("X: {}\r\n\r\n", "y".repeat(200_000));
    let many_lines = format!("{}\r\n", "X: y\r\n".repeat(5_000));
    let full_jar = format!("Cookie: SESSION={}\r\n\r\n", "A".repeat(100_000));
    for lines in [long_line, many_lines, full_jar] {
        for answer in both(&door, &lines).await {
            assert_refused(&answer, &[400, 401, 403, 413, 431], &lines[..20]);
        }
    }
    let target = format!(
        "GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "a".repeat(200_000)
    );
    for listener in [door.internal(), door.public()] {
        let answer = raw(&address(listener), target.as_bytes()).await;
        assert_refused(&answer, &[400, 404, 414, 431], "a long target");
    }
    // It still serves.
    let [verify, _] = both(&door, "Connection: close\r\n\r\n").await;
    assert_eq!(raw_status(&verify), 200, "{}", text(&verify));
}

#[tokio::test]
async fn a_client_that_does_not_finish_its_head_is_cut_off() {
    let door = Doorward::builder().start().await;
    let mut waiting = Vec::new();
    for listener in [door.internal(), door.public()] {
        for begun in [
            "",
            "G",
            "P",
            "GET /login HTTP/1.1\r\n",
            VERIFY,
            "PRI * HTTP/2.0\r\n",
        ] {
            let address = address(listener);
            waiting.push(tokio::task::spawn_blocking(move || {
                let mut stream = TcpStream::connect(address).expect("somebody listens");
                stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
                stream.write_all(begun.as_bytes()).expect("sent");
                let mut answer = Vec::new();
                let end = stream.read_to_end(&mut answer);
                (begun, answer, end.is_ok())
            }));
        }
    }
    for exchange in waiting {
        let (begun, answer, ended) = exchange.await.expect("no panic");
        assert!(ended, "{begun:?}: still waiting after {PATIENCE:?}");
        assert!(!text(&answer).contains("x-userid"), "{begun:?}");
    }
}

#[tokio::test]
async fn http_2_with_prior_knowledge_is_understood() {
    let door = Doorward::builder().start().await;
    let client = reqwest::Client::builder()
        .http2_prior_knowledge()
        .no_proxy()
        .timeout(PATIENCE)
        .build()
        .expect("a client");
    let key = door.key_hex();
    let verify = format!("{}/verify/nginx", door.internal());
    let asked = [
        ("X-Original-Method", "GET"),
        ("X-Original-URL", "http://localhost/login"),
    ];
    let by_header = asked
        .iter()
        .fold(client.get(&verify), |request, (name, value)| {
            request.header(*name, *value)
        });
    // Envoy's own host is the visitor's; the harness's app has that of the listener.
    let by_path = client.get(format!("{}/verify/envoy/app/login?x", door.internal()));
    let page = client.get(format!("{}/login", door.public()));
    for (request, signed) in [(by_header, true), (by_path, true), (page, false)] {
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.version(), reqwest::Version::HTTP_2);
        assert_eq!(answer.status(), 200);
        let header = answer.headers().get("x-userid");
        assert_eq!(header.is_some(), signed);
        if let Some(header) = header {
            let value = header.to_str().expect("ASCII");
            let identity = check(value, key, "app", Binding::App).expect("a signature");
            assert_eq!(identity.subject, "anonymous");
        }
    }
}
