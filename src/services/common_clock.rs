//! The time by which several nodes count the same things: the database's, where it has a clock of its own.
//!
//! Nodes whose clocks differ by minutes would otherwise forgive each other's attempts to sign in. The difference is found
//! out now and then; in between the own clock goes on. Must not set a clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use super::Failure;
use crate::domain::clock::{Clock, Timestamp};
use crate::storage::{Database, time};

/// An answer that took longer tells too little.
const PROMPT: Duration = Duration::from_secs(2);

/// A clock that is shown by every node alike.
#[derive(Debug)]
pub struct CommonClock {
    own: Arc<dyn Clock>,
    database: Database,
    /// How far the database is ahead, in microseconds.
    ahead: AtomicI64,
}

impl CommonClock {
    /// The own clock, until the first comparison.
    #[must_use]
    pub fn new(own: Arc<dyn Clock>, database: Database) -> Self {
        Self {
            own,
            database,
            ahead: AtomicI64::new(0),
        }
    }

    /// Asks the database what time it is. Yields by how much the own clock differs.
    ///
    /// # Errors
    ///
    /// When the database fails; what was found out before then goes on to count.
    pub async fn compare(&self) -> Result<Duration, Failure> {
        let mut db = self.database.acquire().await?;
        let asked = self.own.now();
        let Some(theirs) = time::now(&mut db).await? else {
            return Ok(Duration::ZERO);
        };
        let took = self.own.now().since(asked);
        if took <= PROMPT {
            let ours = asked + took / 2;
            let ahead = theirs.micros().saturating_sub(ours.micros());
            self.ahead.store(ahead, Ordering::Relaxed);
        }
        let micros = self.ahead.load(Ordering::Relaxed).unsigned_abs();
        Ok(Duration::from_micros(micros))
    }
}

impl Clock for CommonClock {
    fn now(&self) -> Timestamp {
        let ahead = self.ahead.load(Ordering::Relaxed);
        Timestamp::from_micros(self.own.now().micros().saturating_add(ahead))
    }
}
