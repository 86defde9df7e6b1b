//! A store that is down: an error, never "nobody" (THREATS 21).

use std::sync::Arc;

use doorward::domain::random::SystemRandom;
use doorward::sessions::{SqlSessions, Token};
use doorward::storage::{sessions, users};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tower_sessions_core::SessionStore as _;

use super::{Fresh, address, both, open, session, user};

/// Takes the tables away under a pool that is in use.
async fn break_it(fresh: &Fresh) {
    let statement = "ALTER TABLE users RENAME TO lost";
    if fresh.url.starts_with("sqlite:") {
        let mut connection = sqlx::SqliteConnection::connect(&fresh.url)
            .await
            .expect("connected");
        sqlx::query(statement)
            .execute(&mut connection)
            .await
            .expect("renamed");
        connection.close().await.expect("closed");
    } else {
        let (server, rest) = fresh.url.rsplit_once('/').expect("a URL");
        let (name, options) = rest.split_once('?').expect("options");
        let admin = format!("{server}/postgres?{options}");
        let mut connection = PgConnection::connect(&admin).await.expect("connected");
        let drop = AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"));
        sqlx::query(drop)
            .execute(&mut connection)
            .await
            .expect("dropped");
        connection.close().await.expect("closed");
    }
}

#[tokio::test]
async fn threat_21_a_database_that_goes_away_is_an_error() {
    for fresh in both().await {
        let ann = user(1, "ann@example.com");
        let token = Token::generate(&SystemRandom).expect("random");
        let mut db = fresh.database.acquire().await.expect("a connection");
        users::insert(&mut db, &ann, None).await.expect("inserted");
        sessions::insert(&mut db, &token.hash(), &session(&ann))
            .await
            .expect("inserted");
        let store = SqlSessions::new(fresh.database.clone(), Arc::new(SystemRandom));
        assert!(store.load(&token.id()).await.expect("read").is_some());
        break_it(&fresh).await;
        assert!(
            sessions::find(&mut db, &token.hash()).await.is_err(),
            "{}",
            fresh.url
        );
        assert!(
            users::by_email(&mut db, &ann.pool, address(&ann))
                .await
                .is_err()
        );
        assert!(
            users::insert(&mut db, &user(2, "bob@example.com"), None)
                .await
                .is_err()
        );
        drop(db);
        assert!(store.load(&token.id()).await.is_err(), "{}", fresh.url);
        assert!(
            store
                .load(&Token::generate(&SystemRandom).expect("random").id())
                .await
                .is_err()
        );
    }
}

#[tokio::test]
async fn threat_21_a_database_that_was_never_there_is_an_error() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("doorward.db");
    std::fs::write(&file, "this is no database ".repeat(100)).expect("own folder");
    let garbage = format!("sqlite://{}", file.display());
    for url in [
        "postgres://doorward@127.0.0.1:1/none?sslmode=disable",
        &garbage,
    ] {
        let database = open(url);
        assert!(database.ping().await.is_err(), "{url}");
        assert!(database.migrate().await.is_err(), "{url}");
        assert!(database.begin().await.is_err(), "{url}");
        let store = SqlSessions::new(database, Arc::new(SystemRandom));
        assert!(
            store
                .load(&Token::generate(&SystemRandom).expect("random").id())
                .await
                .is_err(),
            "{url}"
        );
    }
}

#[tokio::test]
async fn a_closed_pool_is_an_error() {
    for fresh in both().await {
        fresh.database.close().await;
        assert!(fresh.database.acquire().await.is_err());
        assert!(fresh.database.ping().await.is_err());
    }
}
