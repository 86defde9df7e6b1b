//! Uses of sessions that can't be written while the database is read-only or gone: they count, and are written later.

use std::sync::Arc;
use std::time::Duration;

use doorward::app::System;
use doorward::domain::clock::{ManualClock, Timestamp};
use doorward::domain::random::SystemRandom;
use doorward::services::Services;
use doorward::services::sessions::{Begun, Visitor};
use doorward::storage::sessions as rows;

use crate::in_process::{self, chosen};
use crate::support::postgres::Server;
use crate::support::process::eventually;
use crate::visitor::PASSWORD;

const NOON: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);
const MINUTE: Duration = Duration::from_secs(60);

async fn begin(services: &Services) -> Begun {
    let email = "reader@example.com".parse().expect("an address");
    let entrance = in_process::entrance(services);
    let registered = services
        .register
        .register(email, chosen(PASSWORD), entrance)
        .await;
    registered.expect("registered")
}

async fn use_it(services: &Services, begun: &Begun) {
    let app = services.apps.iter().next().expect("an app");
    let found = services.sessions.find(&[begun.token], app).await;
    assert!(matches!(found.expect("it can be read"), Visitor::Known(..)));
}

async fn last_written(services: &Services, begun: &Begun) -> Timestamp {
    let mut db = services.database.acquire().await.expect("a connection");
    let found = rows::find(&mut db, &begun.token.hash())
        .await
        .expect("read");
    found.expect("a row").last_seen_at
}

#[tokio::test]
async fn threat_21_uses_that_can_t_be_written_are_kept_and_written_later() {
    let mut server = Server::start().await;
    let url = server.database().await;
    let folder = tempfile::tempdir().expect("folder");
    let clock = Arc::new(ManualClock::starting_at(NOON));
    let system = System {
        clock: Arc::clone(&clock) as _,
        random: Arc::new(SystemRandom),
    };
    let services = in_process::services(folder.path(), &url, "", system);
    services.database.migrate().await.expect("migrated");
    let begun = begin(&services).await;

    server.set_read_only(true).await;
    clock.advance(MINUTE);
    use_it(&services, &begun).await;
    let refused = services.sessions.flush_touches().await;
    assert!(refused.is_err(), "nothing can be written");
    assert_eq!(last_written(&services, &begun).await, NOON);
    clock.advance(MINUTE);
    use_it(&services, &begun).await;
    server.stop().await;
    assert!(
        services.sessions.flush_touches().await.is_err(),
        "nobody is there"
    );
    server.start_again().await;
    assert!(
        services.sessions.flush_touches().await.is_err(),
        "still read-only"
    );
    server.set_read_only(false).await;
    let written = eventually("a write", async || {
        services.sessions.flush_touches().await.ok()
    });
    assert_eq!(written.await, 1);
    let last = last_written(&services, &begun).await;
    assert_eq!(last, NOON + 2 * MINUTE);
    assert_eq!(
        services
            .sessions
            .flush_touches()
            .await
            .expect("nothing left"),
        0
    );
}
