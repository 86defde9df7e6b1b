//! One session as this node knows it: parsed once, with the latest use of it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use super::{Said, Stamp};
use crate::domain::clock::Timestamp;
use crate::domain::session::Session;

/// A session that was read from the store.
#[derive(Debug)]
pub struct Known {
    /// What the store said.
    pub session: Session,
    /// What was last signed for it.
    pub said: Said,
    stamp: Stamp,
    /// The latest use, in microseconds.
    seen: AtomicI64,
    /// The latest use that was noted to be written, in microseconds.
    noted: AtomicI64,
}

impl Known {
    pub(super) fn new(stamp: Stamp, session: Session) -> Self {
        let seen = session.last_seen_at.micros();
        Self {
            session,
            said: Said::default(),
            stamp,
            seen: AtomicI64::new(seen),
            noted: AtomicI64::new(i64::MIN),
        }
    }

    pub(super) fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// The latest use that this node knows of.
    #[must_use]
    pub fn last_seen_at(&self) -> Timestamp {
        Timestamp::from_micros(self.seen.load(Ordering::Relaxed))
    }

    /// Notes that an earlier use is known from elsewhere.
    pub fn seen_at(&self, moment: Timestamp) {
        self.seen.fetch_max(moment.micros(), Ordering::Relaxed);
    }

    /// Notes a use. Yields whether it should be written: at most once in `every`.
    #[must_use]
    pub fn touch(&self, now: Timestamp, every: Duration) -> bool {
        self.seen.store(now.micros(), Ordering::Relaxed);
        let noted = Timestamp::from_micros(self.noted.load(Ordering::Relaxed));
        // A clock that was set back is a reason to write as well.
        let due = now < noted || now.since(noted) >= every;
        if due {
            self.noted.store(now.micros(), Ordering::Relaxed);
        }
        due
    }
}
