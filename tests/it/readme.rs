//! The README's own words, run: its configurations with the real proxies, its Python with the real Python.

use std::process::{Command, Output};

use super::support::doorward::Doorward;
use super::support::http::{get, navigate};
use super::support::identity::{Binding, check};
use super::support::ports::free_port;
use super::support::process::{Process, eventually};
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
    protects_an_app(Kind::Nginx, "nginx", "nginx.conf").await;
}

#[tokio::test]
async fn the_traefik_configuration_protects_an_app() {
    protects_an_app(Kind::Traefik, "traefik", "traefik.yaml").await;
}

#[tokio::test]
async fn the_caddy_configuration_protects_an_app() {
    protects_an_app(Kind::Caddy, "caddy", "Caddyfile").await;
}

/// The shortest way: the app that the README shows, behind the proxy that needs the fewest words.
#[tokio::test]
async fn the_shortest_way_to_a_protected_page_takes_25_lines() {
    let lines = |name: &str| block(name).lines().count();
    let taken = lines("caddy") + lines("app");
    assert!(taken <= 25, "{taken} lines");

    let doorward = Doorward::builder().start().await;
    let folder = tempfile::tempdir().expect("folder");
    let port = free_port();
    let code = with_replaced(block("app"), &[("3000", &port.to_string())]);
    let mut python = Command::new("python3");
    python.args(["-c", &code]);
    let _app = Process::start(&python, "TERM", &folder.path().join("log"));
    let caddy = started(
        Kind::Caddy,
        ("caddy", "Caddyfile"),
        &doorward,
        &format!("127.0.0.1:{port}"),
    )
    .await;

    let url = format!("http://localhost:{}/", caddy.port());
    assert_eq!(navigate(&url, &[]).await.status, 302);
    let cookie = registered(&doorward, "reader@example.com").await;
    let page = eventually("the app", async || {
        let page = navigate(&url, &[("cookie", &cookie)]).await;
        (page.status == 200).then_some(page)
    })
    .await;
    let header = page
        .body
        .strip_prefix("Hello, ")
        .expect("a greeting")
        .trim();
    check(header, doorward.key_hex(), "app", Binding::App).expect("signed by Doorward");
}

/// The block of the README as the configuration of its proxy, with the addresses of the test.
async fn started(kind: Kind, (name, file): (&str, &str), doorward: &Doorward, app: &str) -> Proxy {
    let plain = |url: &str| url.strip_prefix("http://").expect("http").to_owned();
    let (public, internal) = (plain(doorward.public()), plain(doorward.internal()));
    let proxy = Proxy::start(kind, async |_, port| {
        let own = format!(":{port}");
        let usual = if kind == Kind::Caddy {
            "localhost:8000"
        } else {
            "127.0.0.1:8000"
        };
        let own = usual.replace(":8000", &own);
        let addresses = [
            (usual, own.as_str()),
            ("127.0.0.1:3000", app),
            ("127.0.0.1:8080", &public),
            ("127.0.0.1:8081", &internal),
        ];
        vec![(file.to_owned(), with_replaced(block(name), &addresses))]
    })
    .await;
    let login = format!("http://localhost:{}/login", proxy.port());
    eventually("the sign-in page", async || {
        (navigate(&login, &[]).await.status == 200).then_some(())
    })
    .await;
    proxy
}

async fn protects_an_app(kind: Kind, name: &str, file: &str) {
    let doorward = Doorward::builder().start().await;
    let app = App::start();
    let proxy = started(kind, (name, file), &doorward, &app.address()).await;
    let origin = format!("http://localhost:{}", proxy.port());
    let url = format!("{origin}/orders?page=2");

    let sent = navigate(&url, &[]).await;
    let login = format!("{origin}/login?rd=%2Forders%3Fpage%3D2");
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
