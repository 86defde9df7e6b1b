//! Accounts.

use doorward::domain::user::User;
use doorward::storage::users;

use super::super::visitor::PASSWORD;
use super::{Fresh, NOON, address, both, user};

async fn with_ann() -> [(Fresh, User); 2] {
    let mut with = Vec::new();
    for fresh in both().await {
        let ann = user(1, "ann@example.com");
        let mut db = fresh.database.acquire().await.expect("a connection");
        assert!(
            users::insert(&mut db, &ann, Some("old hash"))
                .await
                .expect("inserted")
        );
        with.push((fresh, ann));
    }
    with.try_into().unwrap_or_else(|_| panic!("two"))
}

#[tokio::test]
async fn an_account_comes_back_as_it_was_put_in() {
    for fresh in both().await {
        let mut db = fresh.database.acquire().await.expect("a connection");
        let mut ann = user(1, "ann@example.com");
        ann.roles = ["admin", "editor"]
            .map(|role| role.parse().expect("a role"))
            .to_vec();
        let bob = User {
            disabled: true,
            ..user(2, "bob@b\u{fc}cher.example")
        };
        assert!(
            users::insert(&mut db, &ann, Some("$argon2id$x"))
                .await
                .expect("inserted")
        );
        assert!(users::insert(&mut db, &bob, None).await.expect("inserted"));
        for (user, hash) in [(&ann, Some("$argon2id$x")), (&bob, None)] {
            let by_email = users::by_email(&mut db, &user.pool, address(user))
                .await
                .expect("read");
            let by_id = users::by_id(&mut db, user.id).await.expect("read");
            for account in [by_email, by_id] {
                let account = account.expect("it is there");
                assert_eq!(&account.user, user);
                assert_eq!(account.password_hash.as_deref(), hash);
                assert_eq!(account.epoch, 0);
            }
        }
        assert_eq!(ann.created_at, NOON, "to the microsecond");
        let nobody = user(3, "eve@example.com");
        assert!(
            users::by_email(&mut db, &nobody.pool, address(&nobody))
                .await
                .expect("read")
                .is_none()
        );
        assert!(
            users::by_id(&mut db, nobody.id)
                .await
                .expect("read")
                .is_none()
        );
    }
}

#[tokio::test]
async fn an_address_is_unique_in_its_pool_alone() {
    for (fresh, ann) in with_ann().await {
        let mut db = fresh.database.acquire().await.expect("a connection");
        let twin = user(2, "ANN@example.com");
        assert!(
            !users::insert(&mut db, &twin, Some("theirs"))
                .await
                .expect("asked")
        );
        let account = users::by_email(&mut db, &ann.pool, address(&ann))
            .await
            .expect("read")
            .expect("there");
        assert_eq!(
            (account.user.id, account.password_hash.as_deref()),
            (ann.id, Some("old hash"))
        );
        let elsewhere = User {
            pool: "blog".parse().expect("an id"),
            ..twin
        };
        assert!(
            users::insert(&mut db, &elsewhere, None)
                .await
                .expect("inserted")
        );
        let found = users::by_email(&mut db, &elsewhere.pool, address(&ann))
            .await
            .expect("read")
            .expect("there");
        assert_eq!(found.user.id, elsewhere.id);
    }
}

#[tokio::test]
async fn an_id_that_is_taken_is_an_error_and_no_second_account() {
    for (fresh, ann) in with_ann().await {
        let mut db = fresh.database.acquire().await.expect("a connection");
        let other = user(1, "other@example.com");
        assert!(users::insert(&mut db, &other, None).await.is_err());
        assert!(
            users::by_email(&mut db, &ann.pool, address(&other))
                .await
                .expect("read")
                .is_none()
        );
    }
}

#[tokio::test]
async fn a_list_is_in_order_and_in_pages() {
    for fresh in both().await {
        let mut db = fresh.database.acquire().await.expect("a connection");
        let names = ["dora", "ann", "x+1", "bob", "x-1", "ann.b", "cara"];
        for (number, name) in names.into_iter().enumerate() {
            let one = user(number as u128 + 1, &format!("{name}@example.com"));
            users::insert(&mut db, &one, None).await.expect("inserted");
        }
        let elsewhere = User {
            pool: "blog".parse().expect("an id"),
            ..user(99, "bea@example.com")
        };
        users::insert(&mut db, &elsewhere, None)
            .await
            .expect("inserted");
        let pool = "shop".parse().expect("an id");
        let mut expected = names.map(|name| format!("{name}@example.com")).to_vec();
        expected.sort();
        let (mut listed, mut after) = (Vec::new(), String::new());
        loop {
            let page = users::list(&mut db, &pool, &after, 3).await.expect("read");
            let Some(last) = page.last() else { break };
            assert!(page.len() <= 3);
            address(last).as_str().clone_into(&mut after);
            listed.extend(
                page.into_iter()
                    .map(|user| address(&user).as_str().to_owned()),
            );
        }
        assert_eq!(listed, expected, "{}: each once, in byte order", fresh.url);
        assert!(
            users::list(&mut db, &pool, "", 0)
                .await
                .expect("read")
                .is_empty()
        );
    }
}

