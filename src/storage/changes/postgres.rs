//! Changes in PostgreSQL: what triggers `NOTIFY` on a channel.
//!
//! A notification arrives after the commit that it tells of. A connection that only seems to listen, behind a pooler that
//! lends one server to many, is found out at the start: another connection says a word that this one has to hear.

use std::io::ErrorKind;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sqlx::{Connection as _, PgConnection};
use tokio::time::timeout;
use uuid::Uuid;

use super::{Change, user, within};
use crate::storage::{Result, StorageError};

const CHANNEL: &str = "doorward_changes";
/// How long the link may say nothing before it is asked, and then how long the answer may take.
const QUIET: Duration = Duration::from_millis(250);
/// See [`QUIET`].
const PATIENCE: Duration = Duration::from_millis(700);
/// How long connecting and beginning to listen may take.
const OPENING: Duration = Duration::from_secs(5);

/// A connection that listens.
#[derive(Debug)]
pub(in crate::storage) struct PostgresChanges(PgListener);

impl PostgresChanges {
    /// Connects, listens, and makes sure that it hears `word`, which nobody else says.
    pub(in crate::storage) async fn open(options: PgConnectOptions, word: Uuid) -> Result<Self> {
        let opening = async {
            let mut listening = Self(listen(&options).await?);
            // The first question is the slowest one; later ones have to be quick.
            listening.check().await?;
            let word = format!("?{}", word.simple());
            say(&options, &word).await?;
            Ok::<_, StorageError>((listening, word))
        };
        let (mut listening, word) = within(OPENING, opening).await?;
        // Nothing was asked since it was said, and nothing is: a pooler would have to pass it on by itself.
        match within(PATIENCE, listening.hear(&word)).await {
            Ok(()) => Ok(listening),
            Err(StorageError::Silent) => Err(StorageError::Unheard),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn next(&mut self) -> Result<Vec<Change>> {
        loop {
            let Ok(heard) = timeout(QUIET, self.0.try_recv()).await else {
                within(PATIENCE, self.check()).await?;
                continue;
            };
            let Some(notification) = heard? else {
                return Err(lost().into());
            };
            let changes = read(notification.payload());
            if !changes.is_empty() {
                return Ok(changes);
            }
        }
    }

    /// Whether the server answers and knows that this connection listens.
    async fn check(&mut self) -> Result<()> {
        let listening = sqlx::query_scalar::<_, bool>(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_listening_channels() AS channel WHERE channel = $1)",
        )
        .bind(CHANNEL);
        match listening.fetch_one(&mut self.0).await? {
            true => Ok(()),
            false => Err(StorageError::Unheard),
        }
    }

    /// Waits for a word.
    async fn hear(&mut self, word: &str) -> sqlx::Result<()> {
        while self.0.try_recv().await?.ok_or_else(lost)?.payload() != word {}
        Ok(())
    }
}

async fn listen(options: &PgConnectOptions) -> sqlx::Result<PgListener> {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_lazy_with(options.clone());
    let mut listener = PgListener::connect_with(&pool).await?;
    // What was said before it has reconnected would be lost without a trace.
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

/// Says a word to all who listen, from a connection of its own.
async fn say(options: &PgConnectOptions, word: &str) -> sqlx::Result<()> {
    let mut speaker = PgConnection::connect_with(options).await?;
    sqlx::query("SELECT pg_catalog.pg_notify($1, $2)")
        .bind(CHANNEL)
        .bind(word)
        .execute(&mut speaker)
        .await?;
    speaker.close().await
}

fn lost() -> sqlx::Error {
    sqlx::Error::Io(ErrorKind::ConnectionAborted.into())
}

/// What a payload tells. One that can't be read, of a later version perhaps, may concern anything.
fn read(payload: &str) -> Vec<Change> {
    if payload.starts_with('?') {
        return Vec::new();
    }
    let changes = payload
        .split_at_checked(1)
        .and_then(|(kind, ids)| match kind {
            "s" => each::<32>(ids, |id| id.try_into().ok().map(Change::Session)),
            "u" => each::<16>(ids, |id| user(id).map(Change::User)),
            _ => None,
        });
    changes.unwrap_or_else(|| vec![Change::Everything])
}

/// Ids of a length, in hex, one behind the other.
fn each<const LENGTH: usize>(
    ids: &str,
    read: impl Fn(&[u8]) -> Option<Change>,
) -> Option<Vec<Change>> {
    let bytes = hex::decode(ids).ok().filter(|bytes| !bytes.is_empty())?;
    bytes.chunks(LENGTH).map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::UserId;

    #[test]
    fn a_payload_names_sessions_or_users() {
        let (one, two) = ("01".repeat(32), "02".repeat(32));
        assert_eq!(
            read(&format!("s{one}{two}")),
            [Change::Session([1; 32]), Change::Session([2; 32])]
        );
        let (ann, bob) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(
            read(&format!("u{}{}", ann.simple(), bob.simple())),
            [ann, bob].map(|id| Change::User(UserId(id)))
        );
    }

    #[test]
    fn a_word_of_a_starting_node_tells_nothing() {
        assert_eq!(read("?"), []);
        assert_eq!(read(&format!("?{}", Uuid::from_u128(1).simple())), []);
    }

    #[test]
    fn threat_18_what_can_t_be_read_may_be_anything() {
        let cut = format!("s{}", "01".repeat(33));
        let short = format!("u{}", "01".repeat(15));
        for payload in ["*", "", "s", "u", "x", "sxyz", "é", "s0", &cut, &short] {
            assert_eq!(read(payload), [Change::Everything], "{payload}");
        }
    }
}
