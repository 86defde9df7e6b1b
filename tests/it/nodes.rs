//! Several nodes on one store: what a node, a command or a person ends is over at every node (THREATS 18).
//!
//! Every node answers for sessions that it has seen from memory, so each of these tests first sees to it that all have.
//! [`scenarios`] hold for every store.

mod hand;
mod link;
mod many;
mod pooler;
mod race;
pub(crate) mod scenarios;
mod stores;

use futures_util::future::join_all;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use tokio::time::{Duration, Instant, sleep};

use super::support::doorward::Doorward;
use super::support::http::get;
use super::support::postgres;
use super::support::process::{PATIENCE, eventually};
use super::visitor::{register, sign_in};

const APP: &str = r#"
    [apps.app]
    hosts = ["127.0.0.1"]
    rules = [
        { path = "/open", access = "public" },
        { path = "/staff", access = "user", roles = ["staff"] },
    ]
"#;

/// Nodes that share everything.
pub(crate) struct Nodes {
    doors: Vec<Doorward>,
}

impl Nodes {
    /// As many nodes with the same configuration, which names the stores, each of them with its link up.
    pub(crate) async fn start(count: usize, toml: &str) -> Self {
        let toml = format!("{toml}\n{APP}");
        let started = (0..count).map(|_| Doorward::builder().toml(&toml).start());
        let nodes = Self {
            doors: join_all(started).await,
        };
        nodes.linked(1).await;
        nodes
    }

    /// On a PostgreSQL database, with its URL.
    async fn on_postgres(count: usize) -> (Self, String) {
        let url = postgres::database().await;
        (Self::start(count, &database(&url)).await, url)
    }

    pub(crate) fn all(&self) -> &[Doorward] {
        &self.doors
    }

    pub(crate) fn first(&self) -> &Doorward {
        &self.doors[0]
    }

    pub(crate) fn others(&self) -> &[Doorward] {
        &self.doors[1..]
    }

    /// Waits until every node has said that often that its link is up.
    pub(crate) async fn linked(&self, times: usize) {
        for node in &self.doors {
            eventually("the link to be up", async || {
                let log = node.log();
                (log.matches(" is up").count() >= times).then_some(())
            })
            .await;
        }
    }

    /// Makes an account; its session is known at every node.
    pub(crate) async fn registered(&self, email: &str) -> String {
        let answer = register(self.first(), &[], email).await;
        self.known(answer.cookie("SESSION").pair()).await
    }

    /// Signs in; the session is known at every node.
    pub(crate) async fn signed_in(&self, email: &str) -> String {
        let answer = sign_in(self.first(), &[], email).await;
        self.known(answer.cookie("SESSION").pair()).await
    }

    async fn known(&self, cookie: String) -> String {
        for node in &self.doors {
            became(node, "/private", &cookie, 200).await;
        }
        cookie
    }

    /// Waits until every node denies this cookie, and sees to it that none changes its mind. Yields how long the slowest
    /// one took.
    pub(crate) async fn denied(&self, cookie: &str) -> Duration {
        let began = Instant::now();
        let waits = self
            .doors
            .iter()
            .map(|node| became(node, "/private", cookie, 401));
        join_all(waits).await;
        let took = began.elapsed();
        for node in self.doors.iter().cycle().take(10 * self.doors.len()) {
            // A busy machine may be too slow to look it up in time.
            assert!(matches!(asked(node, "/private", cookie).await, 401 | 503));
        }
        took
    }
}

/// What the node answers the proxy about a visitor who comes to `path` with this cookie.
pub(crate) async fn asked(node: &Doorward, path: &str, cookie: &str) -> u16 {
    let original = format!("{}{path}", node.public());
    let headers = [
        ("x-original-method", "GET"),
        ("x-original-url", &original),
        ("cookie", cookie),
    ];
    let answer = get(&format!("{}/verify/nginx", node.internal()), &headers).await;
    answer.status.as_u16()
}

/// Waits until a node answers so. Asks often: a wait may be measured.
pub(crate) async fn became(node: &Doorward, path: &str, cookie: &str, status: u16) {
    let began = Instant::now();
    loop {
        let answer = asked(node, path, cookie).await;
        if answer == status {
            return;
        }
        let waited = began.elapsed();
        assert!(
            waited < PATIENCE,
            "{answer} instead of {status}\n{}",
            node.log()
        );
        sleep(Duration::from_millis(2)).await;
    }
}

/// The section that names a database.
pub(crate) fn database(url: &str) -> String {
    format!("[database]\nurl = {url:?}\n")
}

/// Changes a database by hand; the number of rows.
pub(crate) async fn by_hand(url: &str, statement: &str) -> u64 {
    let query = sqlx::query(AssertSqlSafe(statement.to_owned()));
    if url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(url).await.expect("a file");
        let done = query.execute(&mut connection).await;
        connection.close().await.expect("closed");
        done.map(|done| done.rows_affected())
    } else {
        let query = sqlx::query(AssertSqlSafe(statement.to_owned()));
        let mut connection = PgConnection::connect(url).await.expect("a server");
        let done = query.execute(&mut connection).await;
        connection.close().await.expect("closed");
        done.map(|done| done.rows_affected())
    }
    .unwrap_or_else(|error| panic!("{statement}: {error}"))
}
