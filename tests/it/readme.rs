//! The README's own words, run: its nginx configuration with the real nginx, its Python with the real Python.

use std::process::{Command, Output};

use super::support::doorward::Doorward;
use super::support::http::{get, navigate};
use super::support::identity::{Binding, check};
use super::support::proxy::{Kind, Proxy, with_replaced};
use super::support::upstream::App;
use super::visitor::registered;

const README: &str = include_str!("../../README.md");

/// The code block behind `<!-- tested: NAME -->`.
fn block(name: &str) -> &'static str {
    let (_, rest) = README
        .split_once(&format!("<!-- tested: {name} -->"))
        .expect("marked");
    let (_, rest) = rest.split_once("```").expect("a block");
    let (_, code) = rest.split_once('\n').expect("a language");
    code.split_once("```").expect("an end").0
}

#[tokio::test]
async fn the_nginx_configuration_protects_an_app() {
    let doorward = Doorward::builder().start().await;
    let app = App::start();
    let plain = |url: &str| url.strip_prefix("http://").expect("http").to_owned();
    let (public, internal, address) = (
        plain(doorward.public()),
        plain(doorward.internal()),
        app.address(),
    );
    let nginx = Proxy::start(Kind::Nginx, async |_, port| {
        let own = format!("127.0.0.1:{port}");
        let addresses = [
            ("127.0.0.1:8000", own.as_str()),
            ("127.0.0.1:3000", &address),
            ("127.0.0.1:8080", &public),
            ("127.0.0.1:8081", &internal),
        ];
        let text = with_replaced(block("nginx"), &addresses);
        vec![("nginx.conf".to_owned(), text)]
    })
    .await;
    let url = format!("{}/orders?page=2", nginx.url());

    let sent = navigate(&url, &[]).await;
    let login = format!("{}/login?rd=%2Forders%3Fpage%3D2", nginx.url());
    assert_eq!(
        (sent.status.as_u16(), sent.location()),
        (302, Some(login.as_str()))
    );
    assert_eq!(navigate(&login, &[]).await.status, 200);
    let program = get(&url, &[("accept", "application/json")]).await;
    assert_eq!((program.status.as_u16(), program.location()), (401, None));
    assert_eq!(app.take_requests(), []);

    let cookie = registered(&doorward, "reader@example.com").await;
    let forged = [
        ("x-userid", "somebody"),
        ("X_UserId", "somebody"),
        ("cookie", cookie.as_str()),
    ];
    assert_eq!(navigate(&url, &forged).await.status, 200);
    let request = app.take_only_request();
    let lines = request.identity_lines();
    let [(_, value)] = lines[..] else {
        panic!("{lines:?}")
    };
    let identity =
        check(value, doorward.key_hex(), "app", Binding::App).expect("signed by Doorward");
    assert_eq!(identity.subject.len(), 36);
}

#[tokio::test]
async fn the_python_believes_doorward_and_nobody_else() {
    let doorward = Doorward::builder().start().await;
    let cookie = registered(&doorward, "reader@example.com").await;
    let original = format!("{}/orders", doorward.public());
    let asked = [
        ("x-original-method", "GET"),
        ("x-original-url", original.as_str()),
        ("cookie", &cookie),
    ];
    let answer = get(&format!("{}/verify/nginx", doorward.internal()), &asked).await;
    let header = answer.header("x-userid").expect("signed");
    let (subject, rest) = header.split_once('.').expect("three fields");

    let believed = python(&doorward, &format!("print(user(['{header}']))"));
    assert_eq!(String::from_utf8_lossy(&believed.stdout).trim(), subject);
    let forged = format!("11111111-2222-4333-8444-555555555555.{rest}");
    let twice = format!("'{header}', '{header}'");
    for values in [
        format!("'{forged}'"),
        twice,
        String::new(),
        format!("'{header}.x'"),
    ] {
        let refused = python(&doorward, &format!("user([{values}])"));
        let said = String::from_utf8_lossy(&refused.stderr);
        assert!(
            !refused.status.success() && said.contains("PermissionError"),
            "{values}: {said}"
        );
    }
    let elsewhere = python(&doorward, &format!("user(['{header}'], app='other')"));
    assert!(!elsewhere.status.success());
}

fn python(doorward: &Doorward, call: &str) -> Output {
    let program = format!("{}\n{call}\n", block("python"));
    let mut python = Command::new("python3");
    python
        .args(["-c", &program])
        .env("DOORWARD_KEY", doorward.key_hex());
    python.output().expect("python3 starts")
}
