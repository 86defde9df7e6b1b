//! Changes in a SQLite file: what triggers write into `invalidations`.
//!
//! SQLite tells nobody anything, but a cheap question says whether another connection has committed since the last one:
//! `PRAGMA data_version` reads a counter in shared memory. Only then is the table read.

use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, SqliteConnection};
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::{Change, user, within};
use crate::storage::Result;

/// How often the counter is looked at.
const EVERY: Duration = Duration::from_millis(25);
/// How long the file may be locked, and how long an answer may take at all.
const LOCKED: Duration = Duration::from_millis(500);
/// See [`LOCKED`].
const PATIENCE: Duration = Duration::from_millis(900);
/// How many rows are read at once.
const BATCH: usize = 1000;

/// A connection that looks at the table.
#[derive(Debug)]
pub(in crate::storage) struct SqliteChanges {
    connection: SqliteConnection,
    ticks: Interval,
    /// The counter when the table was last read.
    version: i64,
    /// The number of the last row that was read.
    last: i64,
}

/// A row: its number, and a session or a user.
type Row = (i64, Option<Vec<u8>>, Option<Vec<u8>>);

impl SqliteChanges {
    /// Connects; what happens from now on is told.
    pub(in crate::storage) async fn open(options: SqliteConnectOptions) -> Result<Self> {
        let options = options.create_if_missing(false).busy_timeout(LOCKED);
        let opening = async {
            let mut connection = SqliteConnection::connect_with(&options).await?;
            let version = version(&mut connection).await?;
            let last = head(&mut connection).await?;
            Ok::<_, sqlx::Error>((connection, version, last))
        };
        let (connection, version, last) = within(PATIENCE, opening).await?;
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Self {
            connection,
            ticks,
            version,
            last,
        })
    }

    pub(super) async fn next(&mut self) -> Result<Vec<Change>> {
        loop {
            self.ticks.tick().await;
            // Before the table: what is committed while that is read changes it again.
            let version = within(PATIENCE, version(&mut self.connection)).await?;
            if version == self.version {
                continue;
            }
            self.version = version;
            let changes = within(PATIENCE, self.read()).await?;
            if !changes.is_empty() {
                return Ok(changes);
            }
        }
    }

    /// The rows since the last one. Numbers that are missing, or that went back, stand for anything.
    async fn read(&mut self) -> sqlx::Result<Vec<Change>> {
        let head = head(&mut self.connection).await?;
        let mut changes = Vec::new();
        if head < self.last {
            changes.push(Change::Everything);
            self.last = head;
        }
        loop {
            let rows = self.rows().await?;
            let is_end = rows.len() < BATCH;
            for (seq, id_hash, user_id) in rows {
                let is_next = seq == self.last.saturating_add(1);
                let change = change(id_hash, user_id).filter(|_| is_next);
                changes.push(change.unwrap_or(Change::Everything));
                self.last = seq;
            }
            if is_end {
                break;
            }
        }
        if self.last < head {
            changes.push(Change::Everything);
            self.last = head;
        }
        Ok(changes)
    }

    async fn rows(&mut self) -> sqlx::Result<Vec<Row>> {
        sqlx::query_as(
            "SELECT seq, id_hash, user_id FROM invalidations WHERE seq > $1 ORDER BY seq LIMIT $2",
        )
        .bind(self.last)
        .bind(i64::try_from(BATCH).unwrap_or(i64::MAX))
        .fetch_all(&mut self.connection)
        .await
    }
}

fn change(id_hash: Option<Vec<u8>>, user_id: Option<Vec<u8>>) -> Option<Change> {
    match (id_hash, user_id) {
        (Some(id_hash), None) => id_hash.try_into().ok().map(Change::Session),
        (None, Some(user_id)) => user(&user_id).map(Change::User),
        _ => None,
    }
}

/// A number that changes when another connection commits something.
async fn version(connection: &mut SqliteConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar("PRAGMA data_version")
        .fetch_one(connection)
        .await
}

/// The number of the latest row ever written.
async fn head(connection: &mut SqliteConnection) -> sqlx::Result<i64> {
    let latest = sqlx::query_scalar("SELECT seq FROM sqlite_sequence WHERE name = 'invalidations'")
        .fetch_optional(connection)
        .await?;
    Ok(latest.unwrap_or(0))
}
