//! Devices that are known: a budget of their own, and nothing else.

use doorward::services::devices::{LIFETIME, MAX_USERS};
use doorward::storage::devices as rows;

use super::*;

const BLOG: &str = "[apps.blog]\nhosts = [\"blog.localhost\"]\n\
    keys = [\"44a22b41ccccfc05c5693e1d60b80d7287cc3cffd8658a8ba478cb690e6319e2\"]";

/// The token that a sign-in or registration of one user gave.
fn token(begun: &Begun) -> DeviceToken {
    assert_eq!(begun.devices.len(), 1);
    begun.devices[0]
}

impl Node {
    /// A sign-in of somebody with these tokens, which succeeds.
    async fn sign_in(&self, email: &str, devices: &[DeviceToken]) -> Begun {
        let entrance = self.entrance(HOME, devices);
        let begun = self.enter(email, PASSWORD, entrance).await;
        begun.expect("signed in")
    }

    async fn is_known(&self, token: DeviceToken) -> bool {
        let database = &self.services.database;
        let mut db = database.acquire().await.expect("a connection");
        let pool = self.entrance(HOME, &[]).pool;
        let found = rows::find(&mut db, &token.hash(), &pool).await;
        found.expect("read").is_some()
    }
}

#[tokio::test]
async fn threat_29_a_known_device_has_its_own_budget() {
    for node in Node::on_both().await {
        let device = token(&node.register(EMAIL).await);
        node.exhaust(EMAIL, HOME).await;
        for _ in 0..3 {
            for _ in 0..4 {
                let told = node.attempt_with(EMAIL, WRONG, HOME, &[device]).await;
                assert_eq!(told, Told::Wrong);
            }
            let begun = node.sign_in(EMAIL, &[device]).await;
            assert_eq!(token(&begun), device, "it stays the same");
        }
        assert_eq!(node.exhaust(EMAIL, HOME).await.0, 0, "nobody else gains");
    }
}

#[tokio::test]
async fn threat_29_a_token_is_void_after_a_few_failures() {
    for node in Node::on_both().await {
        let device = token(&node.register(EMAIL).await);
        for _ in 0..10 {
            let told = node.attempt_with(EMAIL, WRONG, ELSEWHERE, &[device]).await;
            assert_eq!(
                told,
                Told::Wrong,
                "five of its own, and five of the network"
            );
        }
        let told = node.attempt_with(EMAIL, WRONG, ELSEWHERE, &[device]).await;
        assert_eq!(told, Told::Wait(SECOND));
        node.wait(Duration::from_secs(24 * 60 * 60));
        assert_eq!(node.exhaust(EMAIL, ELSEWHERE).await.0, 5);
        let told = node
            .attempt_with(EMAIL, PASSWORD, ELSEWHERE, &[device])
            .await;
        assert_eq!(told, Told::Wait(SECOND), "no time brings it back");
        let fresh = token(&node.sign_in(EMAIL, &[device]).await);
        assert_ne!(fresh, device);
        assert!(node.is_known(fresh).await && !node.is_known(device).await);
    }
}

#[tokio::test]
async fn threat_29_a_hundred_guesses_at_once_with_one_token_are_few() {
    use futures_util::future::join_all;
    for node in Node::on_both().await {
        let device = [token(&node.register(EMAIL).await)];
        let before = node.hashes();
        let guesses = (0..100).map(|_| node.attempt_with(EMAIL, WRONG, ELSEWHERE, &device));
        join_all(guesses).await;
        assert_eq!(node.hashes() - before, 10, "its five, and the network's");
    }
}

#[tokio::test]
async fn threat_29_a_token_of_somebody_else_counts_for_nothing() {
    let folder = tempfile::tempdir().expect("folder");
    let on_sqlite = Node::on(
        tempfile::tempdir().expect("folder"),
        in_process::sqlite(folder.path()),
        BLOG,
    );
    let postgres = postgres::database().await;
    let on_postgres = Node::on(tempfile::tempdir().expect("folder"), postgres, BLOG);
    for node in [on_sqlite.await, on_postgres.await] {
        let ann = node.register(EMAIL).await;
        let bob = token(&node.register("bob@example.com").await);
        let mut at_blog = node.entrance(HOME, &[]);
        let blog = node.services.apps.get("blog").expect("an app");
        (at_blog.pool, at_blog.app) = (blog.pool.clone(), blog.id.clone());
        let email = EMAIL.parse().expect("an address");
        let register = &node.services.register;
        let twin = register.register(email, chosen(PASSWORD), at_blog).await;
        let twin = token(&twin.expect("another ann"));
        let unknown = DeviceToken::generate(&SystemRandom).expect("random");
        let others = [bob, twin, unknown];
        for _ in 0..5 {
            let told = node.attempt_with(EMAIL, WRONG, ELSEWHERE, &others).await;
            assert_eq!(told, Told::Wrong);
        }
        for email in [EMAIL, "ghost@example.com"] {
            node.exhaust(email, ELSEWHERE).await;
            let told = node.attempt_with(email, WRONG, ELSEWHERE, &others).await;
            assert_eq!(told, Told::Wait(SECOND), "{email}");
        }
        for (email, own) in [(EMAIL, token(&ann)), ("bob@example.com", bob)] {
            node.exhaust(email, ELSEWHERE).await;
            for _ in 0..5 {
                let told = node.attempt_with(email, WRONG, ELSEWHERE, &[own]).await;
                assert_eq!(told, Told::Wrong, "no failure was put down to it");
            }
        }
    }
}

