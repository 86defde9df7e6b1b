//! What somebody changes in the database by hand, with no Doorward between.

use futures_util::future::join_all;
use sqlx::{Connection as _, PgConnection, SqliteConnection};
use tokio::time::{Duration, timeout};
use uuid::Uuid;

use super::many::open;
use super::stores::file;
use super::{Nodes, asked, became, by_hand, database};
use crate::support::postgres;

const EMAIL: &str = "ann@example.com";

/// A statement, and what every node answers afterwards about a visitor with the role `staff` at `/staff`.
const BOTH: &[(&str, u16)] = &[
    ("UPDATE users SET password_hash = password_hash", 200),
    ("UPDATE sessions SET last_seen_at = last_seen_at", 200),
    ("UPDATE users SET roles = 'guest'", 403),
    ("UPDATE users SET roles = 'staff'", 200),
    ("UPDATE users SET disabled = TRUE", 401),
    ("UPDATE users SET disabled = FALSE", 200),
    ("UPDATE users SET pool = 'elsewhere'", 401),
    ("UPDATE users SET pool = 'app'", 200),
    ("UPDATE sessions SET app = 'other'", 401),
    ("UPDATE sessions SET app = 'app'", 200),
    ("UPDATE sessions SET expires_at = created_at", 401),
    ("DELETE FROM sessions", 401),
];

const SQLITE: &[(&str, u16)] = &[("PRAGMA foreign_keys = OFF; DELETE FROM users", 401)];

const REPLACED: &[(&str, u16)] = &[(
    "REPLACE INTO sessions SELECT id_hash, pool, 'other', user_id, epoch, created_at, signed_in_at, last_seen_at, \
     expires_at, factors, remembered, device FROM sessions",
    401,
)];

/// An account that another one pushes out, where nothing holds its sessions.
const PUSHED_OUT: &[&[(&str, u16)]] = &[
    &[(
        "PRAGMA foreign_keys = OFF;
         REPLACE INTO users (id, pool, email, roles, created_at)
         SELECT randomblob(16), pool, email, roles, created_at FROM users",
        401,
    )],
    &[(
        "PRAGMA foreign_keys = OFF;
         INSERT INTO users (id, pool, email, created_at) VALUES (randomblob(16), 'app', 'eve@example.com', 0);
         UPDATE OR REPLACE users SET email = 'ann@example.com' WHERE email = 'eve@example.com'",
        401,
    )],
];

const POSTGRES: &[(&str, u16)] = &[("TRUNCATE users CASCADE", 401)];

const CASCADE: &[(&str, u16)] = &[("DELETE FROM users", 401)];

const EPOCH: &[(&str, u16)] = &[("UPDATE users SET epoch = epoch + 1", 401)];

async fn changes_are_heard(url: &str, changes: &[(&str, u16)]) {
    let nodes = Nodes::start(2, &database(url)).await;
    nodes.registered(EMAIL).await;
    by_hand(url, "UPDATE users SET roles = 'staff'").await;
    let cookie = nodes.signed_in(EMAIL).await;
    for (statement, status) in changes {
        by_hand(url, statement).await;
        let all = nodes.all().iter();
        join_all(all.map(|node| became(node, "/staff", &cookie, *status))).await;
        for node in nodes.all() {
            assert_eq!(asked(node, "/staff", &cookie).await, *status, "{statement}");
        }
    }
}

#[tokio::test]
async fn threat_18_changes_by_hand_are_heard_on_postgres() {
    for changes in [BOTH, POSTGRES, CASCADE, EPOCH] {
        changes_are_heard(&postgres::database().await, changes).await;
    }
}

#[tokio::test]
async fn threat_18_changes_by_hand_are_heard_on_sqlite() {
    let pushed_out = PUSHED_OUT.iter().copied();
    for changes in [BOTH, SQLITE, REPLACED, CASCADE, EPOCH]
        .into_iter()
        .chain(pushed_out)
    {
        let (url, _folder) = file();
        changes_are_heard(&url, changes).await;
    }
}

/// A column that is added to the table has to be added to the trigger as well.
#[tokio::test]
async fn every_column_of_a_session_but_its_last_use_is_told() {
    let (sqlite, _folder) = file();
    let names =
        "SELECT column_name::text FROM information_schema.columns WHERE table_name = 'sessions'";
    for (url, names) in [
        (postgres::database().await, names),
        (sqlite, "SELECT name FROM pragma_table_info('sessions')"),
    ] {
        let nodes = Nodes::start(1, &database(&url)).await;
        nodes.registered(EMAIL).await;
        drop(nodes);
        let own = open(&url);
        let mut changes = own.changes(Uuid::from_u128(1)).await.expect("a link");
        let columns = texts(&url, names).await;
        assert!(columns.len() >= 12, "{columns:?}");
        for column in &columns {
            by_hand(&url, &format!("UPDATE sessions SET {column} = {column}")).await;
            let heard = timeout(Duration::from_secs(2), changes.next()).await;
            let told = heard.is_ok_and(|told| told.expect("heard").len() == 1);
            assert_eq!(told, column != "last_seen_at", "{column}");
        }
    }
}

async fn texts(url: &str, query: &'static str) -> Vec<String> {
    if url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(url).await.expect("a file");
        let texts = sqlx::query_scalar(query).fetch_all(&mut connection).await;
        texts.expect("texts")
    } else {
        let mut connection = PgConnection::connect(url).await.expect("a server");
        let texts = sqlx::query_scalar(query).fetch_all(&mut connection).await;
        texts.expect("texts")
    }
}
