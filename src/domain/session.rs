//! A signed-in visit, and the rule that says whether it still counts.
//!
//! Must not know the cookie or how a session is stored.

use std::time::Duration;

use crate::domain::app::{App, Realm};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{AppId, PoolId, Role, UserId};

/// How somebody proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Factor {
    /// A password that matched.
    Password,
    /// The word of a provider of identities.
    Provider,
}

impl Factor {
    /// The word that stores keep.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Provider => "provider",
        }
    }

    /// The factor for a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let all = [Self::Password, Self::Provider];
        all.into_iter().find(|factor| factor.as_str() == word)
    }
}

/// What a live session says. Everything but `last_seen_at` stays as it was at the sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The pool whose user this is.
    pub pool: PoolId,
    /// The app it was begun at.
    pub app: AppId,
    /// Who signed in.
    pub user: UserId,
    /// The user's roles, as they are now.
    pub roles: Vec<Role>,
    /// The user's credential epoch at the sign-in: a session of an earlier epoch is dead.
    pub epoch: i64,
    /// When the record was made.
    pub created_at: Timestamp,
    /// When the factors were last proven.
    pub signed_in_at: Timestamp,
    /// When a request last used it; late by up to a minute in the store.
    pub last_seen_at: Timestamp,
    /// The end that no use puts off.
    pub expires_at: Timestamp,
    /// What was proven.
    pub factors: Vec<Factor>,
    /// Whether the visitor asked to stay signed in on this device.
    pub remembered: bool,
    /// A short description of the browser, for the list of a user's sessions.
    pub device: String,
}

#[cfg(test)]
impl Session {
    /// A session of an hour, for tests.
    pub(crate) fn sample() -> Self {
        let now = Timestamp::from_micros(1_700_000_000_123_456);
        Self {
            pool: "shop".parse().unwrap(),
            app: "shop".parse().unwrap(),
            user: UserId(uuid::Uuid::from_u128(7)),
            roles: vec!["admin".parse().unwrap()],
            epoch: 3,
            created_at: now,
            signed_in_at: now,
            last_seen_at: now,
            expires_at: now + Duration::from_secs(3600),
            factors: vec![Factor::Password],
            remembered: false,
            device: "Firefox on Linux".to_owned(),
        }
    }
}

impl Session {
    /// Whether the session has neither ended nor lain idle for too long. A remembered one may lie idle.
    #[must_use]
    pub fn is_live(&self, now: Timestamp, idle_timeout: Duration) -> bool {
        self.is_live_since(self.last_seen_at, now, idle_timeout)
    }

    /// The same for a session that is known to have been used at `seen`.
    #[must_use]
    pub fn is_live_since(&self, seen: Timestamp, now: Timestamp, idle_timeout: Duration) -> bool {
        let in_use = self.remembered || now.since(seen) < idle_timeout;
        now < self.expires_at && in_use
    }

    /// Whether the session counts at `app`: its own app, or with a shared cookie any app of its pool.
    #[must_use]
    pub fn counts_at(&self, app: &App) -> bool {
        self.pool == app.pool
            && match app.realm {
                Realm::Own => self.app == app.id,
                Realm::Shared(_) => true,
            }
    }
}
