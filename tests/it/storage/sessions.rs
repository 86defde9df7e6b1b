//! Sessions.

use doorward::domain::clock::Timestamp;
use doorward::domain::session::Session;
use doorward::storage::sessions::{self, IdHash};
use doorward::storage::{Connection, users};

use super::{Fresh, MICROSECOND, MINUTE, NOON, both, session, user};

const ID: IdHash = [1; 32];

/// Both databases with one user and one session.
async fn with_session() -> Vec<(Fresh, Session)> {
    let mut with = Vec::new();
    for fresh in both().await {
        let ann = user(1, "ann@example.com");
        let session = session(&ann);
        let mut db = fresh.database.acquire().await.expect("a connection");
        users::insert(&mut db, &ann, None).await.expect("inserted");
        assert!(
            sessions::insert(&mut db, &ID, &session)
                .await
                .expect("inserted")
        );
        with.push((fresh, session));
    }
    with
}

async fn find(db: &mut Connection, id: &IdHash) -> Option<Session> {
    sessions::find(db, id).await.expect("read")
}

#[tokio::test]
async fn a_session_comes_back_as_it_was_put_in() {
    for (fresh, session) in with_session().await {
        let mut db = fresh.database.acquire().await.expect("a connection");
        assert_eq!(find(&mut db, &ID).await.as_ref(), Some(&session));
        let odd = Session {
            remembered: true,
            device: "\u{1f98a} 'quoted\"; DROP TABLE users; --".to_owned(),
            created_at: Timestamp::from_micros(1),
            signed_in_at: NOON + MICROSECOND,
            last_seen_at: NOON + 2 * MICROSECOND,
            expires_at: Timestamp::from_seconds(253_402_300_799),
            factors: Vec::new(),
            ..session
        };
        assert!(
            sessions::insert(&mut db, &[2; 32], &odd)
                .await
                .expect("inserted")
        );
        assert_eq!(find(&mut db, &[2; 32]).await, Some(odd));
        assert_eq!(find(&mut db, &[3; 32]).await, None);
    }
}

#[tokio::test]
async fn an_id_that_is_taken_is_refused_and_nothing_is_replaced() {
    for (fresh, session) in with_session().await {
        let mut db = fresh.database.acquire().await.expect("a connection");
        let other = Session {
            device: "another".to_owned(),
            ..session.clone()
        };
        assert!(!sessions::insert(&mut db, &ID, &other).await.expect("asked"));
        assert_eq!(find(&mut db, &ID).await, Some(session));
    }
}

#[tokio::test]
async fn a_session_needs_a_user() {
    for (fresh, session) in with_session().await {
        let mut db = fresh.database.acquire().await.expect("a connection");
        let nobody = Session {
            user: user(9, "x@example.com").id,
            ..session
        };
        assert!(sessions::insert(&mut db, &[9; 32], &nobody).await.is_err());
    }
}

#[tokio::test]
async fn threat_18_a_session_lives_only_as_long_as_its_user_has_its_epoch() {
    for (fresh, session) in with_session().await {
        let mut db = fresh.database.acquire().await.expect("a connection");
        users::raise_epoch(&mut db, session.user)
            .await
            .expect("raised");
        assert_eq!(find(&mut db, &ID).await, None, "an earlier epoch");
        assert!(
            sessions::of_user(&mut db, session.user)
                .await
                .expect("read")
                .is_empty()
        );
        let present = Session {
            epoch: 1,
            ..session.clone()
        };
        sessions::insert(&mut db, &[2; 32], &present)
            .await
            .expect("inserted");
        assert_eq!(find(&mut db, &[2; 32]).await.as_ref(), Some(&present));
        users::set_disabled(&mut db, session.user, true)
            .await
            .expect("disabled");
        let disabled = Session {
            epoch: 2,
            ..session.clone()
        };
        sessions::insert(&mut db, &[3; 32], &disabled)
            .await
            .expect("inserted");
        assert_eq!(find(&mut db, &[3; 32]).await, None, "a disabled account");
        users::set_disabled(&mut db, session.user, false)
            .await
            .expect("enabled");
        for id in [[1; 32], [2; 32], [3; 32]] {
            assert_eq!(find(&mut db, &id).await, None, "nothing comes back");
        }
        let foreign = Session {
            epoch: 3,
            pool: "blog".parse().expect("an id"),
            ..session
        };
        sessions::insert(&mut db, &[4; 32], &foreign)
            .await
            .expect("inserted");
        assert_eq!(
            find(&mut db, &[4; 32]).await,
            None,
            "another pool than the user's"
        );
    }
}

#[tokio::test]
async fn roles_are_the_present_ones() {
    for (fresh, session) in with_session().await {
        let mut db = fresh.database.acquire().await.expect("a connection");
        let roles = vec!["admin".parse().expect("a role")];
        users::set_roles(&mut db, session.user, &roles)
            .await
            .expect("set");
        assert_eq!(find(&mut db, &ID).await.expect("live").roles, roles);
    }
}

