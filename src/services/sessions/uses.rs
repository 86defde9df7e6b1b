//! When sessions were last used: noted while they are, written in the background.

use std::time::Duration;

use super::{Failure, Sessions, Token};
use crate::domain::clock::Timestamp;
use crate::sessions::Known;

/// How far the written use of a session may lag behind the last one that this node knows of: this part of the idle
/// timeout, and at most [`TOUCH_LAG`].
const TOUCH_PART: u32 = 20;
/// See [`TOUCH_PART`].
const TOUCH_LAG: Duration = Duration::from_secs(10);

impl Sessions {
    pub(super) fn note_use(&self, token: &Token, known: &Known, now: Timestamp) {
        let lag = (self.lifetimes.idle / TOUCH_PART).min(TOUCH_LAG);
        // What is not cached is forgotten with this request.
        if known.touch(now, lag) || !self.cache.is_linked() {
            self.touches.note(token.hash(), now);
        }
    }

    /// Writes the noted uses. What can't be written is kept for the next time.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn flush_touches(&self) -> Result<usize, Failure> {
        let mut noted = self.touches.take();
        for (id_hash, seen) in &mut noted {
            if let Some(known) = self.cache.peek(id_hash) {
                *seen = (*seen).max(known.last_seen_at());
            }
        }
        if let Err(error) = self.store.touch(&noted).await {
            self.touches.put_back(noted);
            return Err(error.into());
        }
        Ok(noted.len())
    }
}
