//! Beginning, finding and ending sessions.
//!
//! Finding is a pure read: a use is only noted in memory and written later. Must not know cookies.

use std::sync::Arc;
use std::time::Duration;

use tower_sessions_core::SessionStore;

use super::Failure;
use crate::domain::app::App;
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::ids::{AppId, PoolId, UserId};
use crate::domain::random::Random;
use crate::domain::session::{Factor, Session};
use crate::sessions::{Touches, from_record, to_record};
use crate::storage::sessions::{IdHash, Listed};
use crate::storage::{Database, sessions as rows, users};

pub use crate::sessions::Token;

/// The most cookie values of one request that are looked up.
pub const MAX_CANDIDATES: usize = 4;

/// How often noted uses are written: a session's at most once in this time.
pub const TOUCH_EVERY: Duration = Duration::from_secs(60);

/// How long sessions last.
#[derive(Debug, Clone, Copy)]
pub struct Lifetimes {
    /// A session that is not remembered ends after this long without a use.
    pub idle: Duration,
    /// Every session ends after this long.
    pub absolute: Duration,
}

/// Sessions of all pools.
#[derive(Debug)]
pub struct Sessions {
    /// Where they are kept.
    pub store: Arc<dyn SessionStore>,
    /// The database that lists them by user.
    pub database: Database,
    /// Uses that wait to be written.
    pub touches: Touches,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where new ids come from.
    pub random: Arc<dyn Random>,
    /// How long they last.
    pub lifetimes: Lifetimes,
}

/// Where and how somebody enters.
#[derive(Debug)]
pub struct Entrance {
    /// The pool of the account.
    pub pool: PoolId,
    /// The app that is signed in to.
    pub app: AppId,
    /// The browser, for lists of sessions.
    pub device: String,
    /// Stay signed in on this device.
    pub remember: bool,
    /// The sessions that this browser came with: they end.
    pub previous: Vec<Token>,
}

/// Who enters, after every factor was proven.
#[derive(Debug)]
pub struct Proven {
    /// The user.
    pub user: UserId,
    /// The user's epoch when the factors were compared: a change since then kills the session.
    pub epoch: i64,
    /// What was proven.
    pub factors: Vec<Factor>,
}

/// A session that has just begun.
#[derive(Debug)]
pub struct Begun {
    /// The secret for the cookie.
    pub token: Token,
    /// What the session says.
    pub session: Session,
}

/// Who the cookies of a request belong to.
#[derive(Debug)]
pub enum Visitor {
    /// No live session.
    Nobody,
    /// One live session.
    Known(Token, Box<Session>),
    /// Two live sessions at once: whose request it is can't be told.
    Conflicting,
}

impl Visitor {
    /// The session, where exactly one is live.
    #[must_use]
    pub fn session(&self) -> Option<&Session> {
        match self {
            Self::Known(_, session) => Some(session),
            Self::Nobody | Self::Conflicting => None,
        }
    }
}

impl Sessions {
    /// Begins a session under a new id, and ends those that the browser came with.
    ///
    /// # Errors
    ///
    /// When the store fails.
    pub async fn begin(&self, proven: Proven, entrance: Entrance) -> Result<Begun, Failure> {
        for previous in entrance.previous {
            self.revoke(previous).await?;
        }
        let now = self.clock.now();
        let session = Session {
            pool: entrance.pool,
            app: entrance.app,
            user: proven.user,
            roles: Vec::new(),
            epoch: proven.epoch,
            created_at: now,
            signed_in_at: now,
            last_seen_at: now,
            expires_at: now + self.lifetimes.absolute,
            factors: proven.factors,
            remembered: entrance.remember,
            device: entrance.device,
        };
        let mut record = to_record(Token::generate(self.random.as_ref())?, &session);
        self.store.create(&mut record).await?;
        Ok(Begun {
            token: record.id.into(),
            session,
        })
    }

