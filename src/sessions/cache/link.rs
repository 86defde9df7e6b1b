//! Whether the store's invalidations are heard, and for how long what is kept counts without them.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const UP: u64 = u64::MAX;

/// Up, or down since a moment.
#[derive(Debug)]
pub(super) struct Link {
    began: Instant,
    grace: Duration,
    /// Until when entries count, in microseconds since `began`; [`UP`] without an end.
    trusted_until: AtomicU64,
    /// Held by those who change the state, never by those who ask.
    changing: Mutex<()>,
}

/// What is known of the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    /// What the store forgets is heard of.
    Up,
    /// It may not be; what is kept counts for a moment more.
    Grace,
    /// Nothing that is kept counts.
    Down,
}

impl Link {
    pub(super) fn new(grace: Duration) -> Self {
        Self {
            began: Instant::now(),
            grace,
            trusted_until: AtomicU64::new(0),
            changing: Mutex::new(()),
        }
    }

    pub(super) fn is_up(&self) -> bool {
        self.trusted_until.load(Ordering::SeqCst) == UP
    }

    /// Whether entries count: a clock is read only while the link is down.
    pub(super) fn is_trusted(&self) -> bool {
        match self.trusted_until.load(Ordering::SeqCst) {
            UP => true,
            until => micros(self.began.elapsed()) < until,
        }
    }

    pub(super) fn up(&self) {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        self.trusted_until.store(UP, Ordering::SeqCst);
    }

    pub(super) fn down(&self) {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_up() {
            let until = micros(self.began.elapsed() + self.grace);
            self.trusted_until.store(until, Ordering::SeqCst);
        }
    }

    pub(super) fn state(&self) -> LinkState {
        if self.is_up() {
            LinkState::Up
        } else if self.is_trusted() {
            LinkState::Grace
        } else {
            LinkState::Down
        }
    }
}

fn micros(since: Duration) -> u64 {
    u64::try_from(since.as_micros()).unwrap_or(UP - 1)
}
