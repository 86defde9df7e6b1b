//! A running Doorward with an app for everything that is to be asked.

use sha2::{Digest as _, Sha256};
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};

use super::case::Case;
use super::dialect::{ENDPOINTS, Endpoint};
use super::exchange::{Reply, Subrequest, send};
use super::verdict::{Outcome, assert_reply};
use crate::support::doorward::{Builder, Doorward};
use crate::support::http::{get, post_json};
use crate::support::process::eventually;

/// The apps. `shop` is closed but for a few paths, `lenient` is open but for a few.
const APPS: &str = r#"
[apps.shop]
hosts = ["shop.example.com"]
users = "people"
keys = ["{shop}"]
rules = [
    { path = "/open/*", access = "public" },
    { path = "/Docs", access = "public" },
    { path = "/feed/", access = "public" },
    { path = "/maybe/*", access = "optional" },
    { path = "/staff/*", access = "user", roles = ["editor", "admin"] },
    { path = "/never/*", access = "deny" },
    { path = "/once", access = "public" },
    { path = "/once", access = "deny" },
    { path = "/form", methods = ["GET"], access = "public" },
    { path = "/form", methods = ["POST"], access = "deny" },
]

[apps.lenient]
hosts = ["lenient.example.com"]
users = "people"
keys = ["{lenient}"]
default_access = "public"
rules = [
    { path = "/admin", access = "user" },
    { path = "/admin/*", access = "user" },
    { path = "/secret/*", access = "deny" },
]

[apps.local]
hosts = [
    "localhost", "127.0.0.1", "[::1]", "http://plain.example.com:8080", "https://lan.localhost",
]
users = "people"
keys = ["{local}"]

[apps.styled]
hosts = ["styled.example.com"]
keys = ["{styled}"]
login_page = "/login.html"
default_access = "deny"
rules = [{ path = "/members/*", access = "user" }]

[apps.curious]
hosts = ["curious.example.com"]
keys = ["{curious}"]
default_access = "optional"

[apps.bound]
hosts = ["bound.example.com", "münchen.example", "http://bound.localhost"]
keys = ["{bound}"]
binding = "request"
rules = [{ path = "/open/*", access = "public" }]

[apps.front]
hosts = ["front.suite.example.com"]
users = "suite"
keys = ["{front}"]

[apps.back]
hosts = ["back.suite.example.com:8443", "*.pages.suite.example.com"]
users = "suite"
keys = ["{back}"]

[apps.apart]
hosts = ["apart.suite.example.com"]
keys = ["{apart}"]

[pools.suite]
cookie_domain = "suite.example.com"
login_host = "login.suite.example.com"
"#;

const PASSWORD: &str = "tenfold marmalade 83 kites";

/// The key of an app in [`APPS`]: random enough for the configuration, and known here.
pub(crate) fn key_of(app: &str) -> String {
    hex::encode(Sha256::digest(format!("the tests' key of {app}")))
}

/// [`APPS`] with their keys.
pub(crate) fn apps() -> String {
    let names = [
        "shop", "lenient", "local", "styled", "curious", "bound", "front", "back", "apart",
    ];
    names.iter().fold(APPS.to_owned(), |text, app| {
        text.replace(&format!("{{{app}}}"), &key_of(app))
    })
}

/// Somebody with an account and a session.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    pub(crate) id: String,
    /// `name=value`, as the browser sends it.
    pub(crate) cookie: String,
}

impl Visitor {
    /// The cookie's value alone.
    pub(crate) fn token(&self) -> &str {
        self.cookie.split_once('=').expect("name=value").1
    }
}

pub(crate) struct World {
    pub(crate) door: Doorward,
}

impl World {
    /// On SQLite.
    pub(crate) async fn start() -> Self {
        Self::start_with(Doorward::builder(), "").await
    }

    /// With `more` in front of the apps.
    pub(crate) async fn start_with(builder: Builder, more: &str) -> Self {
        let door = builder.toml(&format!("{more}\n{}", apps())).start().await;
        Self { door }
    }

    /// Makes an account at the host's pages, which also signs in.
    pub(crate) async fn register(&self, host: &str, email: &str) -> Visitor {
        self.enter(host, "/register", email, 201).await
    }

    /// Signs in to an account that [`World::register`] has made.
    pub(crate) async fn sign_in(&self, host: &str, email: &str) -> Visitor {
        self.enter(host, "/login", email, 200).await
    }

    async fn enter(&self, host: &str, page: &str, email: &str, status: u16) -> Visitor {
        let url = format!("{}{page}", self.door.public());
        let body = serde_json::json!({ "email": email, "password": PASSWORD });
        let answer = post_json(&url, &[("host", host)], &body).await;
        assert_eq!(answer.status, status, "{answer:?}");
        let id = answer.json()["user_id"].as_str().expect("an id").to_owned();
        let mut cookies = answer.cookies();
        cookies.retain(|cookie| !cookie.name.ends_with("DEVICE"));
        assert_eq!(cookies.len(), 1, "{cookies:?}");
        Visitor {
            id,
            cookie: cookies[0].pair(),
        }
    }

    /// Asks every endpoint, and holds each answer against the table.
    pub(crate) async fn expect(&self, case: &Case<'_>, outcome: Outcome<'_>) {
        for endpoint in ENDPOINTS {
            self.expect_at(endpoint, case, &outcome).await;
        }
    }

    /// Asks one endpoint.
    pub(crate) async fn expect_at(
        &self,
        endpoint: Endpoint,
        case: &Case<'_>,
        outcome: &Outcome<'_>,
    ) {
        let reply = self.ask(&endpoint.subrequest(case)).await;
        assert_reply(endpoint, case, &reply, outcome);
    }

    /// Sends a subrequest to the internal listener.
    pub(crate) async fn ask(&self, request: &Subrequest) -> Reply {
        send(self.internal(), request).await
    }

    /// `host:port` of the internal listener.
    pub(crate) fn internal(&self) -> &str {
        let url = self.door.internal();
        url.strip_prefix("http://").expect("http")
    }

    /// `host:port` of the public listener.
    pub(crate) fn public(&self) -> &str {
        let url = self.door.public();
        url.strip_prefix("http://").expect("http")
    }

    /// Changes rows of the SQLite database behind Doorward's back, and waits until it has heard of that; fails when there
    /// are none.
    pub(crate) async fn sql(&self, statement: &str) {
        let before = self.heard().await;
        let changed = self.alter(statement).await;
        assert!(changed > 0, "{statement}: no such row");
        eventually("the change to be heard", async || {
            (self.heard().await > before).then_some(())
        })
        .await;
    }

    /// Of how many changes Doorward has heard.
    async fn heard(&self) -> u64 {
        let metrics = get(&format!("{}/metrics", self.door.internal()), &[]).await;
        let mut lines = metrics.body.lines();
        let count = lines.find_map(|line| line.strip_prefix("doorward_cache_invalidations_total "));
        count.and_then(|count| count.parse().ok()).expect("a count")
    }

    /// Runs a statement on the SQLite database; the number of rows it changed.
    pub(crate) async fn alter(&self, statement: &str) -> u64 {
        let file = self.door.data_folder().join("doorward.db");
        let url = format!("sqlite://{}", file.display());
        let mut database = SqliteConnection::connect(&url).await.expect("a database");
        let query = sqlx::query(AssertSqlSafe(statement.to_owned()));
        let done = query.execute(&mut database).await;
        let done = done.unwrap_or_else(|error| panic!("{statement}: {error}"));
        database.close().await.expect("closed");
        done.rows_affected()
    }
}
