//! Lines that would be written for every request while something is down, written once a second.
//!
//! Must not decide what is worth a line.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use crate::domain::clock::Timestamp;

/// How often a line may be written.
const EVERY: Duration = Duration::from_secs(1);

/// Says when a line is due.
#[derive(Debug)]
pub(crate) struct Seldom {
    /// When the last one was written, in microseconds.
    last: AtomicI64,
    left_out: AtomicU64,
}

impl Default for Seldom {
    fn default() -> Self {
        Self {
            last: AtomicI64::new(i64::MIN),
            left_out: AtomicU64::new(0),
        }
    }
}

impl Seldom {
    /// How many lines were left out before the one that is due now; nothing when none is.
    pub(crate) fn due(&self, now: Timestamp) -> Option<u64> {
        let last = self.last.load(Ordering::Relaxed);
        let since = Timestamp::from_micros(last);
        // A clock that was set back is no reason to be silent.
        let is_due = now < since || now.since(since) >= EVERY;
        let is_mine = is_due
            && self
                .last
                .compare_exchange(last, now.micros(), Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        if is_mine {
            return Some(self.left_out.swap(0, Ordering::Relaxed));
        }
        self.left_out.fetch_add(1, Ordering::Relaxed);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_a_second_says_how_many_were_left_out() {
        let lines = Seldom::default();
        let now = Timestamp::from_seconds(1_700_000_000);
        assert_eq!(lines.due(now), Some(0));
        assert_eq!(lines.due(now), None);
        assert_eq!(lines.due(now + EVERY / 2), None);
        assert_eq!(lines.due(now + EVERY), Some(2));
        assert_eq!(lines.due(now), Some(0), "a clock that was set back");
    }
}
