//! The built-in gateway: what reaches the app, what comes back, and who is turned away.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

use crate::support::doorward::Doorward;
use crate::support::http::{get, navigate, raw, raw_status, send};
use crate::support::identity::{Binding, check};
use crate::support::ports::free_port;
use crate::support::process::PATIENCE;
use crate::support::upstream::App;
use crate::support::websocket::echo;
use crate::visitor::registered;

/// Doorward before an app at `upstream`, with more settings of that app.
async fn doorward(upstream: &str, more: &str) -> Doorward {
    let toml = format!(
        r#"
        [apps.app]
        hosts = ["localhost", "127.0.0.1"]
        upstream = "{upstream}"
        rules = [
            {{ path = "/open", access = "public" }},
            {{ path = "/open/*", access = "public" }},
            {{ path = "/closed", access = "deny" }},
        ]
        {more}
        "#
    );
    Doorward::builder().toml(&toml).start().await
}

fn address(door: &Doorward) -> &str {
    door.public().strip_prefix("http://").expect("http")
}

/// An app that gives each connection to `serve`.
fn app(serve: impl Fn(TcpStream) -> std::io::Result<()> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = stream
                .set_read_timeout(Some(PATIENCE))
                .and_then(|()| serve(stream));
        }
    });
    url
}

/// Reads until `end` has come; everything read.
fn read_until(stream: &mut TcpStream, end: &str) -> std::io::Result<String> {
    let (mut read, mut chunk) = (Vec::new(), [0; 1024]);
    while !String::from_utf8_lossy(&read).contains(end) {
        let length = stream.read(&mut chunk)?;
        if length == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        read.extend_from_slice(&chunk[..length]);
    }
    Ok(String::from_utf8_lossy(&read).into_owned())
}

#[tokio::test]
async fn a_signed_in_visitor_reaches_the_app_as_themselves() {
    let app = App::start();
    let door = doorward(&app.url(), "").await;
    let cookie = registered(&door, "reader@example.com").await;
    let cookies = format!("theme=dark; {cookie}; lang=en");
    let url = format!("{}/a%20b/c;d?page=2&q=%2F", door.public());
    let answer = get(
        &url,
        &[("cookie", &cookies), ("x-forwarded-for", "203.0.113.9")],
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.body);

    let request = app.take_only_request();
    assert_eq!(
        (request.method.as_str(), request.uri.as_str()),
        ("GET", "/a%20b/c;d?page=2&q=%2F")
    );
    let [(_, value)] = request.identity_lines()[..] else {
        panic!("{request:?}")
    };
    let identity = check(value, door.key_hex(), "app", Binding::App).expect("a genuine header");
    assert_ne!(identity.subject, "anonymous");
    assert_eq!(request.header_lines("host"), [address(&door)]);
    assert_eq!(
        request.header_lines("cookie"),
        ["theme=dark; lang=en"],
        "not the session"
    );
    // The test is a trusted proxy: it comes from loopback.
    assert_eq!(request.header_lines("x-forwarded-for"), ["203.0.113.9"]);
    assert_eq!(request.header_lines("x-forwarded-proto"), ["http"]);
    assert_eq!(request.header_lines("x-forwarded-host"), [address(&door)]);
}

#[tokio::test]
async fn a_header_can_be_bound_to_its_request() {
    let app = App::start();
    let door = doorward(&app.url(), "binding = \"request\"").await;
    let url = format!("{}/open/door?a=b", door.public());
    assert_eq!(send("PUT", &url, &[], "x").await.status, 200);
    let request = app.take_only_request();
    let [(_, value)] = request.identity_lines()[..] else {
        panic!("{request:?}")
    };
    let bound = |method| Binding::Request {
        method,
        host: address(&door),
        uri: "/open/door?a=b",
    };
    assert_eq!(
        check(value, door.key_hex(), "app", bound("PUT"))
            .expect("genuine")
            .subject,
        "anonymous"
    );
    assert!(check(value, door.key_hex(), "app", bound("GET")).is_err());
}

#[tokio::test]
async fn without_a_session_nothing_reaches_the_app() {
    let app = App::start();
    let door = doorward(&app.url(), "").await;
    let url = format!("{}/orders?page=2", door.public());
    let sign_in = format!("{}/login?rd=%2Forders%3Fpage%3D2", door.public());

    let browser = navigate(&url, &[]).await;
    assert_eq!(
        (browser.status.as_u16(), browser.location()),
        (302, Some(sign_in.as_str()))
    );
    let program = get(&url, &[]).await;
    assert_eq!(
        (program.status.as_u16(), program.code().as_str()),
        (401, "login_required")
    );
    assert_eq!(program.json()["login_url"], sign_in.as_str());
    assert_eq!(send("POST", &url, &[], "a=b").await.status, 401);
    let cookie = registered(&door, "reader@example.com").await;
    let closed = navigate(&format!("{}/closed", door.public()), &[("cookie", &cookie)]).await;
    assert_eq!(closed.status, 403);
    for own in [
        "/login",
        "/login/",
        "/login/nothing",
        "/logout/",
        "/register/",
        "/account/x",
    ] {
        navigate(&format!("{}{own}", door.public()), &[("cookie", &cookie)]).await;
    }
    assert_eq!(app.take_requests(), []);
}

#[tokio::test]
async fn threat_11_only_our_own_identity_header_reaches_the_app_over_the_wire() {
    let app = App::start();
    let door = doorward(&app.url(), "").await;
    let request = format!(
        "GET /open HTTP/1.1\r\nHost: {}\r\nX-UserId: evil\r\nx-userid: evil\r\nX_UserId: evil\r\n\
         X.User-Id: evil\r\nX-Forwarded-For: 10.0.0.1, 10.0.0.2\r\nX-Original-URL: /evil\r\n\
         Connection: close, X-UserId, Host\r\n\r\n",
        address(&door)
    );
    assert_eq!(
        raw_status(&raw(address(&door), request.as_bytes()).await),
        200
    );
    let request = app.take_only_request();
    let [(_, value)] = request.identity_lines()[..] else {
        panic!("{request:?}")
    };
    let identity = check(value, door.key_hex(), "app", Binding::App).expect("a genuine header");
    assert_eq!(identity.subject, "anonymous");
    assert_eq!(request.header_lines("host"), [address(&door)]);
    assert_eq!(request.header_lines("x-original-url"), Vec::<&str>::new());
}

#[tokio::test]
async fn threat_08_no_spelling_of_a_path_gets_past_its_rule() {
    let app = App::start();
    let door = doorward(&app.url(), "").await;
    let targets = [
        "/open/../orders",
        "/open/%2e%2e/orders",
        "/open/%2e%2e%2forders",
        "/open/%252e%252e%252forders",
        "/open/..\\orders",
        "/open/..%5corders",
        "/open/..;/orders",
        "/open/;/../orders",
        "//orders",
        "/open/..%00/orders",
        "/open/%",
        "/open/%ff",
        "/login/../orders",
        "/login%2f..%2forders",
        "/LOGIN",
        "orders",
        "*",
        "http://other.example/open",
        "http://other.example/orders",
    ];
    for target in targets {
        let request = format!(
            "GET {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            address(&door)
        );
        let status = raw_status(&raw(address(&door), request.as_bytes()).await);
        assert!([400, 401, 403, 404].contains(&status), "{target}: {status}");
    }
    let tunnel = format!("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n\r\n", address(&door));
    assert!(raw_status(&raw(address(&door), tunnel.as_bytes()).await) >= 400);
    assert_eq!(app.take_requests(), []);
}

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
