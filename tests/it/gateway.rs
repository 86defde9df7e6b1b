//! The built-in gateway: what reaches the app, what comes back, and who is turned away.

mod failures;
mod passing;

use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::thread;

use crate::support::doorward::Doorward;
use crate::support::http::{get, navigate, raw, raw_status, send};
use crate::support::identity::{Binding, check};
use crate::support::process::PATIENCE;
use crate::support::upstream::App;
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
