//! Bringing the tables up to date: again and again, and by several at once.

use futures_util::future::{join_all, try_join_all};

use doorward::storage::users;

use super::super::support::doorward::{Doorward, run};
use super::super::support::http::get;
use super::{both_empty, open, user};

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
