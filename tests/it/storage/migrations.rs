//! Bringing the tables up to date: again and again, and by several at once.

use std::path::Path;

use futures_util::future::{join_all, try_join_all};

use doorward::domain::ids::UserId;
use doorward::storage::users;
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, SqliteConnection};

use super::super::support::doorward::{Doorward, run};
use super::super::support::http::get;
use super::{address, both_empty, open, user};

#[tokio::test]
async fn migrating_again_changes_nothing() {
    for fresh in both_empty().await {
        fresh.database.migrate().await.expect("migrated");
        let ann = user(1, "ann@example.com");
        let mut db = fresh.database.acquire().await.expect("a connection");
        users::insert(&mut db, &ann, None).await.expect("inserted");
        drop(db);
        for _ in 0..3 {
            fresh.database.migrate().await.expect("migrated again");
        }
        let mut db = fresh.database.acquire().await.expect("a connection");
        assert!(users::by_id(&mut db, ann.id).await.expect("read").is_some());
    }
}

#[tokio::test]
async fn several_pools_may_migrate_at_once() {
    for fresh in both_empty().await {
        let pools: Vec<_> = (0..6).map(|_| open(&fresh.url)).collect();
        try_join_all(pools.iter().map(|pool| pool.migrate()))
            .await
            .expect("each migrated or waited");
        let mut db = fresh.database.acquire().await.expect("a connection");
        assert!(
            users::insert(&mut db, &user(1, "ann@example.com"), None)
                .await
                .expect("tables")
        );
    }
}

#[tokio::test]
async fn several_processes_may_start_at_once_on_one_database() {
    for fresh in both_empty().await {
        let toml = format!("[database]\nurl = {:?}", fresh.url);
        let started = join_all((0..4).map(|_| Doorward::builder().toml(&toml).start())).await;
        for doorward in &started {
            let answer = get(&format!("{}/readyz", doorward.internal()), &[]).await;
            assert_eq!(answer.status, 200, "{}", fresh.url);
        }
    }
}

#[tokio::test]
async fn several_commands_may_migrate_at_once() {
    for fresh in both_empty().await {
        let toml = format!("[database]\nurl = {:?}", fresh.url);
        let outputs = join_all((0..4).map(|_| run(Some(&toml), &["migrate"]))).await;
        for output in outputs {
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{}: {told}", fresh.url);
        }
        let mut db = fresh.database.acquire().await.expect("a connection");
        assert!(
            users::insert(&mut db, &user(1, "ann@example.com"), None)
                .await
                .expect("tables")
        );
    }
}

/// What a version before sign-in at providers has written: a user and a session.
async fn write_as_before(url: &str) {
    let options = url
        .parse::<SqliteConnectOptions>()
        .expect("a URL")
        .create_if_missing(true);
    let mut old = SqliteConnection::connect_with(&options)
        .await
        .expect("a file");
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let mut before = Migrator::new(migrations).await.expect("the migrations");
    before.migrations = before
        .migrations
        .iter()
        .filter(|one| one.version < 5)
        .cloned()
        .collect();
    before
        .run_direct(None, &mut old, false)
        .await
        .expect("migrated");
    let user = "INSERT INTO users (id, pool, email, created_at) VALUES (zeroblob(16), 'shop', 'ann@example.com', 1)";
    sqlx::query(user).execute(&mut old).await.expect("a user");
    let session = "INSERT INTO sessions VALUES (zeroblob(32), 'shop', 'shop', zeroblob(16), 0, 1, 1, 1, 9, 'password', 0, '')";
    sqlx::query(session)
        .execute(&mut old)
        .await
        .expect("a session");
    old.close().await.expect("closed");
}

#[tokio::test]
async fn accounts_from_before_stay_and_need_no_address_any_more() {
    let folder = tempfile::tempdir().expect("folder");
    let url = format!("sqlite://{}", folder.path().join("doorward.db").display());
    write_as_before(&url).await;
    let database = open(&url);
    database.migrate().await.expect("migrated");
    let mut db = database.acquire().await.expect("a connection");
    let ann = user_id(0);
    let account = users::by_id(&mut db, ann)
        .await
        .expect("read")
        .expect("still there");
    assert_eq!(address(&account.user).as_str(), "ann@example.com");
    assert_eq!(account.user.email_proven_at, None);
    let sessions = doorward::storage::sessions::of_user(&mut db, ann)
        .await
        .expect("read");
    assert_eq!(sessions.len(), 1, "nobody was signed out");
    let mut nameless = super::user(2, "x@example.com");
    nameless.email = None;
    assert!(
        users::insert(&mut db, &nameless, None)
            .await
            .expect("inserted")
    );
    assert!(
        !users::insert(&mut db, &super::user(3, "ann@example.com"), None)
            .await
            .expect("answered")
    );
    drop(db);
    // Another process reads the schema from the file.
    let database = open(&url);
    let mut db = database.acquire().await.expect("a connection");
    assert!(
        users::by_id(&mut db, nameless.id)
            .await
            .expect("read")
            .is_some()
    );
}

fn user_id(number: u128) -> UserId {
    UserId(uuid::Uuid::from_u128(number))
}
