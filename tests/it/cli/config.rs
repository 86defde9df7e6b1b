//! `doorward check-config` and `doorward migrate`.

use std::fs;

use sqlx::{ConnectOptions as _, Connection as _, PgConnection, SqliteConnection};

use super::Said;
use crate::support::{doorward, postgres};

async fn run(config: Option<&str>, words: &[&str]) -> Said {
    doorward::run(config, words).await.into()
}

#[tokio::test]
async fn no_configuration_is_a_good_one() {
    let summary = run(None, &["check-config"]).await.done();
    for line in [
        "The configuration is good: 1 app.",
        "  pages on         127.0.0.1:8080",
        "  kept in          SQLite, the file data/doorward.db",
        "  kept in          the database",
        "app app",
        "  hosts            http://localhost",
        "                   http://127.0.0.1",
    ] {
        assert!(
            summary.lines().any(|shown| shown == line),
            "{line}\n{summary}"
        );
    }
}

#[tokio::test]
async fn threat_40_the_summary_holds_no_secret() {
    let key = "6b8f1c0e54d7a3828e0c41f7b6d925ea137cd05b98e46f2a70b3c98d15fe6a24";
    let config = format!(
        r#"
        [database]
        url = "postgres://ada:s3cret@db.internal:5432/doorward"
        [sessions]
        store = "redis"
        redis_url = "redis://brendan:hush@cache.internal/3"
        [apps.shop]
        hosts = ["shop.example.com"]
        keys = ["{key}"]
        "#
    );
    let summary = run(Some(&config), &["check-config"]).await.done();
    for place in [
        "PostgreSQL at db.internal:5432, the database doorward",
        "Redis at cache.internal, the database 3",
    ] {
        assert!(summary.contains(place), "{summary}");
    }
    for secret in ["s3cret", "ada", "hush", "brendan", &key[..8]] {
        assert!(!summary.contains(secret), "{summary}");
    }
}

#[tokio::test]
async fn all_errors_are_told_at_once() {
    let config = r#"
        [sever]
        listen = "127.0.0.1:1"
        [sessions]
        idle_timeout = "12"
        [apps.shop]
        hosts = ["shop.example.com/path"]
        keys = ["abc"]
        binding = "both"
    "#;
    for command in ["check-config", "serve", "migrate"] {
        let errors = run(Some(config), &[command]).await.failed(2);
        assert!(
            errors.starts_with("doorward: 5 errors in the configuration:\n"),
            "{errors}"
        );
        for key in [
            "sever",
            "sessions.idle_timeout",
            "apps.shop.hosts[0]",
            "apps.shop.keys[0]",
            "apps.shop.binding",
        ] {
            assert!(
                errors.contains(&format!("\n  - {key}: ")),
                "{key}\n{errors}"
            );
        }
    }
}

#[tokio::test]
async fn a_file_that_is_not_there_is_an_error_only_when_it_was_named() {
    let error = run(None, &["--config", "nowhere.toml", "check-config"])
        .await
        .failed(2);
    assert!(error.contains("nowhere.toml"), "{error}");
}

/// Migrates twice, as two nodes would.
async fn migrate(url: &str) -> String {
    let config = format!("[database]\nurl = \"{url}\"\n");
    let first = run(Some(&config), &["migrate"]).await.done();
    assert_eq!(run(Some(&config), &["migrate"]).await.done(), first);
    first
}

#[tokio::test]
async fn migrate_makes_the_tables_on_sqlite() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("new/doorward.db");
    let said = migrate(&format!("sqlite://{}", file.display())).await;
    assert_eq!(
        said,
        format!(
            "The tables are up to date: SQLite, the file {}.\n",
            file.display()
        )
    );
    assert!(fs::metadata(&file).is_ok_and(|file| file.len() > 0));
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file);
    let mut db: SqliteConnection = options.connect().await.expect("a database");
    let query = sqlx::query_scalar("SELECT count(*) FROM users");
    assert_eq!(query.fetch_one(&mut db).await.ok(), Some(0_i64));
    db.close().await.expect("closed");
}

#[tokio::test]
async fn migrate_makes_the_tables_on_postgres() {
    let url = postgres::database().await;
    let said = migrate(&url).await;
    assert!(
        said.starts_with("The tables are up to date: PostgreSQL at 127.0.0.1:"),
        "{said}"
    );
    let mut db = PgConnection::connect(&url).await.expect("a database");
    let query = sqlx::query_scalar("SELECT count(*) FROM users");
    assert_eq!(query.fetch_one(&mut db).await.ok(), Some(0_i64));
    db.close().await.expect("closed");
}

#[tokio::test]
async fn a_database_that_is_down_is_named_and_its_password_is_not() {
    let config = "[database]\nurl = \"postgres://ada:s3cret@127.0.0.1:1/doorward\"\n";
    for words in [&["migrate"][..], &["user", "list"]] {
        let error = run(Some(config), words).await.failed(1);
        let named = "can't work with PostgreSQL at 127.0.0.1:1, the database doorward: ";
        assert!(error.starts_with(&format!("doorward: {named}")), "{error}");
        assert!(!error.contains("s3cret"), "{error}");
    }
}
