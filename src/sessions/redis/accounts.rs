//! What Redis knows of accounts: one key for each user, so that a session can be judged without the database.
//!
//! The database is the authority. What is kept here was there before a change was committed, ends by itself after a day,
//! and is fetched from the database whenever it is missing. An older state never replaces a newer one.

use fred::clients::Client;
use fred::interfaces::{KeysInterface as _, LuaInterface as _};
use fred::prelude::FredResult;
use fred::types::Expiration;
use serde::{Deserialize, Serialize};
use tower_sessions_core::session_store::{Error, Result};

use super::failure::{backend, is_wrong_type, takes_no_writes};
use super::{keys, storage};
use crate::domain::ids::UserId;
use crate::storage::users::AccountState;
use crate::storage::{Database, StorageError, users};

/// How long a state is kept, in seconds: then the database is asked again.
const KEPT: i64 = 24 * 60 * 60;
/// The same for one whose change is not committed yet. If the process ends before it is, this is how long what never
/// came about can be believed. And for one that was fetched, until the database has said it twice.
const KEPT_WHILE_CHANGING: i64 = 60;
/// How often a state that disappears while it is fetched is fetched again.
const ATTEMPTS: usize = 4;

/// The end of a script that has read what is there into `kept`: it keeps what it is given, unless that has a higher
/// version. Whatever else is there is no state of ours.
macro_rules! unless_newer {
    () => {
        "
if type(kept) == 'string' then
  local readable, account = pcall(cjson.decode, kept)
  if readable and type(account) == 'table' and type(account.version) == 'number'
     and account.version > tonumber(ARGV[1]) then
    return 0
  end
end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"
    };
}

/// Keeps what it is given, unless what is there has a higher version.
const IF_NEWER: &str = concat!("local kept = redis.pcall('GET', KEYS[1])", unless_newer!());

/// Replaces what is there with what it is given, unless that is the same or has a higher version. Where nothing is there
/// nothing is kept: who needs it fetches it.
const IF_THERE: &str = concat!(
    "local kept = redis.pcall('GET', KEYS[1])
if not kept or kept == ARGV[2] then
  return 0
end",
    unless_newer!()
);

/// Keeps what is there for longer, if it is what it is given.
const IF_SAME: &str = "
if redis.pcall('GET', KEYS[1]) == ARGV[2] then
  redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
end
return 1
";

/// As it stands in Redis.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    version: i64,
    epoch: i64,
    disabled: bool,
    roles: Vec<String>,
}

/// What came of fetching a state.
enum Fetched {
    /// There is no such account.
    Nobody,
    /// Redis has it.
    Kept,
    /// Redis takes no writes for now.
    Unkept(AccountState),
}

/// Reads and writes accounts.
#[derive(Debug)]
pub(super) struct Accounts {
    /// Reads: what is read by it is heard of when it changes.
    pub(super) reader: Client,
    /// Writes.
    pub(super) writer: Client,
    /// The authority.
    pub(super) database: Database,
}

impl Accounts {
    /// The state of an account; nothing when there is no such account.
    ///
    /// It is always read by the reader in the end, so that this node hears of the next change. Where Redis takes no writes
    /// the reader has found nothing, and hears of it when anything comes to be there: before that nothing can be changed.
    pub(super) async fn state(&self, user: UserId) -> Result<Option<AccountState>> {
        for _ in 0..ATTEMPTS {
            if let Some(state) = self.kept(user).await? {
                return Ok(Some(state));
            }
            match self.fetch(user).await? {
                Fetched::Nobody => return Ok(None),
                Fetched::Unkept(state) => return Ok(Some(state)),
                Fetched::Kept => {}
            }
        }
        let reason = "what Redis knows of an account disappears as soon as it is written";
        Err(Error::Backend(reason.to_owned()))
    }

    async fn kept(&self, user: UserId) -> Result<Option<AccountState>> {
        let found = self.reader.get::<Option<Vec<u8>>, _>(keys::account(user));
        let text = match found.await {
            Ok(text) => text,
            Err(error) if is_wrong_type(&error) => {
                tracing::warn!(%user, "what Redis knows of an account is no text; it is fetched anew");
                return Ok(None);
            }
            Err(error) => return Err(backend(&error)),
        };
        let state = text.as_deref().map(|text| read(user, text));
        if matches!(state, Some(None)) {
            tracing::warn!(%user, "what Redis knows of an account can't be read; it is fetched anew");
        }
        Ok(state.flatten())
    }

    /// Fetches the state from the database.
    ///
    /// A change may be committed between the reading and the writing, and its own writing may be lost with all else in
    /// Redis, or there may be none because somebody used SQL. So the database is asked once more after the writing: what is
    /// committed later than that is also written, or heard of, later.
    async fn fetch(&self, user: UserId) -> Result<Fetched> {
        let Some(mut state) = self.authority(user).await? else {
            return Ok(Fetched::Nobody);
        };
        loop {
            // For a short while, until the second answer agrees: this may end in between.
            match self.run(IF_NEWER, &state, KEPT_WHILE_CHANGING).await {
                Ok(()) => {}
                Err(error) if takes_no_writes(&error) => return Ok(Fetched::Unkept(state)),
                Err(error) => return Err(backend(&error)),
            }
            match self.authority(user).await? {
                Some(now) if now == state => {
                    match self.run(IF_SAME, &state, KEPT).await {
                        Err(error) if !takes_no_writes(&error) => return Err(backend(&error)),
                        // What can't be kept for longer is fetched again in a minute.
                        _ => return Ok(Fetched::Kept),
                    }
                }
                Some(now) => state = now,
                None => {
                    self.forget(user).await?;
                    return Ok(Fetched::Nobody);
                }
            }
        }
    }

