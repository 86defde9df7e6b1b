//! How long sessions last, on a clock that moves when it is told to.

use std::sync::Arc;
use std::time::Duration;

use doorward::app::System;
use doorward::domain::app::App;
use doorward::domain::clock::{ManualClock, Timestamp};
use doorward::domain::random::SystemRandom;
use doorward::services::Services;
use doorward::services::sessions::{Begun, Entrance, Proven, Visitor};
use doorward::sessions::Token;
use doorward::storage::{sessions as rows, users};
use tempfile::TempDir;

use super::in_process::{self, chosen, given};
use super::support::postgres;
use super::visitor::PASSWORD;

const MINUTE: Duration = Duration::from_secs(60);
const MICROSECOND: Duration = Duration::from_micros(1);
const IDLE: Duration = Duration::from_secs(30 * 60);
const ABSOLUTE: Duration = Duration::from_secs(8 * 60 * 60);
const EMAIL: &str = "ann@example.com";

/// The services of one installation, and its clock.
struct House {
    services: Services,
    clock: Arc<ManualClock>,
    folder: TempDir,
    url: String,
}

impl House {
    async fn build() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let url = in_process::sqlite(folder.path());
        Self::on(folder, url).await
    }

    async fn on_postgres() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let url = postgres::database().await;
        Self::on(folder, url).await
    }

    async fn on(folder: TempDir, url: String) -> Self {
        let clock = Arc::new(ManualClock::starting_at(Timestamp::from_micros(
            1_700_000_000_123_456,
        )));
        let services = Self::services(&folder, &url, "", Arc::clone(&clock));
        services.database.migrate().await.expect("migrated");
        Self {
            services,
            clock,
            folder,
            url,
        }
    }

    fn services(folder: &TempDir, url: &str, limits: &str, clock: Arc<ManualClock>) -> Services {
        let sessions = "[sessions]\nidle_timeout = \"30m\"\nabsolute_timeout = \"8h\"";
        let more = format!("{sessions}\n[limits]\n{limits}");
        let system = System {
            clock,
            random: Arc::new(SystemRandom),
        };
        in_process::services(folder.path(), url, &more, system)
    }

    fn app(&self) -> &App {
        self.services.apps.iter().next().expect("an app")
    }

    fn entrance(&self, remember: bool) -> Entrance {
        Entrance {
            remember,
            ..in_process::entrance(&self.services)
        }
    }

    async fn register(&self) -> Begun {
        let email = EMAIL.parse().expect("an address");
        let begun = self
            .services
            .register
            .register(email, chosen(PASSWORD), self.entrance(false))
            .await;
        begun.expect("registered")
    }

    async fn sign_in(&self, remember: bool) -> Begun {
        let email = EMAIL.parse().expect("an address");
        let begun = self
            .services
            .login
            .sign_in(&email, given(PASSWORD), self.entrance(remember))
            .await;
        begun.expect("signed in")
    }

    /// A use of the session, if it is alive.
    async fn is_alive(&self, token: Token) -> bool {
        let found = self
            .services
            .sessions
            .find(&[token], self.app())
            .await
            .expect("the store answers");
        matches!(found, Visitor::Known(..))
    }

    async fn flush(&self) -> usize {
        self.services
            .sessions
            .flush_touches()
            .await
            .expect("written")
    }

    async fn stored_hash(&self) -> String {
        let mut db = self
            .services
            .database
            .acquire()
            .await
            .expect("a connection");
        let email = EMAIL.parse().expect("an address");
        let account = users::by_email(&mut db, &self.app().pool, &email)
            .await
            .expect("read");
        account
            .expect("an account")
            .password_hash
            .expect("a password")
    }
}

#[tokio::test]
async fn a_session_that_nobody_uses_ends() {
    for house in [House::build().await, House::on_postgres().await] {
        let token = house.register().await.token;
        house.clock.advance(IDLE - MICROSECOND);
        assert!(
            house.is_alive(token).await,
            "a microsecond before the time-out"
        );
        house.clock.advance(IDLE);
        assert!(!house.is_alive(token).await);
    }
}

#[tokio::test]
async fn looking_at_a_dead_session_does_not_wake_it() {
    let house = House::build().await;
    let token = house.register().await.token;
    house.clock.advance(IDLE);
    for _ in 0..3 {
        assert!(!house.is_alive(token).await);
    }
    assert_eq!(house.flush().await, 0, "a use of what has ended is none");
}

#[tokio::test]
async fn use_keeps_a_session_alive_until_its_absolute_end() {
    for house in [House::build().await, House::on_postgres().await] {
        let begun = house.register().await;
        let mut lasted = Duration::ZERO;
        while lasted + 20 * MINUTE < ABSOLUTE {
            assert!(house.is_alive(begun.token).await, "after {lasted:?}");
            house.flush().await;
            house.clock.advance(20 * MINUTE);
            lasted += 20 * MINUTE;
        }
        assert!(house.is_alive(begun.token).await);
        house.clock.advance(ABSOLUTE - lasted - MICROSECOND);
        assert!(
            house.is_alive(begun.token).await,
            "a microsecond before the end"
        );
        house.clock.advance(MICROSECOND);
        assert!(
            !house.is_alive(begun.token).await,
            "however much it was used"
        );
    }
}

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
async fn a_remembered_session_may_lie_idle_and_ends_all_the_same() {
    let house = House::build().await;
    house.register().await;
    let begun = house.sign_in(true).await;
    assert!(begun.session.remembered);
    house.clock.advance(ABSOLUTE - MICROSECOND);
    assert!(house.is_alive(begun.token).await);
    assert_eq!(
        house.services.sessions.sweep().await.expect("swept"),
        1,
        "the registration's alone"
    );
    assert!(house.is_alive(begun.token).await);
    house.clock.advance(MICROSECOND);
    assert!(!house.is_alive(begun.token).await);
}

#[tokio::test]
async fn the_end_that_is_told_is_the_end_that_comes() {
    let house = House::build().await;
    house.register().await;
    for remember in [false, true] {
        let begun = house.sign_in(remember).await;
        let ends = house.services.sessions.ends_at(&begun.session);
        let left = ends.since(begun.session.signed_in_at);
        assert_eq!(left, if remember { ABSOLUTE } else { IDLE });
        house.clock.advance(left - MICROSECOND);
        let listed = house
            .services
            .sessions
            .of_user(begun.session.user)
            .await
            .expect("listed");
        assert!(
            listed
                .iter()
                .any(|entry| entry.id_hash == begun.token.hash())
        );
        house.clock.advance(MICROSECOND);
        assert!(!house.is_alive(begun.token).await);
        let listed = house
            .services
            .sessions
            .of_user(begun.session.user)
            .await
            .expect("listed");
        assert!(
            listed
                .iter()
                .all(|entry| entry.id_hash != begun.token.hash())
        );
    }
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
