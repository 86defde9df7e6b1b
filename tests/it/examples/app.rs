//! `examples/app`, with the real Python: it believes Doorward and nobody else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::support::http::{get, navigate, raw, raw_status, send};
use crate::support::identity::{Binding, now, sign};
use crate::support::ports::on_free_ports;
use crate::support::process::{Process, eventually};

const APP: &str = "examples/app/app.py";
const KEY: &str = "3d9a1f5c7e20b846f1a3c5e7092b4d6f8a1c3e5072946b8d0f2a4c6e81b3d5f7";
const OLD_KEY: &str = "c81e5b3f7a902d64e8b1f3a5c7d9024b6e8f1a3c5d7092b4f6e8a1c3d5b7f902";
const USER: &str = "6f1d3b5a-7c9e-4f20-8b4d-6a8c0e2f4b6d";

/// A running sample app.
pub(super) struct SampleApp {
    address: String,
    _process: Process,
    _folder: TempDir,
}

impl SampleApp {
    /// Starts it with these words, to which the port is added.
    pub(super) async fn start(words: &[String]) -> Self {
        on_free_ports(async |[port]| {
            let folder = tempfile::tempdir().expect("folder");
            let mut python = Command::new("python3");
            python
                .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(APP))
                .args(words);
            python.args(["--port", &port.to_string()]);
            let mut process = Process::start(&python, "TERM", &folder.path().join("log"));
            let address = format!("127.0.0.1:{port}");
            let running = eventually("the sample app", async || {
                let connected = tokio::net::TcpStream::connect(&address).await.is_ok();
                process.ended().map(|_| false).or(connected.then_some(true))
            });
            if running.await {
                Ok(Self {
                    address,
                    _process: process,
                    _folder: folder,
                })
            } else {
                Err(process.log())
            }
        })
        .await
    }

    async fn with_keys(keys: &str, more: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let file = key_file(&folder, keys);
        let file = file.to_str().expect("UTF-8");
        let words = [&["--app", "shop", "--keys", file], more].concat();
        let words: Vec<_> = words.into_iter().map(str::to_owned).collect();
        Self::start(&words).await
    }

    /// `127.0.0.1:port`.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    async fn status(&self, path: &str, header: &str) -> u16 {
        let answer = navigate(&self.url(path), &[("x-userid", header)]).await;
        answer.status.as_u16()
    }
}

fn key_file(folder: &TempDir, text: &str) -> PathBuf {
    let file = folder.path().join("shop.keys");
    fs::write(&file, text).expect("own folder");
    file
}

/// An `X-UserId` for `shop` of some seconds ago.
fn signed(key: &str, subject: &str, ago: i64) -> String {
    let time = now().saturating_add_signed(-ago).to_string();
    let mac = sign(key, "shop", subject, &time, Binding::App);
    format!("{subject}.{time}.{mac}")
}

#[tokio::test]
async fn a_genuine_header_says_who_is_there() {
    let app = SampleApp::with_keys(KEY, &[]).await;
    let orders = navigate(&app.url("/orders"), &[("x-userid", &signed(KEY, USER, 0))]).await;
    assert_eq!(orders.status, 200);
    assert!(orders.body.contains(USER), "{}", orders.body);
    assert_eq!(orders.header("cache-control"), Some("no-store"));
    let news = navigate(
        &app.url("/news/today"),
        &[("x-userid", &signed(KEY, USER, 0))],
    )
    .await;
    assert!(
        news.body.contains("reader <b>6f1d3b5a</b>"),
        "{}",
        news.body
    );
}

#[tokio::test]
async fn guests_see_what_is_for_everybody_and_are_led_to_sign_in() {
    let app = SampleApp::with_keys(KEY, &[]).await;
    let guest = signed(KEY, "anonymous", 0);
    assert_eq!(app.status("/", &guest).await, 200);
    assert_eq!(app.status("/nowhere", &guest).await, 404);
    let news = navigate(&app.url("/news/today"), &[("x-userid", &guest)]).await;
    assert!(news.body.contains("Good day, guest."), "{}", news.body);
    let orders = navigate(&app.url("/orders"), &[("x-userid", &guest)]).await;
    assert_eq!(
        (orders.status.as_u16(), orders.location()),
        (302, Some("/login?rd=/orders"))
    );
}

