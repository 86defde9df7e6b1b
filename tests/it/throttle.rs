//! How often somebody may guess at one account (THREATS 28 to 30). What takes time is told in process, on a clock that the
//! test moves; what a visitor sees is told by the real binary.

mod devices;
mod nodes;
mod pages;
mod steps;

use std::sync::Arc;
use std::time::Duration;

use doorward::app::System;
use doorward::domain::clock::{Clock as _, ManualClock, Timestamp};
use doorward::domain::device::DeviceToken;
use doorward::domain::random::SystemRandom;
use doorward::services::Services;
use doorward::services::login::LoginError;
use doorward::services::sessions::{Begun, Entrance};
use tempfile::TempDir;

use super::in_process::{self, chosen, given};
use super::support::postgres;
use super::visitor::PASSWORD;

const EMAIL: &str = "ann@example.com";
const WRONG: &str = "another-orbit-lantern";
/// Where the owner of an account is.
const HOME: &str = "192.0.2.7";
/// Where somebody else is.
const ELSEWHERE: &str = "198.51.100.66";

const SECOND: Duration = Duration::from_secs(1);

/// How an attempt ended.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    SignedIn,
    /// The password was compared, and was not the one.
    Wrong,
    /// Nothing was compared: there were too many.
    Wait(Duration),
    /// Nothing was compared: the hashing pool is full.
    Busy,
}

/// One node, and what else there is in the world.
struct Node {
    services: Services,
    clock: Arc<ManualClock>,
    url: String,
    folder: TempDir,
}

impl Node {
    async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let url = in_process::sqlite(folder.path());
        Self::on(folder, url, "").await
    }

    /// One on each database.
    async fn on_both() -> [Self; 2] {
        let folder = tempfile::tempdir().expect("folder");
        let postgres = Self::on(folder, postgres::database().await, "").await;
        [Self::on_sqlite().await, postgres]
    }

    async fn on(folder: TempDir, url: String, more: &str) -> Self {
        let noon = Timestamp::from_micros(1_700_000_000_123_456);
        let clock = Arc::new(ManualClock::starting_at(noon));
        let services = services(&folder, &url, more, Arc::clone(&clock));
        services.database.migrate().await.expect("migrated");
        Self {
            services,
            clock,
            url,
            folder,
        }
    }

    /// Another node on the same database, where it is the same time.
    fn twin(&self) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let clock = Arc::clone(&self.clock);
        Self {
            services: services(&folder, &self.url, "", Arc::clone(&clock)),
            clock,
            url: self.url.clone(),
            folder,
        }
    }

    /// Another node on the same database, whose clock is wrong by an hour, as each node notices.
    async fn twin_ahead(&self) -> Self {
        let mut twin = self.twin();
        let ahead = self.clock.now() + Duration::from_secs(3600);
        twin.clock = Arc::new(ManualClock::starting_at(ahead));
        twin.services = services(&twin.folder, &twin.url, "", Arc::clone(&twin.clock));
        for node in [self, &twin] {
            let compared = node.services.common_clock.compare().await;
            compared.expect("the database knows");
        }
        twin
    }

    fn entrance(&self, client: &str, devices: &[DeviceToken]) -> Entrance {
        Entrance {
            client: client.parse().expect("an address"),
            devices: devices.to_vec(),
            ..in_process::entrance(&self.services)
        }
    }

    async fn register(&self, email: &str) -> Begun {
        let entrance = self.entrance(HOME, &[]);
        let email = email.parse().expect("an address");
        let begun = self
            .services
            .register
            .register(email, chosen(PASSWORD), entrance)
            .await;
        begun.expect("registered")
    }

    async fn enter(
        &self,
        email: &str,
        password: &str,
        entrance: Entrance,
    ) -> Result<Begun, LoginError> {
        let email = email.parse().expect("an address");
        let login = &self.services.login;
        login.sign_in(&email, given(password), entrance).await
    }

    /// An attempt without a device token.
    async fn attempt(&self, email: &str, password: &str, client: &str) -> Told {
        self.attempt_with(email, password, client, &[]).await
    }

    async fn attempt_with(
        &self,
        email: &str,
        password: &str,
        client: &str,
        devices: &[DeviceToken],
    ) -> Told {
        let entrance = self.entrance(client, devices);
        told(self.enter(email, password, entrance).await)
    }

    /// Guesses until there is a wait: how many guesses that took, and the wait.
    async fn exhaust(&self, email: &str, client: &str) -> (u32, Duration) {
        for made in 0..100 {
            match self.attempt(email, WRONG, client).await {
                Told::Wrong => {}
                Told::Wait(wait) => return (made, wait),
                other => panic!("{other:?}"),
            }
        }
        panic!("a hundred guesses at {email}")
    }

    fn hashes(&self) -> u64 {
        self.services.login.passwords.hashes()
    }

    fn wait(&self, time: Duration) {
        self.clock.advance(time);
    }
}

fn services(folder: &TempDir, url: &str, more: &str, clock: Arc<ManualClock>) -> Services {
    let system = System {
        clock,
        random: Arc::new(SystemRandom),
    };
    in_process::services(folder.path(), url, more, system)
}

fn told(outcome: Result<Begun, LoginError>) -> Told {
    match outcome {
        Ok(_) => Told::SignedIn,
        Err(LoginError::InvalidCredentials) => Told::Wrong,
        Err(LoginError::TooManyAttempts(wait)) => Told::Wait(wait),
        Err(LoginError::Busy) => Told::Busy,
        Err(LoginError::Failure(failure)) => panic!("{failure}"),
    }
}