#[tokio::test]
async fn a_use_only_ever_moves_forward() {
    for (fresh, session) in with_session().await {
        let mut db = fresh.database.acquire().await.expect("a connection");
        for (seen, moves, last) in [
            (NOON, false, NOON),
            (NOON - MICROSECOND, false, NOON),
            (NOON + MICROSECOND, true, NOON + MICROSECOND),
            (NOON, false, NOON + MICROSECOND),
            (NOON + MINUTE, true, NOON + MINUTE),
        ] {
            assert_eq!(
                sessions::touch(&mut db, &ID, seen).await.expect("touched"),
                moves,
                "{seen:?}"
            );
            let expected = Session {
                last_seen_at: last,
                ..session.clone()
            };
            assert_eq!(find(&mut db, &ID).await, Some(expected));
        }
        assert!(sessions::delete(&mut db, &ID).await.expect("deleted"));
        assert!(
            !sessions::touch(&mut db, &ID, NOON + 2 * MINUTE)
                .await
                .expect("asked")
        );
        assert_eq!(
            find(&mut db, &ID).await,
            None,
            "a late use brings nothing back"
        );
    }
}

#[tokio::test]
async fn ended_sessions_are_deleted_to_the_microsecond() {
    for (fresh, session) in with_session().await {
        let mut db = fresh.database.acquire().await.expect("a connection");
        sessions::delete(&mut db, &ID).await.expect("deleted");
        let cases = [
            // expires, last seen, remembered, stays
            (NOON + MICROSECOND, NOON, false, true),
            (NOON, NOON, false, false),
            (NOON - MICROSECOND, NOON, false, false),
            (NOON + MINUTE, NOON - MINUTE + MICROSECOND, false, true),
            (NOON + MINUTE, NOON - MINUTE, false, false),
            (NOON + MINUTE, NOON - 9 * MINUTE, true, true),
            (NOON, NOON, true, false),
        ];
        for (number, (expires_at, last_seen_at, remembered, _)) in cases.into_iter().enumerate() {
            let one = Session {
                expires_at,
                last_seen_at,
                remembered,
                ..session.clone()
            };
            let id = [u8::try_from(number).expect("few"); 32];
            sessions::insert(&mut db, &id, &one)
                .await
                .expect("inserted");
        }
        let deleted = sessions::delete_ended(&mut db, NOON, NOON - MINUTE, 100)
            .await
            .expect("deleted");
        assert_eq!(deleted, 4, "{}", fresh.url);
        for (number, (.., stays)) in cases.into_iter().enumerate() {
            let id = [u8::try_from(number).expect("few"); 32];
            assert_eq!(
                find(&mut db, &id).await.is_some(),
                stays,
                "{}: case {number}",
                fresh.url
            );
        }
    }
}

#[tokio::test]
async fn a_users_sessions_are_listed_and_deleted_together_and_no_others() {
    for (fresh, session) in with_session().await {
        let mut db = fresh.database.acquire().await.expect("a connection");
        let bob = user(2, "bob@example.com");
        users::insert(&mut db, &bob, None).await.expect("inserted");
        let his = Session {
            user: bob.id,
            ..session.clone()
        };
        sessions::insert(&mut db, &[7; 32], &his)
            .await
            .expect("inserted");
        let later = Session {
            signed_in_at: NOON + MICROSECOND,
            ..session.clone()
        };
        sessions::insert(&mut db, &[2; 32], &later)
            .await
            .expect("inserted");
        let listed = sessions::of_user(&mut db, session.user)
            .await
            .expect("read");
        let ids: Vec<_> = listed.iter().map(|entry| entry.id_hash).collect();
        assert_eq!(ids, [[2; 32], ID], "the latest first");
        assert_eq!(
            sessions::delete_of_user(&mut db, session.user)
                .await
                .expect("deleted")
                .len(),
            2
        );
        assert_eq!(
            sessions::delete_of_user(&mut db, session.user)
                .await
                .expect("asked")
                .len(),
            0
        );
        assert_eq!(find(&mut db, &[7; 32]).await, Some(his));
    }
}

#[tokio::test]
async fn deleting_an_account_deletes_its_sessions() {
    for (fresh, session) in with_session().await {
        let mut db = fresh.database.acquire().await.expect("a connection");
        users::delete(&mut db, session.user).await.expect("deleted");
        assert_eq!(find(&mut db, &ID).await, None);
        users::insert(&mut db, &user(1, "ann@example.com"), None)
            .await
            .expect("the same id again");
        assert_eq!(
            find(&mut db, &ID).await,
            None,
            "the row is gone, not only hidden"
        );
        assert!(!sessions::delete(&mut db, &ID).await.expect("asked"));
    }
}