#[tokio::test]
async fn several_people_may_use_one_browser() {
    for node in Node::on_both().await {
        let mut devices = Vec::new();
        let emails: Vec<_> = (0..6).map(|n| format!("reader-{n}@example.com")).collect();
        for email in &emails {
            node.register(email).await;
            let begun = node.sign_in(email, &devices).await;
            assert_eq!(
                begun.devices.get(1..),
                devices.get(..devices.len().min(MAX_USERS - 1))
            );
            devices = begun.devices;
        }
        assert_eq!(devices.len(), MAX_USERS);
        for email in &emails[2..] {
            node.exhaust(email, HOME).await;
            let told = node.attempt_with(email, PASSWORD, HOME, &devices).await;
            assert_eq!(told, Told::SignedIn, "{email}");
        }
        for email in &emails[..2] {
            node.exhaust(email, HOME).await;
            let told = node.attempt_with(email, PASSWORD, HOME, &devices).await;
            assert_eq!(told, Told::Wait(SECOND), "{email} was longest ago");
        }
    }
}

#[tokio::test]
async fn a_user_has_twenty_devices_and_the_one_longest_unused_goes() {
    for node in Node::on_both().await {
        let first = token(&node.register(EMAIL).await);
        let mut others = Vec::new();
        for _ in 0..19 {
            node.wait(SECOND);
            others.push(token(&node.sign_in(EMAIL, &[]).await));
        }
        node.wait(SECOND);
        node.sign_in(EMAIL, &[first]).await;
        node.wait(SECOND);
        node.sign_in(EMAIL, &[]).await;
        assert!(node.is_known(first).await, "it was used");
        assert!(!node.is_known(others[0]).await);
        for other in &others[1..] {
            assert!(node.is_known(*other).await);
        }
    }
}

#[tokio::test]
async fn a_device_is_known_as_long_as_it_is_used_and_its_user_is_there() {
    for node in Node::on_both().await {
        let begun = node.register(EMAIL).await;
        let (device, user) = (token(&begun), begun.session.user);
        let devices = &node.services.devices;
        let sweep = async || devices.sweep().await.expect("swept");
        node.wait(LIFETIME - SECOND);
        assert_eq!(sweep().await, 0);
        node.sign_in(EMAIL, &[device]).await;
        node.wait(SECOND);
        assert_eq!(sweep().await, 0, "it was used");
        let accounts = &node.services.accounts;
        let changed = accounts.set_password(user, chosen("a-new-orbit-lantern-7"));
        changed.await.expect("changed");
        assert!(
            node.is_known(device).await,
            "a new password changes nothing"
        );
        node.wait(LIFETIME);
        assert_eq!(sweep().await, 1);
        let entrance = node.entrance(HOME, &[]);
        let begun = node.enter(EMAIL, "a-new-orbit-lantern-7", entrance).await;
        let device = token(&begun.expect("signed in"));
        accounts.delete(user).await.expect("deleted");
        assert!(!node.is_known(device).await);
    }
}

#[tokio::test]
async fn threat_20_the_database_holds_no_device_token_and_no_address_that_nobody_has() {
    let node = Node::on_sqlite().await;
    let device = token(&node.register(EMAIL).await);
    let ghost = "ghost@example.com";
    node.attempt(ghost, WRONG, HOME).await;
    let mut found_address = false;
    for entry in std::fs::read_dir(node.folder.path()).expect("own folder") {
        let content = std::fs::read(entry.expect("an entry").path()).expect("a file");
        let holds = |needle: &[u8]| content.windows(needle.len()).any(|window| window == needle);
        let text = device.reveal();
        let bytes = hex::decode(&text).expect("hexadecimal");
        for secret in [text.as_bytes(), &bytes, ghost.as_bytes(), HOME.as_bytes()] {
            assert!(!holds(secret), "{secret:?}");
        }
        found_address |= holds(EMAIL.as_bytes());
    }
    assert!(found_address, "the right folder was searched");
}
