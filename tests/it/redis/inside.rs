//! A node in the process of the test, for what no visitor can see: what is in its memory, and what it writes when.

use std::sync::Arc;
use std::time::Duration;

use doorward::app::System;
use doorward::domain::clock::{Clock as _, ManualClock, SystemClock};
use doorward::domain::ids::UserId;
use doorward::domain::random::SystemRandom;
use doorward::domain::session::Factor;
use doorward::services::Services;
use doorward::services::sessions::{Begun, Entrance, Proven, Visitor};
use doorward::sessions::Token;
use futures_util::StreamExt as _;
use futures_util::stream;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use super::{Site, sessions};
use crate::in_process::{self, chosen};
use crate::support::process::eventually;
use crate::support::redis::Redis;
use crate::visitor::PASSWORD;

pub(super) const IDLE: Duration = Duration::from_secs(30 * 60);

/// A node with a clock of its own, which begins at the present.
pub(super) struct Inside {
    pub(super) services: Services,
    pub(super) clock: Arc<ManualClock>,
    link: JoinHandle<()>,
    folder: Arc<TempDir>,
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.link.abort();
    }
}

impl Inside {
    /// The first node on this Redis.
    pub(super) async fn start(redis: &Redis) -> Self {
        let folder = Arc::new(tempfile::tempdir().expect("folder"));
        let clock = Arc::new(ManualClock::starting_at(SystemClock.now()));
        Self::start_on(redis, folder, clock).await
    }

    /// Another node beside this one, on the same database and with the same clock.
    pub(super) async fn beside(&self, redis: &Redis) -> Self {
        Self::start_on(redis, Arc::clone(&self.folder), Arc::clone(&self.clock)).await
    }

    async fn start_on(redis: &Redis, folder: Arc<TempDir>, clock: Arc<ManualClock>) -> Self {
        let more = format!("{}idle_timeout = \"30m\"", sessions(&redis.url()));
        let url = in_process::sqlite(folder.path());
        let system = System {
            clock: Arc::clone(&clock) as _,
            random: Arc::new(SystemRandom),
        };
        let services = in_process::services(folder.path(), &url, &more, system);
        services.database.migrate().await.expect("migrated");
        let sessions = Arc::clone(&services.sessions);
        let cache = Arc::clone(&sessions.cache);
        let link = tokio::spawn(async move { sessions.store.watch(cache).await });
        let inside = Self {
            services,
            clock,
            link,
            folder,
        };
        eventually("the link", async || {
            let is_up = inside.services.sessions.cache.is_linked();
            (is_up && inside.services.ready().await.is_ok()).then_some(())
        })
        .await;
        inside
    }

    pub(super) async fn register(&self) -> Begun {
        let email = "ann@example.com".parse().expect("an address");
        let entrance = in_process::entrance(&self.services);
        let begun = self
            .services
            .register
            .register(email, chosen(PASSWORD), entrance);
        begun.await.expect("registered")
    }

    /// Another session of somebody who has one, without the password.
    pub(super) async fn begin_again(&self, begun: &Begun, remember: bool) -> Begun {
        let proven = Proven {
            user: begun.session.user,
            epoch: begun.session.epoch,
            factors: vec![Factor::Password],
            continues: None,
        };
        let entrance = Entrance {
            remember,
            ..in_process::entrance(&self.services)
        };
        let begun = self.services.sessions.begin(proven, entrance).await;
        begun.expect("signed in")
    }

    /// A use of the session, if it is alive.
    pub(super) async fn is_alive(&self, token: Token) -> bool {
        let app = self.services.apps.iter().next().expect("an app");
        let found = self.services.sessions.find(&[token], app).await;
        matches!(found.expect("the store answers"), Visitor::Known(..))
    }

    pub(super) async fn flush(&self) -> usize {
        let written = self.services.sessions.flush_touches().await;
        written.expect("written")
    }

    pub(super) fn hits(&self) -> u64 {
        self.services.sessions.cache.stats().hits
    }
}

/// Begins sessions of this user beside a site's nodes; their cookies.
pub(super) async fn begin_many(site: &Site, user: &str, count: usize) -> Vec<String> {
    let user: UserId = user.parse().expect("an id");
    let url = format!(
        "sqlite://{}",
        site.folder.path().join("shared.db").display()
    );
    let folder = tempfile::tempdir().expect("folder");
    let more = sessions(&site.redis.url());
    let services = in_process::services(folder.path(), &url, &more, System::default());
    let begin = |_| async {
        let proven = Proven {
            user,
            epoch: 0,
            factors: vec![Factor::Password],
            continues: None,
        };
        let entrance = in_process::entrance(&services);
        let begun = services.sessions.begin(proven, entrance).await;
        format!("SESSION={}", begun.expect("begun").token.reveal())
    };
    let begun = stream::iter(0..count).map(begin).buffer_unordered(16);
    begun.collect().await
}
