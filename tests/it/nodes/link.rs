//! The wire to the database: cut, silent, mended; and what was missed meanwhile.

use tokio::time::{Duration, Instant, sleep};

use super::stores::file;
use super::{Nodes, asked, became, by_hand, database};
use crate::support::postgres;
use crate::support::process::eventually;
use crate::support::relay::Relay;

const EMAIL: &str = "ann@example.com";

/// One node behind a relay, and the database's own URL.
async fn behind_relay(grace: &str) -> (Nodes, Relay, String) {
    let url = postgres::database().await;
    let relay = Relay::to(&url);
    let sessions = format!("[sessions]\noutage_grace = {grace:?}\n");
    let toml = format!("{sessions}{}", database(&relay.url(&url)));
    (Nodes::start(1, &toml).await, relay, url)
}

/// What ended while nobody could be told is over as soon as the link is up again, even within the grace period.
#[tokio::test]
async fn threat_18_what_was_missed_while_the_link_was_cut_is_forgotten() {
    let (nodes, relay, url) = behind_relay("60s").await;
    for round in 1..=3 {
        nodes
            .registered(&format!("reader-{round}@example.com"))
            .await;
        let kept = nodes
            .signed_in(&format!("reader-{round}@example.com"))
            .await;
        let ended = nodes
            .signed_in(&format!("reader-{round}@example.com"))
            .await;
        relay.cut();
        let latest = "(SELECT max(signed_in_at) FROM sessions)";
        let gone = format!("DELETE FROM sessions WHERE signed_in_at = {latest}");
        assert_eq!(by_hand(&url, &gone).await, 1);
        for _ in 0..10 {
            assert_eq!(asked(nodes.first(), "/private", &ended).await, 200);
        }
        relay.mend();
        nodes.denied(&ended).await;
        assert_eq!(asked(nodes.first(), "/private", &kept).await, 200);
    }
}

/// After the grace period nobody who was not looked up anew gets in, and nobody is signed out.
#[tokio::test]
async fn threat_21_a_node_that_is_cut_off_denies_after_the_grace_period() {
    let (nodes, relay, url) = behind_relay("1s").await;
    nodes.registered(EMAIL).await;
    let kept = nodes.signed_in(EMAIL).await;
    let ended = nodes.signed_in(EMAIL).await;
    relay.cut();
    let latest =
        "DELETE FROM sessions WHERE signed_in_at = (SELECT max(signed_in_at) FROM sessions)";
    by_hand(&url, latest).await;
    assert_eq!(asked(nodes.first(), "/private", &kept).await, 200);
    became(nodes.first(), "/private", &ended, 503).await;
    for _ in 0..5 {
        for cookie in [&kept, &ended] {
            assert_eq!(asked(nodes.first(), "/private", cookie).await, 503);
        }
        assert_eq!(asked(nodes.first(), "/open", &kept).await, 200);
    }
    relay.mend();
    eventually("the store to be found again", async || {
        let status = asked(nodes.first(), "/private", &ended).await;
        assert_ne!(status, 200, "it ended while nobody could be told");
        (status == 401).then_some(())
    })
    .await;
    became(nodes.first(), "/private", &kept, 200).await;
}

/// A link that says nothing is down a second later: here nothing counts from then on.
#[tokio::test]
async fn threat_18_a_silent_link_is_down_after_a_second() {
    let (nodes, relay, _) = behind_relay("0s").await;
    nodes.registered(EMAIL).await;
    let mut quickest = Duration::MAX;
    for _ in 0..3 {
        let cookie = nodes.signed_in(EMAIL).await;
        let began = Instant::now();
        relay.stall();
        became(nodes.first(), "/private", &cookie, 503).await;
        println!(
            "nothing counts {:?} after the link fell silent",
            began.elapsed()
        );
        quickest = quickest.min(began.elapsed());
        relay.mend();
        became(nodes.first(), "/private", &cookie, 200).await;
        eventually("the link", async || {
            let log = nodes.first().log();
            (log.matches(" is up").count() == log.matches(" is down").count() + 1).then_some(())
        })
        .await;
    }
    // The last question has waited for the store as well.
    assert!(quickest < Duration::from_millis(1300), "{quickest:?}");
}

/// Connections that fell silent for good are given up, the link's and the pool's alike.
#[tokio::test]
async fn connections_that_are_lost_are_replaced() {
    let (nodes, relay, _) = behind_relay("60s").await;
    nodes.registered(EMAIL).await;
    for round in 2..=3 {
        let cookie = nodes.signed_in(EMAIL).await;
        relay.lose();
        nodes.linked(round).await;
        let other = nodes.signed_in(EMAIL).await;
        super::scenarios::sign_out(nodes.first(), &cookie).await;
        nodes.denied(&cookie).await;
        assert_eq!(asked(nodes.first(), "/private", &other).await, 200);
    }
}

