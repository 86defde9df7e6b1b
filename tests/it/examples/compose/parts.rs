//! All parts of the compose file at once, each listening on loopback and not in a container of its own.

use std::fs;

use super::super::app::SampleApp;
use super::{Secrets, root, service, texts};
use crate::support::doorward::{Db, Doorward};
use crate::support::http::{Answer, get, navigate, post_form};
use crate::support::process::eventually;
use crate::support::proxy::{Files, Kind, Proxy, with_replaced};
use crate::visitor::PASSWORD;

/// Everything that runs.
struct Parts {
    proxy: Proxy,
    app: SampleApp,
    doorward: Doorward,
    _secrets: Secrets,
}

impl Parts {
    async fn start(kind: Kind) -> Self {
        let secrets = Secrets::make();
        let toml = secrets.placed("doorward", &file("doorward.toml"));
        let doorward = Doorward::builder()
            .toml(&toml)
            .database(Db::Postgres)
            .start()
            .await;
        let app = SampleApp::start(&app_words(&secrets)).await;
        let proxy = Proxy::start(kind, async |_, port| files(kind, &doorward, &app, port)).await;
        let parts = Self {
            proxy,
            app,
            doorward,
            _secrets: secrets,
        };
        eventually("the way to the sign-in page", async || {
            let answer = get(&parts.url("/login"), &[]).await;
            (answer.status == 200).then_some(())
        })
        .await;
        parts
    }

    fn url(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.proxy.port())
    }
}

/// A configuration that some service mounts.
fn file(name: &str) -> String {
    let path = root().join("examples/compose").join(name);
    fs::read_to_string(&path).unwrap_or_else(|_| panic!("{}", path.display()))
}

/// The words of the app's command, with the places of this test.
fn app_words(secrets: &Secrets) -> Vec<String> {
    let command = texts(&service("app")["command"]);
    assert_eq!(command[..2], ["python3", "/app.py"]);
    let words = command[2..].iter().map(|word| match *word {
        "0.0.0.0" => "127.0.0.1".to_owned(),
        word => secrets.placed("app", word),
    });
    words.collect()
}

/// What the proxy's container mounts, with the addresses of this test.
fn files(kind: Kind, doorward: &Doorward, app: &SampleApp, port: u16) -> Files {
    let plain = |url: &str| url.strip_prefix("http://").expect("http").to_owned();
    let (public, internal) = (plain(doorward.public()), plain(doorward.internal()));
    let own = format!("127.0.0.1:{port}");
    let placed = |name: &str, addresses: &[(&str, &str)]| {
        (name.to_owned(), with_replaced(&file(name), addresses))
    };
    let others = [
        ("app:3000", app.address()),
        ("doorward:8080", &public),
        ("doorward:8081", &internal),
    ];
    if kind == Kind::Traefik {
        return vec![
            placed("traefik.yaml", &[("0.0.0.0:8001", &own)]),
            placed("doorward.yaml", &others),
        ];
    }
    // The image has the rest of nginx.conf.
    let example =
        fs::read_to_string(root().join("examples/nginx/nginx.conf")).expect("the example");
    let listen = [("0.0.0.0:8000", own.as_str())];
    let all: Vec<_> = listen.into_iter().chain(others).collect();
    vec![
        ("nginx.conf".to_owned(), example),
        placed("doorward.conf", &all),
    ]
}

#[tokio::test]
async fn behind_nginx_a_visitor_reads_registers_and_sees_a_page_for_users() {
    let parts = Parts::start(Kind::Nginx).await;
    parts.walk().await;
    parts.examine().await;
}

#[tokio::test]
async fn behind_traefik_a_visitor_reads_registers_and_sees_a_page_for_users() {
    let parts = Parts::start(Kind::Traefik).await;
    parts.walk().await;
    parts.examine().await;
}

impl Parts {
    async fn visit(&self, path: &str, cookie: &str) -> Answer {
        navigate(&self.url(path), &[("cookie", cookie)]).await
    }

    async fn walk(&self) {
        let home = self.visit("/", "").await;
        assert!(home.body.contains("A public page"), "{}", home.body);
        let sent = self.visit("/orders", "").await;
        let login = self.url("/login?rd=%2Forders");
        assert_eq!(sent.status, 302);
        assert_eq!(sent.location(), Some(login.as_str()));

        let person = [("email", "reader@example.com"), ("password", PASSWORD)];
        let fields = [&person[..], &[("rd", "/orders")]].concat();
        let registered = post_form(&self.url("/register"), &[], &fields).await;
        assert_eq!(
            registered.location(),
            Some("/orders"),
            "{}",
            registered.body
        );
        let cookie = registered.cookie("SESSION").pair();
        let orders = self.visit("/orders", &cookie).await.body;
        assert!(orders.contains("Only you see this page."), "{orders}");
        let news = self.visit("/news/today", &cookie).await.body;
        assert!(news.contains("Good day, reader"), "{news}");

        let out = post_form(&self.url("/logout"), &[("cookie", &cookie)], &[]).await;
        assert_eq!(out.status, 303);
        assert_eq!(self.visit("/orders", &cookie).await.status, 302);
    }

    /// What reaches the app, and what our own doctor says of it all.
    async fn examine(&self) {
        let forged = [
            ("x-userid", "forged"),
            ("X_UserId", "forged"),
            ("x-forwarded-host", "forged.example"),
            ("forwarded", "host=forged.example"),
        ];
        let seen = get(&self.url("/.doorward-probe"), &forged).await.json();
        let headers = seen["headers"].to_string().to_lowercase();
        assert_eq!(headers.matches("userid").count(), 1, "{headers}");
        assert!(!headers.contains("forged"), "{headers}");
        assert_eq!(
            get(&self.app.url("/"), &[]).await.status,
            403,
            "past the proxy"
        );

        let words = ["doctor", &self.url("/"), "--probe", "/.doorward-probe"];
        let told = self.doorward.command(&words).await;
        let (found, error) = (told.stdout, told.stderr);
        let text = [found, error].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        assert!(told.status.success(), "{}{}", text[0], text[1]);
    }
}