#[tokio::test]
async fn threat_12_nothing_but_one_genuine_and_fresh_header_is_believed() {
    let app = SampleApp::with_keys(KEY, &[]).await;
    let genuine = signed(KEY, USER, 0);
    let (_, rest) = genuine.split_once('.').expect("three fields");
    let other_app = {
        let time = now().to_string();
        let mac = sign(KEY, "blog", USER, &time, Binding::App);
        format!("{USER}.{time}.{mac}")
    };
    for forged in [
        format!("11111111-2222-4333-8444-555555555555.{rest}"),
        format!("anonymous.{rest}"),
        signed(OLD_KEY, USER, 0),
        signed(KEY, USER, 3600),
        signed(KEY, USER, -3600),
        other_app,
        format!("{genuine}, {genuine}"),
        format!("{genuine}.x"),
        genuine.to_uppercase(),
        USER.to_owned(),
        String::new(),
    ] {
        for path in ["/", "/orders", "/nowhere"] {
            assert_eq!(app.status(path, &forged).await, 403, "{path}: {forged}");
        }
    }
    assert_eq!(get(&app.url("/orders"), &[]).await.status, 403, "none");
    let twice = [("x-userid", genuine.as_str()), ("X-UserId", &genuine)];
    assert_eq!(get(&app.url("/orders"), &twice).await.status, 403, "two");
    let alias = [("X_UserId", genuine.as_str())];
    assert_eq!(
        get(&app.url("/orders"), &alias).await.status,
        403,
        "an alias"
    );
    let posted = send(
        "POST",
        &app.url("/orders"),
        &[("x-userid", &genuine)],
        "a=1",
    )
    .await;
    assert_eq!(posted.status, 501, "no page takes a form");
    for header in [
        format!("X-UserId : {genuine}"),
        format!(" X-UserId: {genuine}"),
        format!("X-UserId: {genuine}\r\n x"),
    ] {
        let request = format!("GET /orders HTTP/1.1\r\nHost: shop\r\n{header}\r\n\r\n");
        let answer = raw(app.address(), request.as_bytes()).await;
        assert_eq!(raw_status(&answer), 403, "{header}");
    }
}

#[tokio::test]
async fn while_a_key_is_changed_both_count() {
    let keys = format!("# the next one\n{KEY}\n\n  {OLD_KEY} # until Monday\n");
    let app = SampleApp::with_keys(&keys, &[]).await;
    for key in [KEY, OLD_KEY] {
        assert_eq!(app.status("/orders", &signed(key, USER, 0)).await, 200);
    }
}

#[tokio::test]
async fn a_file_without_a_good_key_stops_the_start() {
    for keys in ["", "# none\n", "00ff\n", &KEY[..62], "no key at all\n"] {
        let folder = tempfile::tempdir().expect("folder");
        let mut python = Command::new("python3");
        python.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(APP));
        python
            .arg("--keys")
            .arg(key_file(&folder, keys))
            .args(["--port", "0"]);
        let output = tokio::task::spawn_blocking(move || python.output().expect("python3"));
        let output = output.await.expect("no panic");
        assert!(!output.status.success(), "{keys:?}");
    }
}

#[tokio::test]
async fn the_probe_tells_what_arrives_and_is_there_only_when_asked_for() {
    let asked = [
        ("X-UserId", "a"),
        ("X_UserId", "b"),
        ("x.user.id", "no alias"),
        ("X-Forwarded-For", "192.0.2.1"),
        ("X_Original_URL", "/"),
        ("Forwarded", "for=192.0.2.1"),
        ("X-UserToken", "c"),
        ("X-Rewrite-URL", "/"),
        ("Connection", "close"),
        ("X-Other", "d"),
        ("Cookie", "e=f"),
    ];
    let silent = SampleApp::with_keys(KEY, &[]).await;
    assert_eq!(
        get(&silent.url("/.doorward-probe"), &asked).await.status,
        403
    );
    let app = SampleApp::with_keys(KEY, &["--probe"]).await;
    let seen = get(&app.url("/.doorward-probe"), &asked).await.json();
    let time = seen["time"].as_u64().expect("seconds");
    assert!(time.abs_diff(now()) <= 60, "{time}");
    let headers = seen["headers"].as_array().expect("a list");
    let lines = headers.iter().map(|line| {
        (
            line[0].as_str().expect("a name").to_lowercase(),
            line[1].as_str().expect("a value"),
        )
    });
    let expected = [
        ("x-userid", "a"),
        ("x_userid", "b"),
        ("x-forwarded-for", "192.0.2.1"),
        ("x_original_url", "/"),
        ("forwarded", "for=192.0.2.1"),
        ("x-usertoken", "c"),
        ("x-rewrite-url", "/"),
        ("connection", "close"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value));
    assert_eq!(lines.collect::<Vec<_>>(), expected);
}
