//! The storage functions, each on a fresh SQLite file and on a fresh PostgreSQL database.

mod migrations;
mod outage;
mod sessions;
mod transactions;
mod users;

use std::time::Duration;

use doorward::domain::clock::Timestamp;
use doorward::domain::email::Email;
use doorward::domain::ids::UserId;
use doorward::domain::session::{Factor, Session};
use doorward::domain::user::User;
use doorward::storage::{Database, Settings};
use tempfile::TempDir;
use uuid::Uuid;

use super::support::postgres;

/// A database of its own for one test; SQLite's folder goes with it.
struct Fresh {
    database: Database,
    url: String,
    _folder: Option<TempDir>,
}

/// One of each, with its tables.
async fn both() -> [Fresh; 2] {
    let fresh = both_empty().await;
    for one in &fresh {
        one.database.migrate().await.expect("migrated");
    }
    fresh
}

/// One of each, without tables.
async fn both_empty() -> [Fresh; 2] {
    let folder = tempfile::tempdir().expect("folder");
    let sqlite = format!(
        "sqlite://{}",
        folder.path().join("data/doorward.db").display()
    );
    let postgres = postgres::database().await;
    [(sqlite, Some(folder)), (postgres, None)].map(|(url, folder)| Fresh {
        database: open(&url),
        url,
        _folder: folder,
    })
}

fn open(url: &str) -> Database {
    Database::open(&Settings {
        url: url.into(),
        max_connections: 4,
    })
    .expect("a good URL")
}

/// A moment with microseconds, in the year 2023.
const NOON: Timestamp = Timestamp::from_micros(1_700_000_000_123_456);
const MICROSECOND: Duration = Duration::from_micros(1);
const MINUTE: Duration = Duration::from_secs(60);

/// The user with this number, in the pool `shop`.
fn user(number: u128, email: &str) -> User {
    User {
        id: UserId(Uuid::from_u128(number)),
        pool: "shop".parse().expect("an id"),
        email: Some(email.parse().expect("an address")),
        email_proven_at: None,
        roles: Vec::new(),
        disabled: false,
        created_at: NOON,
    }
}

/// The address of a user who has one.
fn address(user: &User) -> &Email {
    user.email.as_ref().expect("an address")
}

/// A session of that user that began at noon and may last an hour.
fn session(user: &User) -> Session {
    Session {
        pool: user.pool.clone(),
        app: "shop".parse().expect("an id"),
        user: user.id,
        roles: Vec::new(),
        epoch: 0,
        created_at: NOON,
        signed_in_at: NOON,
        last_seen_at: NOON,
        expires_at: NOON + 60 * MINUTE,
        factors: vec![Factor::Password],
        remembered: false,
        device: "Firefox".to_owned(),
    }
}
