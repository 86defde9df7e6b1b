//! `doorward explain`, as an operator types it. That its answers are those of the server is tested in `verify`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Said;
use crate::support::doorward::{Doorward, run_in};

const TOML: &str = r#"
[server]
base_path = "/auth"

[apps.shop]
hosts = ["shop.example.com"]
keys = ["6b8f1c0e54d7a3828e0c41f7b6d925ea137cd05b98e46f2a70b3c98d15fe6a24"]
rules = [
    { path = "/news/*", access = "public" },
    { path = "/admin", access = "user", roles = ["admin"] },
    { path = "/internal/*", access = "deny" },
    { path = "/form", methods = ["GET"], access = "public" },
]

[apps.styled]
hosts = ["styled.example.com"]
keys = ["71d5a30c9be84f2617c05dfa9382be6410f7acd9253e8b416f90d2c7ea5813b4"]
login_page = "/login.html"

[apps.pages]
hosts = ["*.pages.suite.example.com"]
public_url = "https://www.pages.suite.example.com"
users = "suite"
keys = ["0c94e7b1835dfa2690cb47e16f38d25a7eb90c64d1f5823ab69e70c41d8f52a3"]

[pools.suite]
cookie_domain = "suite.example.com"
login_host = "login.suite.example.com"
"#;

/// Runs the command with these words, in an empty folder with [`TOML`].
async fn explain(words: &[&str]) -> Said {
    let folder = tempfile::tempdir().expect("folder");
    let words = [&["explain"], words].concat();
    run_in(folder.path(), Some(TOML), &words).await.into()
}

async fn told(words: &[&str]) -> String {
    explain(words).await.done()
}

async fn json(words: &[&str]) -> Value {
    let text = told(&[words, &["--json"]].concat()).await;
    serde_json::from_str(&text).expect("JSON")
}

/// Every file below a folder, with its content.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("own folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let content = fs::read(&path).expect("own file");
            found.push((path, content));
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn the_example_of_the_manual_is_explained() {
    let text = told(&["GET", "https://shop.example.com/admin", "--role", "admin"]).await;
    for line in [
        "GET https://shop.example.com/admin",
        "app shop",
        "  entry        shop.example.com, with https",
        "  /admin   rule 2  /admin  user with the role admin",
        "so a signed-in user with the role admin may pass",
        "what the proxy is told        nginx, haproxy     traefik, caddy, envoy",
        "  nobody, a browser           401 with Location  302 to the sign-in",
        "  nobody, a script            401                401, JSON",
        "  nobody, a WebSocket         401                401, JSON",
        "  a user without roles        403                403, a page",
        "  a user with the role admin  200, as this user  200, as this user",
        "  https://shop.example.com/auth/login?rd=%2Fadmin",
    ] {
        assert!(text.lines().any(|shown| shown == line), "{line}\n{text}");
    }
}

/// A request, what covers its path as it was sent, what it needs, and what nginx is told about nobody and about a user.
const KINDS: [(&str, &str, &str, [u16; 2]); 12] = [
    (
        "GET https://shop.example.com/news/x",
        "rule",
        "public",
        [200, 200],
    ),
    (
        "GET https://shop.example.com/x",
        "default_access",
        "user",
        [401, 200],
    ),
    (
        "GET https://shop.example.com/internal/x",
        "rule",
        "deny",
        [403, 403],
    ),
    (
        "GET https://shop.example.com/form",
        "rule",
        "public",
        [200, 200],
    ),
    (
        "POST https://shop.example.com/form",
        "default_access",
        "user",
        [401, 200],
    ),
    (
        "GET https://shop.example.com/auth/login",
        "own_page",
        "public",
        [200, 200],
    ),
    (
        "GET https://shop.example.com/login",
        "default_access",
        "user",
        [401, 200],
    ),
    (
        "GET https://styled.example.com/login.html",
        "login_page",
        "public",
        [200, 200],
    ),
    (
        "GET https://one.pages.suite.example.com/x",
        "default_access",
        "user",
        [401, 200],
    ),
    (
        r"GET https://shop.example.com/news\..\internal\x",
        "default_access",
        "deny",
        [403, 403],
    ),
    (
        "GET https://shop.example.com/news/..;/admin",
        "rule",
        "user",
        [401, 403],
    ),
    (
        "GET https://shop.example.com/news/%2e%2e%2fx",
        "rule",
        "user",
        [401, 200],
    ),
];

#[tokio::test]
async fn every_kind_of_request_is_explained() {
    for (request, by, access, statuses) in KINDS {
        let (method, url) = request.split_once(' ').expect("method and URL");
        let json = json(&[method, url]).await;
        assert_eq!(json["url"], url);
        assert_eq!(json["readings"][0]["covered_by"], by, "{json:#}");
        assert_eq!(json["needs"]["access"], access, "{json:#}");
        let rows = json["answers"].as_array().expect("rows");
        let ends = [rows.first(), rows.last()];
        let told = ends.map(|row| row.expect("a row")["proxies"]["nginx"]["status"].clone());
        assert_eq!(told, statuses.map(Value::from), "{json:#}");
    }
}

