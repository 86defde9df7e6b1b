//! Beginning, finding and ending sessions.
//!
//! Finding is a pure read: a use is only noted in memory and written later. Must not know cookies.

mod changes;
mod uses;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::Failure;
use crate::domain::app::App;
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::device::DeviceToken;
use crate::domain::ids::{AppId, PoolId, UserId};
use crate::domain::random::Random;
use crate::domain::session::{Factor, Session};
use crate::sessions::{Cache, Known, Loader, Store, Touches, to_record, watch};
use crate::storage::sessions::{IdHash, Listed};
use crate::storage::{Database, sessions as rows};

pub use crate::sessions::Token;
pub use crate::sessions::cache::LinkState;

/// The most cookie values of one request that are looked up.
pub const MAX_CANDIDATES: usize = 4;

/// How often noted uses are written: a session's at most once in this time.
pub const TOUCH_EVERY: Duration = Duration::from_secs(60);

/// How many ended sessions one statement deletes.
const SWEEP_AT_ONCE: i64 = 5000;

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
    pub store: Arc<dyn Store>,
    /// Those that this node knows.
    pub cache: Arc<Cache>,
    /// Reads those that it does not.
    pub loader: Loader,
    /// The database that lists them by user.
    pub database: Database,
    /// Uses that wait to be written.
    pub touches: Touches,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What time it is for all nodes: a clock that is wrong on one may not delete what counts on the others.
    pub common_clock: Arc<dyn Clock>,
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
    /// Where the request came from.
    pub client: IpAddr,
    /// The device tokens that this browser came with.
    pub devices: Vec<DeviceToken>,
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
    /// The session that goes on under a new id, where nothing was proven anew: it lasts no longer than it would have.
    pub continues: Option<Session>,
}

/// A session that has just begun.
#[derive(Debug)]
pub struct Begun {
    /// The secret for the cookie.
    pub token: Token,
    /// What the session says.
    pub session: Session,
    /// The device tokens for the browser to keep; with none it keeps what it has.
    pub devices: Vec<DeviceToken>,
}

/// Who the cookies of a request belong to.
#[derive(Debug)]
pub enum Visitor {
    /// No live session.
    Nobody,
    /// One live session.
    Known(Token, Arc<Known>),
    /// Two live sessions at once: whose request it is can't be told.
    Conflicting,
}

impl Visitor {
    /// When the session was last used, as far as this node knows.
    #[must_use]
    pub fn last_seen_at(&self) -> Option<Timestamp> {
        match self {
            Self::Known(_, known) => Some(known.last_seen_at()),
            Self::Nobody | Self::Conflicting => None,
        }
    }

    /// The session, where exactly one is live.
    #[must_use]
    pub fn session(&self) -> Option<&Session> {
        match self {
            Self::Known(_, known) => Some(&known.session),
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
        let (signed_in_at, expires_at) = match &proven.continues {
            Some(session) => (session.signed_in_at, session.expires_at),
            None => (now, now + self.lifetimes.absolute),
        };
        let session = Session {
            pool: entrance.pool,
            app: entrance.app,
            user: proven.user,
            roles: Vec::new(),
            epoch: proven.epoch,
            created_at: now,
            signed_in_at,
            last_seen_at: now,
            expires_at,
            factors: proven.factors,
            remembered: entrance.remember,
            device: entrance.device,
        };
        let mut record = to_record(Token::generate(self.random.as_ref())?, &session);
        self.store.create(&mut record).await?;
        Ok(Begun {
            token: record.id.into(),
            session,
            devices: Vec::new(),
        })
    }

    /// Who the candidates, the values of one request's session cookies, belong to at `app`.
    ///
    /// # Errors
    ///
    /// When the store fails: that is not the same as nobody.
    pub async fn find(&self, candidates: &[Token], app: &App) -> Result<Visitor, Failure> {
        let mut found = Visitor::Nobody;
        let now = self.clock.now();
        for token in candidates.iter().take(MAX_CANDIDATES) {
            let live = self.live(*token, now).await?;
            let Some(known) = live.filter(|known| known.session.counts_at(app)) else {
                continue;
            };
            if matches!(found, Visitor::Known(..)) {
                return Ok(Visitor::Conflicting);
            }
            found = Visitor::Known(*token, known);
        }
        if let Visitor::Known(token, known) = &found {
            self.note_use(token, known, now);
        }
        Ok(found)
    }

    async fn live(&self, token: Token, now: Timestamp) -> Result<Option<Arc<Known>>, Failure> {
        let id_hash = token.hash();
        // One that lay idle here may have been used at another node, which only the store knows.
        if let Some(known) = self.cache.get(&id_hash)
            && self.is_live(&known, now)
        {
            return Ok(Some(known));
        }
        let Some(known) = self.loader.load(token).await? else {
            return Ok(None);
        };
        if let Some(seen) = self.touches.last(&id_hash) {
            known.seen_at(seen);
        }
        Ok(self.is_live(&known, now).then_some(known))
    }

    fn is_live(&self, known: &Known, now: Timestamp) -> bool {
        let seen = known.last_seen_at();
        known.session.is_live_since(seen, now, self.lifetimes.idle)
    }

    /// When a session that was last used at `seen` ends if it is not used again.
    #[must_use]
    pub fn ends_at(&self, session: &Session, seen: Timestamp) -> Timestamp {
        if session.remembered {
            session.expires_at
        } else {
            session.expires_at.min(seen + self.lifetimes.idle)
        }
    }

    /// Ends the session with this id; nothing happens when there is none.
    ///
    /// # Errors
    ///
    /// When the store fails: the session may then still be alive.
    pub async fn revoke(&self, token: Token) -> Result<(), Failure> {
        self.store.delete(&token.id()).await?;
        self.cache.forget(&token.hash());
        Ok(())
    }

    /// Ends a session by the hash of its id, as operators name it.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn revoke_by_hash(&self, id_hash: &IdHash) -> Result<bool, Failure> {
        let ended = self.store.delete_by_hash(id_hash).await?;
        self.cache.forget(id_hash);
        Ok(ended)
    }

    /// Hears what ends sessions anywhere, for as long as this is polled.
    pub async fn keep_coherent(&self) {
        watch(self.store.as_ref(), &self.cache).await;
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

    /// Deletes sessions that have ended. One that lies idle is kept a little longer than it lives: a use of it may be
    /// noted and not yet written, here or on another node.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn sweep(&self) -> Result<u64, Failure> {
        let now = self.common_clock.now();
        let idle_since = now - self.lifetimes.idle - 2 * TOUCH_EVERY;
        let mut deleted = 0;
        loop {
            // A few at a time: nobody else waits long, and no statement takes too long.
            let mut db = self.database.acquire().await?;
            let ended = rows::delete_ended(&mut db, now, idle_since, SWEEP_AT_ONCE).await?;
            deleted += ended;
            if ended < SWEEP_AT_ONCE.unsigned_abs() {
                return Ok(deleted);
            }
        }
    }
}