    /// Who the candidates, the values of one request's session cookies, belong to at `app`.
    ///
    /// # Errors
    ///
    /// When the store fails: that is not the same as nobody.
    pub async fn find(&self, candidates: &[Token], app: &App) -> Result<Visitor, Failure> {
        let mut found = Visitor::Nobody;
        for token in candidates.iter().take(MAX_CANDIDATES) {
            let Some(session) = self
                .live(*token)
                .await?
                .filter(|session| session.counts_at(app))
            else {
                continue;
            };
            if matches!(found, Visitor::Known(..)) {
                return Ok(Visitor::Conflicting);
            }
            found = Visitor::Known(*token, Box::new(session));
        }
        if let Visitor::Known(token, _) = &found {
            self.touches.note(token.hash(), self.clock.now());
        }
        Ok(found)
    }

    async fn live(&self, token: Token) -> Result<Option<Session>, Failure> {
        let Some(mut session) = self.store.load(&token.id()).await?.and_then(from_record) else {
            return Ok(None);
        };
        if let Some(seen) = self.touches.last(&token.hash()) {
            session.last_seen_at = session.last_seen_at.max(seen);
        }
        Ok(session
            .is_live(self.clock.now(), self.lifetimes.idle)
            .then_some(session))
    }

    /// When a session ends if it is not used again.
    #[must_use]
    pub fn ends_at(&self, session: &Session) -> Timestamp {
        if session.remembered {
            session.expires_at
        } else {
            session
                .expires_at
                .min(session.last_seen_at + self.lifetimes.idle)
        }
    }

    /// Ends the session with this id; nothing happens when there is none.
    ///
    /// # Errors
    ///
    /// When the store fails: the session may then still be alive.
    pub async fn revoke(&self, token: Token) -> Result<(), Failure> {
        Ok(self.store.delete(&token.id()).await?)
    }

    /// Ends a session by the hash of its id, as operators name it.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn revoke_by_hash(&self, id_hash: &IdHash) -> Result<bool, Failure> {
        let mut db = self.database.acquire().await?;
        Ok(rows::delete(&mut db, id_hash).await?)
    }

    /// Ends every session of a user, those that are being begun at this moment too.
    ///
    /// # Errors
    ///
    /// When the database fails; then none has ended.
    pub async fn revoke_all(&self, user: UserId) -> Result<u64, Failure> {
        let mut db = self.database.begin().await?;
        users::raise_epoch(&mut db, user).await?;
        let ended = rows::delete_of_user(&mut db, user).await?;
        db.commit().await?;
        Ok(ended)
    }

    /// The live sessions of a user, the latest first.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn of_user(&self, user: UserId) -> Result<Vec<Listed>, Failure> {
        let mut db = self.database.acquire().await?;
        let mut listed = rows::of_user(&mut db, user).await?;
        let now = self.clock.now();
        listed.retain(|entry| entry.session.is_live(now, self.lifetimes.idle));
        Ok(listed)
    }

    /// Writes the noted uses. What can't be written is kept for the next time.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn flush_touches(&self) -> Result<usize, Failure> {
        let noted = self.touches.take();
        let outcome = self.write_touches(&noted).await;
        if outcome.is_err() {
            self.touches.put_back(noted);
            return outcome.map(|()| 0);
        }
        Ok(noted.len())
    }

    async fn write_touches(&self, noted: &[(IdHash, Timestamp)]) -> Result<(), Failure> {
        for batch in noted.chunks(500) {
            let mut db = self.database.begin().await?;
            for (id_hash, seen) in batch {
                rows::touch(&mut db, id_hash, *seen).await?;
            }
            db.commit().await?;
        }
        Ok(())
    }

    /// Deletes sessions that have ended. One that lies idle is kept a little longer than it lives: a use of it may be
    /// noted and not yet written, here or on another node.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn sweep(&self) -> Result<u64, Failure> {
        let now = self.clock.now();
        let idle_since = now - self.lifetimes.idle - 2 * TOUCH_EVERY;
        let mut db = self.database.acquire().await?;
        Ok(rows::delete_ended(&mut db, now, idle_since).await?)
    }
}