/// A server that ends every connection, as at a restart.
#[tokio::test]
async fn threat_18_a_restarted_server_is_listened_to_again() {
    let (nodes, url) = Nodes::on_postgres(2).await;
    nodes.registered(EMAIL).await;
    for times in 2..=4 {
        let cookie = nodes.signed_in(EMAIL).await;
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE datname = current_database() AND application_name = 'doorward'";
        by_hand(&url, end).await;
        nodes.linked(times).await;
        assert_eq!(asked(nodes.first(), "/private", &cookie).await, 200);
        by_hand(&url, "DELETE FROM sessions").await;
        nodes.denied(&cookie).await;
    }
    let log = nodes.first().log();
    assert_eq!(
        log.matches("the link to the database is down").count(),
        3,
        "{log}"
    );
}

/// Where nothing can be written, listening works all the same.
#[tokio::test]
async fn a_server_that_only_reads_is_listened_to() {
    let (nodes, url) = Nodes::on_postgres(1).await;
    let cookie = nodes.registered(EMAIL).await;
    let name = url
        .rsplit('/')
        .next()
        .and_then(|rest| rest.split('?').next());
    let name = name.expect("a name");
    by_hand(
        &url,
        &format!("ALTER DATABASE {name} SET default_transaction_read_only = on"),
    )
    .await;
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = current_database() AND application_name = 'doorward'";
    by_hand(&url, end).await;
    nodes.linked(2).await;
    became(nodes.first(), "/private", &cookie, 200).await;
    let writable = "BEGIN READ WRITE; DELETE FROM sessions; COMMIT";
    write_by_hand(&url, writable).await;
    nodes.denied(&cookie).await;
}

async fn write_by_hand(url: &str, statements: &str) {
    use sqlx::{Connection as _, Executor as _};
    let mut connection = sqlx::PgConnection::connect(url).await.expect("a server");
    let statements = sqlx::raw_sql(sqlx::AssertSqlSafe(statements.to_owned()));
    connection.execute(statements).await.expect("done");
    connection.close().await.expect("closed");
}

/// Rows that were taken away before they were read, and numbers that begin anew, stand for anything.
#[tokio::test]
async fn threat_18_a_gap_in_the_file_stands_for_everything() {
    let (url, _folder) = file();
    let nodes = Nodes::start(1, &database(&url)).await;
    nodes.registered(EMAIL).await;
    for statements in [
        "BEGIN; DELETE FROM sessions; DELETE FROM invalidations; COMMIT",
        "BEGIN; DELETE FROM sessions; DELETE FROM invalidations; DELETE FROM sqlite_sequence; COMMIT",
        "BEGIN; DELETE FROM sessions; UPDATE invalidations SET id_hash = x'00', user_id = NULL; COMMIT",
    ] {
        let cookie = nodes.signed_in(EMAIL).await;
        // Numbers to be missing.
        by_hand(&url, "UPDATE users SET version = version + 1").await;
        sleep(Duration::from_millis(200)).await;
        let cookie = nodes.known(cookie).await;
        by_hand(&url, statements).await;
        nodes.denied(&cookie).await;
    }
    assert_eq!(nodes.first().log().matches(" is down").count(), 0);
}

/// Without the table nothing is heard: the link is down, and what is in the database counts.
#[tokio::test]
async fn threat_18_a_file_that_can_t_be_watched_is_asked() {
    let (url, _folder) = file();
    let toml = format!("[sessions]\noutage_grace = \"0s\"\n{}", database(&url));
    let nodes = Nodes::start(1, &toml).await;
    let cookie = nodes.registered(EMAIL).await;
    let ended = nodes.signed_in(EMAIL).await;
    by_hand(
        &url,
        "PRAGMA legacy_alter_table = ON; ALTER TABLE invalidations RENAME TO mislaid",
    )
    .await;
    eventually("the link to be down", async || {
        nodes
            .first()
            .log()
            .contains("the link to the database is down")
            .then_some(())
    })
    .await;
    let delete = "DROP TRIGGER sessions_deleted; \
                  DELETE FROM sessions WHERE signed_in_at = (SELECT max(signed_in_at) FROM sessions)";
    by_hand(&url, delete).await;
    assert_eq!(asked(nodes.first(), "/private", &ended).await, 401);
    assert_eq!(asked(nodes.first(), "/private", &cookie).await, 200);
    by_hand(
        &url,
        "PRAGMA legacy_alter_table = ON; ALTER TABLE mislaid RENAME TO invalidations",
    )
    .await;
    nodes.linked(2).await;
    assert_eq!(asked(nodes.first(), "/private", &cookie).await, 200);
}
