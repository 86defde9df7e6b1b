//! Transactions: all or nothing, and never half-seen.

use std::time::Duration;

use doorward::storage::users;

use super::{both, user};

#[tokio::test]
async fn what_is_not_committed_never_happened() {
    for fresh in both().await {
        let ann = user(1, "ann@example.com");
        let mut transaction = fresh.database.begin().await.expect("begun");
        users::insert(&mut transaction, &ann, None)
            .await
            .expect("inserted");
        let inside = users::by_id(&mut transaction, ann.id).await.expect("read");
        assert!(inside.is_some(), "seen from inside");
        let mut outside = fresh.database.acquire().await.expect("a connection");
        let seen = users::by_id(&mut outside, ann.id)
            .await
            .expect("read while another writes");
        assert!(seen.is_none(), "not from outside");
        drop(transaction);
        assert!(
            users::by_id(&mut outside, ann.id)
                .await
                .expect("read")
                .is_none(),
            "rolled back"
        );
        assert!(
            users::insert(&mut outside, &ann, None)
                .await
                .expect("inserted"),
            "the lock is gone"
        );
    }
}

#[tokio::test]
async fn what_is_committed_stays() {
    for fresh in both().await {
        let ann = user(1, "ann@example.com");
        let mut transaction = fresh.database.begin().await.expect("begun");
        users::insert(&mut transaction, &ann, None)
            .await
            .expect("inserted");
        users::raise_epoch(&mut transaction, ann.id)
            .await
            .expect("raised");
        transaction.commit().await.expect("committed");
        let mut db = fresh.database.acquire().await.expect("a connection");
        let account = users::by_id(&mut db, ann.id)
            .await
            .expect("read")
            .expect("there");
        assert_eq!(account.epoch, 1);
    }
}

#[tokio::test]
async fn a_failed_statement_takes_the_rest_with_it() {
    for fresh in both().await {
        let ann = user(1, "ann@example.com");
        let mut transaction = fresh.database.begin().await.expect("begun");
        users::insert(&mut transaction, &ann, None)
            .await
            .expect("inserted");
        let same_id = users::insert(&mut transaction, &user(1, "bob@example.com"), None).await;
        assert!(same_id.is_err());
        drop(transaction);
        let mut db = fresh.database.acquire().await.expect("a connection");
        assert!(users::by_id(&mut db, ann.id).await.expect("read").is_none());
    }
}

#[tokio::test]
async fn writers_take_turns_and_no_raise_is_lost() {
    for fresh in both().await {
        let ann = user(1, "ann@example.com");
        let mut db = fresh.database.acquire().await.expect("a connection");
        users::insert(&mut db, &ann, None).await.expect("inserted");
        drop(db);
        let raise = async || {
            let mut transaction = fresh.database.begin().await.expect("begun");
            users::raise_epoch(&mut transaction, ann.id)
                .await
                .expect("raised");
            tokio::task::yield_now().await;
            transaction.commit().await.expect("committed");
        };
        let all = futures_util::future::join_all((0..40).map(|_| raise()));
        tokio::time::timeout(Duration::from_secs(30), all)
            .await
            .expect("no deadlock");
        let mut db = fresh.database.acquire().await.expect("a connection");
        let account = users::by_id(&mut db, ann.id)
            .await
            .expect("read")
            .expect("there");
        assert_eq!(account.epoch, 40);
    }
}