    async fn authority(&self, user: UserId) -> Result<Option<AccountState>> {
        let mut db = self.database.acquire().await.map_err(storage)?;
        users::state(&mut db, user).await.map_err(storage)
    }

    /// Keeps a state, unless a newer one is there.
    pub(super) async fn keep(&self, state: &AccountState) -> Result<()> {
        let kept = self.run(IF_NEWER, state, KEPT).await;
        kept.map_err(|error| backend(&error))
    }

    /// Runs a script that may keep a state for so many seconds.
    async fn run(&self, script: &str, state: &AccountState, seconds: i64) -> FredResult<()> {
        let arguments = vec![state.version.to_string(), write(state), seconds.to_string()];
        let key = keys::account(state.user);
        let done = self.writer.eval::<i64, _, _, _>(script, key, arguments);
        done.await.map(drop)
    }

    /// Has what is kept follow the database, where the account was changed, or may have been.
    pub(super) async fn follow(&self, user: UserId) -> Result<()> {
        let mut db = self.database.acquire().await.map_err(storage)?;
        let state = users::state(&mut db, user).await;
        drop(db);
        let state = match state {
            Ok(Some(state)) => state,
            Ok(None) => return self.forget(user).await,
            // Whoever asks for it is told the same, and nobody is let in. The changes behind it are not held up.
            Err(error @ StorageError::Row { .. }) => {
                tracing::warn!(%error, %user, "an account can't be read; Redis forgets what it knew of it");
                return self.forget(user).await;
            }
            Err(error) => return Err(storage(error)),
        };
        match self.run(IF_THERE, &state, KEPT).await {
            // What is not there is read from the database each time.
            Err(error) if takes_no_writes(&error) => self.forget(user).await,
            done => done.map_err(|error| backend(&error)),
        }
    }

    /// Keeps a state whose change is about to be committed. Whoever calls this holds the account's row in the database,
    /// so that no other state can be newer.
    pub(super) async fn announce(&self, state: &AccountState) -> Result<()> {
        let until = Some(Expiration::EX(KEPT_WHILE_CHANGING));
        let key = keys::account(state.user);
        let set = self
            .writer
            .set::<(), _, _>(key, write(state), until, None, false);
        set.await.map_err(|error| backend(&error))
    }

    /// The state of an account with a session of this epoch. Epochs only rise: one that is higher than Redis knows of tells
    /// that Redis has come back older than it was, and then the database is asked.
    pub(super) async fn state_at(&self, user: UserId, epoch: i64) -> Result<Option<AccountState>> {
        match self.state(user).await? {
            Some(state) if state.epoch < epoch => {
                tracing::warn!(%user, "Redis is older than the database: what it says of the account is fetched anew");
                self.forget(user).await?;
                self.state(user).await
            }
            state => Ok(state),
        }
    }

    /// Forgets a state whose change may not have been committed: the database is asked again.
    pub(super) async fn forget(&self, user: UserId) -> Result<()> {
        let deleted = self.writer.del::<i64, _>(keys::account(user)).await;
        deleted.map(drop).map_err(|error| backend(&error))
    }
}

fn write(state: &AccountState) -> String {
    let kept = Kept {
        version: state.version,
        epoch: state.epoch,
        disabled: state.disabled,
        roles: state.roles.iter().map(ToString::to_string).collect(),
    };
    // Nothing in it can fail to be written; an empty text would be no state.
    serde_json::to_string(&kept).unwrap_or_default()
}

fn read(user: UserId, text: &[u8]) -> Option<AccountState> {
    let kept: Kept = serde_json::from_slice(text).ok()?;
    let roles = kept.roles.iter().map(|role| role.parse().ok());
    Some(AccountState {
        user,
        version: kept.version,
        epoch: kept.epoch,
        disabled: kept.disabled,
        roles: roles.collect::<Option<_>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_else_is() {
        let state = AccountState {
            user: "8f14e45f-ceea-467f-a8b0-1d7d6c3f2a11".parse().unwrap(),
            version: 7,
            epoch: 3,
            disabled: true,
            roles: vec!["admin".parse().unwrap(), "editor".parse().unwrap()],
        };
        let text = write(&state);
        assert_eq!(read(state.user, text.as_bytes()), Some(state.clone()));
        for foreign in [
            "",
            "7",
            "null",
            "[]",
            r#"{"version":7,"epoch":3,"disabled":false}"#,
            r#"{"version":7,"epoch":3,"disabled":"no","roles":[]}"#,
            r#"{"version":7,"epoch":3,"disabled":false,"roles":["No Role"]}"#,
            r#"{"version":1e300,"epoch":3,"disabled":false,"roles":[]}"#,
        ] {
            assert_eq!(read(state.user, foreign.as_bytes()), None, "{foreign}");
        }
        assert_eq!(read(state.user, &[0xff, 0xfe]), None);
    }
}
