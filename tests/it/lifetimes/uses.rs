//! Uses: noted at once, written now and then, and what the sweep makes of them.

use std::sync::Arc;
use std::time::Duration;

use doorward::services::sessions::Visitor;
use doorward::storage::sessions as rows;

use super::{House, IDLE, MICROSECOND, MINUTE};

#[tokio::test]
async fn a_use_counts_before_it_is_written_and_after() {
    let house = House::build().await;
    let token = house.register().await.token;
    house.clock.advance(20 * MINUTE);
    assert!(house.is_alive(token).await);
    house.clock.advance(20 * MINUTE);
    assert!(house.is_alive(token).await, "not written yet");
    assert_eq!(house.flush().await, 1);
    house.clock.advance(20 * MINUTE);
    assert!(house.is_alive(token).await, "written");
    // Another process knows only what is written.
    house.flush().await;
    let other = House::services(&house.folder, &house.url, "", Arc::clone(&house.clock));
    house.clock.advance(20 * MINUTE);
    let found = other
        .sessions
        .find(&[token], house.app())
        .await
        .expect("the store answers");
    assert!(matches!(found, Visitor::Known(..)));
}

#[tokio::test]
async fn many_uses_are_one_write() {
    let house = House::build().await;
    let token = house.register().await.token;
    assert_eq!(house.flush().await, 0, "a sign-in alone is no use");
    for _ in 0..100 {
        house.clock.advance(Duration::from_millis(100));
        assert!(house.is_alive(token).await);
    }
    let mut db = house
        .services
        .database
        .acquire()
        .await
        .expect("a connection");
    let before = rows::find(&mut db, &token.hash())
        .await
        .expect("read")
        .expect("a row");
    assert_eq!(
        before.last_seen_at, before.signed_in_at,
        "looking writes nothing"
    );
    assert_eq!(house.flush().await, 1);
    assert_eq!(house.flush().await, 0);
    let after = rows::find(&mut db, &token.hash())
        .await
        .expect("read")
        .expect("a row");
    assert_eq!(
        after.last_seen_at,
        before.signed_in_at + Duration::from_secs(10),
        "the latest use"
    );
}

#[tokio::test]
async fn the_sweep_deletes_what_has_ended_and_nothing_else() {
    for house in [House::build().await, House::on_postgres().await] {
        let ended = house.register().await.token;
        house.clock.advance(10 * MINUTE);
        let used = house.sign_in(false).await.token;
        let remembered = house.sign_in(true).await.token;
        house.clock.advance(25 * MINUTE);
        assert!(house.is_alive(used).await);
        house.flush().await;
        house.clock.advance(10 * MINUTE);
        let fresh = house.sign_in(false).await.token;
        assert_eq!(house.services.sessions.sweep().await.expect("swept"), 1);
        for token in [used, remembered, fresh] {
            assert!(house.is_alive(token).await);
        }
        assert!(!house.is_alive(ended).await);
        assert_eq!(house.services.sessions.sweep().await.expect("swept"), 0);
    }
}

#[tokio::test]
async fn a_sweep_on_another_node_spares_a_session_whose_last_use_is_not_written_yet() {
    for house in [House::build().await, House::on_postgres().await] {
        let other = House::services(&house.folder, &house.url, "", Arc::clone(&house.clock));
        let token = house.register().await.token;
        house.clock.advance(IDLE - MICROSECOND);
        assert!(house.is_alive(token).await, "noted here alone");
        house.clock.advance(MINUTE);
        assert_eq!(other.sessions.sweep().await.expect("swept"), 0);
        house.flush().await;
        assert!(house.is_alive(token).await);
    }
}