#[tokio::test]
async fn the_sign_in_page_is_named_wherever_it_is() {
    let back = "https%3A%2F%2Fone.pages.suite.example.com%2Fx";
    let shared = format!("https://login.suite.example.com/auth/login?rd={back}");
    for (url, sign_in) in [
        (
            "https://shop.example.com/x?y=1",
            "https://shop.example.com/auth/login?rd=%2Fx%3Fy%3D1",
        ),
        (
            "https://styled.example.com/x",
            "https://styled.example.com/login.html?rd=%2Fx",
        ),
        ("https://one.pages.suite.example.com/x", &shared),
    ] {
        for method in ["GET", "HEAD", "POST", "DELETE"] {
            assert_eq!(
                json(&[method, url]).await["sign_in_url"],
                sign_in,
                "{method} {url}"
            );
        }
    }
}

#[tokio::test]
async fn threat_08_every_reading_of_a_path_is_told() {
    let explained = json(&[
        "GET",
        r"https://shop.example.com/news/%2e%2e\Internal;v=1/x",
    ])
    .await;
    let readings = explained["readings"].as_array().expect("readings");
    let path = |row: &&Value| row["path"].as_str().expect("text").to_owned();
    let first = readings.first().map(|row| path(&row));
    assert_eq!(first.as_deref(), Some(r"/news/%2e%2e\Internal;v=1/x"));
    let all: Vec<String> = readings.iter().map(|row| path(&row)).collect();
    for expected in ["/Internal/x", "/news/../Internal/x", "/Internal;v=1/x"] {
        assert!(
            all.iter().any(|path| path == expected),
            "{expected}: {all:?}"
        );
    }
    let deciding: Vec<_> = readings
        .iter()
        .filter(|row| row["decides"] == true)
        .collect();
    assert!(
        !deciding.is_empty()
            && deciding
                .iter()
                .all(|row| row["rule"] == 3 && row["any_letter_case"] == true)
    );
    let mixed = r"/a;b\..;c%2f..%252f;d%5c.%3b/%255c..%253b//".repeat(8);
    let refused = json(&["GET", &format!("https://shop.example.com{mixed}")]).await;
    assert_eq!(refused["refused"], "the path can be read in too many ways");
    assert_eq!(refused["readings"], Value::Array(Vec::new()));
}

#[tokio::test]
async fn a_host_that_no_app_has_is_explained_too() {
    let text = told(&["GET", "https://shop.exampel.com/admin"]).await;
    assert!(
        text.contains("no app has the host shop.exampel.com\n  nearest      shop.example.com of the app shop\n"),
        "{text}"
    );
    assert!(
        text.contains("  nobody, a browser     403             403, JSON\n"),
        "{text}"
    );
}

#[tokio::test]
async fn what_can_not_be_asked_about_is_refused_with_a_reason() {
    for (words, reason) in [
        (&["GET", "/admin"][..], "is relative"),
        (
            &["GET", "shop.example.com/admin"],
            "write https://shop.example.com/admin",
        ),
        (&["GET", "https://shop.example.com/#top"], "has a fragment"),
        (
            &["GET", "https://shop.example.com/a\nb"],
            "control character (U+000A)",
        ),
        (
            &["GET", "https://shop.example.com/\u{1b}[31m"],
            "control character (U+001B)",
        ),
        (&["GET", "https://shop.example.com/a b"], "%20"),
        (&["GET", ""], "is empty"),
        (
            &["GET", "https://shop.example.com/a", "b"],
            "unexpected argument 'b'",
        ),
        (&["get", "https://shop.example.com/"], "write GET"),
        (
            &["GET", "https://shop.example.com:99999/"],
            "has a port that",
        ),
        (
            &["GET", "https://shop.example.com/", "--role", "Chef"],
            "'Chef'",
        ),
        (&["GET"], "<URL>"),
    ] {
        let error = explain(words).await.failed(2);
        assert!(error.contains(reason), "{words:?}: {error}");
        assert!(!error.contains('\u{1b}'), "{words:?}: {error:?}");
    }
}

#[tokio::test]
async fn nothing_is_made_or_touched() {
    // Without a file the database and a key would be made under data/.
    let folder = tempfile::tempdir().expect("folder");
    let words = [
        "explain",
        "GET",
        "http://localhost:3000/x",
        "--role",
        "admin",
    ];
    let text = Said::from(run_in(folder.path(), None, &words).await).done();
    assert!(text.contains("200, as this user"), "{text}");
    assert_eq!(files(folder.path()), []);
    // A database that is down is not asked.
    let config = "[database]\nurl = \"postgres://ada:s3cret@127.0.0.1:1/doorward\"\n";
    let text = Said::from(run_in(folder.path(), Some(config), &words).await).done();
    assert!(text.contains("200, as this user"), "{text}");
    assert_eq!(files(folder.path()).len(), 1);
}

#[tokio::test]
async fn the_database_of_a_server_is_left_alone() {
    let mut doorward = Doorward::builder().start().await;
    assert_eq!(doorward.stop().await, 0);
    let before = files(&doorward.data_folder());
    assert!(!before.is_empty());
    let url = format!("{}/x", doorward.public());
    let text = super::run(&doorward, &["explain", "GET", &url])
        .await
        .done();
    assert!(text.contains("200, as this user"), "{text}");
    assert!(
        files(&doorward.data_folder()) == before,
        "the database was changed"
    );
}
