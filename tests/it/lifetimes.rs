//! How long sessions last, on a clock that moves when it is told to.

mod credentials;
mod uses;

use std::sync::Arc;
use std::time::Duration;

use doorward::app::System;
use doorward::domain::app::App;
use doorward::domain::clock::{ManualClock, Timestamp};
use doorward::domain::random::SystemRandom;
use doorward::services::Services;
use doorward::services::sessions::{Begun, Entrance, Visitor};
use doorward::sessions::Token;
use doorward::storage::users;
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
        let ends = house
            .services
            .sessions
            .ends_at(&begun.session, begun.session.last_seen_at);
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
