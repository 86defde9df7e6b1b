//! What a change of the password, or of its hash, makes of sessions.

use std::sync::Arc;

use doorward::domain::clock::ManualClock;
use doorward::services::sessions::{Proven, Visitor};
use doorward::storage::users;

use super::super::in_process::{self, chosen, given};
use super::super::visitor::PASSWORD;
use super::{EMAIL, House};

#[tokio::test]
async fn threat_18_a_session_begun_with_an_old_epoch_is_dead() {
    let house = House::build().await;
    let begun = house.register().await;
    let user = begun.session.user;
    // The password was right a moment ago; before the session is written, the operator sets a new one.
    let proven = || Proven {
        user,
        epoch: begun.session.epoch,
        factors: begun.session.factors.clone(),
        continues: None,
    };
    let in_time = house
        .services
        .sessions
        .begin(proven(), house.entrance(false))
        .await
        .expect("begun");
    assert!(house.is_alive(in_time.token).await);
    let ended = house
        .services
        .accounts
        .set_password(user, chosen("another-orbit-lantern"))
        .await;
    assert_eq!(ended.expect("set"), 2, "the sessions that were there");
    let late = house
        .services
        .sessions
        .begin(proven(), house.entrance(true))
        .await
        .expect("begun");
    for token in [begun.token, in_time.token, late.token] {
        assert!(!house.is_alive(token).await);
    }
}

#[tokio::test]
async fn threat_18_a_use_noted_before_the_end_brings_nothing_back() {
    let house = House::build().await;
    let begun = house.register().await;
    assert!(house.is_alive(begun.token).await);
    house
        .services
        .sessions
        .revoke(begun.token)
        .await
        .expect("revoked");
    house.flush().await;
    assert!(!house.is_alive(begun.token).await);
    let again = house.sign_in(false).await;
    assert!(house.is_alive(again.token).await);
    house
        .services
        .sessions
        .revoke_all(begun.session.user)
        .await
        .expect("revoked");
    house.flush().await;
    assert!(!house.is_alive(again.token).await);
}

#[tokio::test]
async fn a_hash_rises_with_the_parameters_at_the_next_sign_in() {
    let house = House::build().await;
    let begun = house.register().await;
    assert!(
        house
            .stored_hash()
            .await
            .starts_with("$argon2id$v=19$m=19456,t=2,p=1$")
    );
    let House { folder, url, .. } = house;
    for (limits, prefix) in [
        ("hashing_iterations = 3", "$argon2id$v=19$m=19456,t=3,p=1$"),
        (
            "hashing_memory = 20480\nhashing_iterations = 3",
            "$argon2id$v=19$m=20480,t=3,p=1$",
        ),
        // A hash is never lowered.
        ("", "$argon2id$v=19$m=20480,t=3,p=1$"),
    ] {
        let services = House::services(
            &folder,
            &url,
            limits,
            Arc::new(ManualClock::starting_at(begun.session.created_at)),
        );
        let app = services.apps.iter().next().expect("an app").clone();
        let email = EMAIL.parse().expect("an address");
        for password in ["a-wrong-orbit-lantern", PASSWORD, PASSWORD] {
            let entrance = in_process::entrance(&services);
            let outcome = services
                .login
                .sign_in(&email, given(password), entrance)
                .await;
            assert_eq!(outcome.is_ok(), password == PASSWORD);
        }
        let mut db = services.database.acquire().await.expect("a connection");
        let account = users::by_email(&mut db, &app.pool, &email)
            .await
            .expect("read")
            .expect("there");
        let hash = account.password_hash.expect("a password");
        assert!(hash.starts_with(prefix), "{limits}: {hash}");
        let found = services
            .sessions
            .find(&[begun.token], &app)
            .await
            .expect("the store answers");
        assert!(
            matches!(found, Visitor::Known(..)),
            "an upgrade ends no session"
        );
    }
}
