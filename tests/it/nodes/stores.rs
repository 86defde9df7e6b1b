//! The scenarios on the SQL stores.

use super::{Nodes, asked, by_hand, database, scenarios};
use crate::support::postgres;
use sqlx::{Connection as _, Executor as _, PgConnection};

/// The URL of a SQLite file that is to be, and its folder.
pub(super) fn file() -> (String, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("data/doorward.db");
    (format!("sqlite://{}", file.display()), folder)
}

#[tokio::test]
async fn threat_18_what_ends_sessions_ends_them_at_every_node_on_postgres() {
    let (nodes, _) = Nodes::on_postgres(3).await;
    scenarios::everything_that_ends_sessions(&nodes).await;
    scenarios::begun_anywhere(&nodes).await;
}

#[tokio::test]
async fn threat_18_what_ends_sessions_ends_them_in_every_process_on_sqlite() {
    let (url, _folder) = file();
    let nodes = Nodes::start(2, &database(&url)).await;
    scenarios::everything_that_ends_sessions(&nodes).await;
    scenarios::begun_anywhere(&nodes).await;
}

/// Nobody is asked about a session that is known: here the table can't be read, and the link is up.
#[tokio::test]
async fn a_known_session_costs_postgres_nothing() {
    let (nodes, url) = Nodes::on_postgres(2).await;
    let cookie = nodes.registered("ann@example.com").await;
    let mut operator = PgConnection::connect(&url).await.expect("a server");
    let mut lock = operator.begin().await.expect("a transaction");
    let statement = lock.execute("LOCK TABLE sessions, users IN ACCESS EXCLUSIVE MODE");
    statement.await.expect("a lock");
    let stranger = format!("SESSION={}A", "x".repeat(21));
    for node in nodes.all() {
        for _ in 0..20 {
            assert_eq!(asked(node, "/private", &cookie).await, 200);
        }
        assert_eq!(asked(node, "/private", &stranger).await, 503);
    }
    // What the lock's owner does is heard when it is done, and not before.
    let gone = lock.execute("DELETE FROM sessions").await.expect("deleted");
    assert_eq!(gone.rows_affected(), 1);
    assert_eq!(asked(nodes.first(), "/private", &cookie).await, 200);
    lock.commit().await.expect("committed");
    nodes.denied(&cookie).await;
}

/// The same in a file: without the table, only what is known can be told.
#[tokio::test]
async fn a_known_session_costs_sqlite_nothing() {
    let (url, _folder) = file();
    let nodes = Nodes::start(1, &database(&url)).await;
    let cookie = nodes.registered("ann@example.com").await;
    by_hand(&url, "ALTER TABLE users RENAME TO mislaid").await;
    let stranger = format!("SESSION={}A", "x".repeat(21));
    for _ in 0..20 {
        assert_eq!(asked(nodes.first(), "/private", &cookie).await, 200);
    }
    assert_eq!(asked(nodes.first(), "/private", &stranger).await, 503);
    by_hand(&url, "ALTER TABLE mislaid RENAME TO users").await;
    assert_eq!(asked(nodes.first(), "/private", &stranger).await, 401);
}

/// The tables of the version before, with people in them.
#[tokio::test]
async fn a_database_of_the_version_before_tells_too() {
    let (url, _folder) = file();
    for url in [postgres::database().await, url] {
        let nodes = Nodes::start(1, &database(&url)).await;
        nodes.registered("ann@example.com").await;
        drop(nodes);
        take_back(&url).await;
        let nodes = Nodes::start(2, &database(&url)).await;
        let cookie = nodes.signed_in("ann@example.com").await;
        by_hand(&url, "DELETE FROM sessions").await;
        nodes.denied(&cookie).await;
    }
}

/// Undoes every migration but the first.
async fn take_back(url: &str) {
    let statements: &[&str] = if url.starts_with("sqlite:") {
        &[
            "DROP TABLE invalidations",
            "DROP TRIGGER sessions_deleted",
            "DROP TRIGGER sessions_changed",
            "DROP TRIGGER sessions_replaced",
            "DROP TRIGGER users_deleted",
            "DROP TRIGGER users_changed",
            "DROP TRIGGER users_replaced",
            "DROP TRIGGER users_moved",
            "DROP TRIGGER sessions_moved",
        ]
    } else {
        &[
            "DROP FUNCTION doorward_tell_deleted_sessions, doorward_tell_changed_session, \
             doorward_tell_deleted_users, doorward_tell_changed_users, doorward_tell_truncated CASCADE",
        ]
    };
    for statement in statements {
        by_hand(url, statement).await;
    }
    for statement in [
        "ALTER TABLE users DROP COLUMN version",
        "ALTER TABLE users DROP COLUMN email_proven_at",
        "DROP TABLE provider_sessions",
        "DROP TABLE identities",
        "DROP TABLE sign_ins",
        "DROP TABLE claims",
        "DROP TABLE used_tokens",
        "DROP TABLE devices",
        "DROP TABLE attempts",
        "DROP TABLE session_moves",
        "DELETE FROM _sqlx_migrations WHERE version > 1",
    ] {
        by_hand(url, statement).await;
    }
}