#[tokio::test]
async fn a_new_password_raises_the_epoch() {
    for (fresh, ann) in with_ann().await {
        let mut db = fresh.database.acquire().await.expect("a connection");
        assert!(
            users::set_password(&mut db, ann.id, "new hash")
                .await
                .expect("set")
        );
        let account = users::by_id(&mut db, ann.id)
            .await
            .expect("read")
            .expect("there");
        assert_eq!(
            (account.password_hash.as_deref(), account.epoch),
            (Some("new hash"), 1)
        );
        for expected in 2..5 {
            assert!(users::raise_epoch(&mut db, ann.id).await.expect("raised"));
            let account = users::by_id(&mut db, ann.id)
                .await
                .expect("read")
                .expect("there");
            assert_eq!(account.epoch, expected);
        }
        let nobody = user(9, "x@example.com").id;
        assert!(
            !users::set_password(&mut db, nobody, PASSWORD)
                .await
                .expect("asked")
        );
        assert!(!users::raise_epoch(&mut db, nobody).await.expect("asked"));
    }
}

#[tokio::test]
async fn a_hash_is_upgraded_only_while_it_is_the_one_that_was_compared() {
    for (fresh, ann) in with_ann().await {
        let mut db = fresh.database.acquire().await.expect("a connection");
        assert!(
            users::upgrade_hash(&mut db, ann.id, "old hash", "dearer hash")
                .await
                .expect("upgraded")
        );
        let account = users::by_id(&mut db, ann.id)
            .await
            .expect("read")
            .expect("there");
        assert_eq!(
            (account.password_hash.as_deref(), account.epoch),
            (Some("dearer hash"), 0),
            "sessions live on"
        );
        // A new password was set between the comparison and the upgrade.
        users::set_password(&mut db, ann.id, "new hash")
            .await
            .expect("set");
        assert!(
            !users::upgrade_hash(&mut db, ann.id, "dearer hash", "old and dearest")
                .await
                .expect("asked")
        );
        let account = users::by_id(&mut db, ann.id)
            .await
            .expect("read")
            .expect("there");
        assert_eq!(account.password_hash.as_deref(), Some("new hash"));
    }
}

#[tokio::test]
async fn disabling_and_enabling_both_raise_the_epoch() {
    for (fresh, ann) in with_ann().await {
        let mut db = fresh.database.acquire().await.expect("a connection");
        for (disabled, epoch) in [(true, 1), (false, 2)] {
            assert!(
                users::set_disabled(&mut db, ann.id, disabled)
                    .await
                    .expect("set")
            );
            let account = users::by_id(&mut db, ann.id)
                .await
                .expect("read")
                .expect("there");
            assert_eq!((account.user.disabled, account.epoch), (disabled, epoch));
        }
        let nobody = user(9, "x@example.com").id;
        assert!(
            !users::set_disabled(&mut db, nobody, true)
                .await
                .expect("asked")
        );
    }
}

#[tokio::test]
async fn roles_are_replaced_and_nothing_else() {
    for (fresh, ann) in with_ann().await {
        let mut db = fresh.database.acquire().await.expect("a connection");
        for words in [&["admin", "editor"][..], &["viewer"], &[]] {
            let roles: Vec<_> = words
                .iter()
                .map(|word| word.parse().expect("a role"))
                .collect();
            assert!(
                users::set_roles(&mut db, ann.id, &roles)
                    .await
                    .expect("set")
            );
            let account = users::by_id(&mut db, ann.id)
                .await
                .expect("read")
                .expect("there");
            assert_eq!(
                account.user,
                User {
                    roles,
                    ..ann.clone()
                }
            );
            assert_eq!(account.epoch, 0);
        }
        assert!(
            !users::set_roles(&mut db, user(9, "x@example.com").id, &[])
                .await
                .expect("asked")
        );
    }
}

#[tokio::test]
async fn a_deleted_account_is_gone_and_its_address_is_free() {
    for (fresh, ann) in with_ann().await {
        let mut db = fresh.database.acquire().await.expect("a connection");
        assert!(users::delete(&mut db, ann.id).await.expect("deleted"));
        assert!(!users::delete(&mut db, ann.id).await.expect("asked"));
        assert!(users::by_id(&mut db, ann.id).await.expect("read").is_none());
        assert!(
            users::insert(&mut db, &user(2, "ann@example.com"), None)
                .await
                .expect("inserted")
        );
    }
}
