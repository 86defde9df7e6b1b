//! What happens on a connection, noted without a clock; and what it means to whoever looks now and then.
//!
//! An answer may take as long as it takes to be made. It may not take that long to be fetched: whoever asks and then
//! takes nothing would hold a place and memory for nothing. The two are told apart by who waits for whom. A body that
//! is asked for its next piece and has none waits for an app. One that gave a piece and is not asked again waits for
//! the other end, and so does a socket that takes no more bytes. Must not look at what is sent.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::body::{Body, Frame, SizeHint};

use super::{GOOD_BYE, HEAD_TIMEOUT, STUCK_TIMEOUT};

/// What has happened so far. Written by those who serve the connection, read by who looks.
#[derive(Debug, Default)]
pub(super) struct Activity {
    /// Requests whose head was complete.
    begun: AtomicU64,
    /// Those whose answer is not sent yet.
    open: AtomicUsize,
    /// Whether anything came since.
    heard: AtomicBool,
    /// Pieces of answers that wait for the other end to make room for them.
    waiting: AtomicUsize,
    /// Pieces that do so no more.
    taken: AtomicU64,
    /// Whether the socket took nothing when it was last given something.
    full: AtomicBool,
    /// Bytes that the socket took.
    written: AtomicU64,
}

/// A request that is being answered.
#[derive(Debug)]
pub(super) struct Open {
    activity: Arc<Activity>,
    /// Whether a piece of its answer waits for the other end.
    waits: bool,
}

/// An answer's body: its request is being answered until this is sent, or given up.
#[derive(Debug)]
pub(super) struct UntilSent<B> {
    body: B,
    open: Open,
}

/// What it looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// As it should.
    Fine,
    /// Nothing was asked for too long.
    Idle,
    /// The head of a request has begun and does not come to its end, or an answer is there and is not fetched.
    Slow,
}

/// How long a connection has been quiet, for whoever looks at it now and then.
#[derive(Debug)]
pub(super) struct Quiet {
    idle: Duration,
    stuck: Duration,
    /// Whether what comes is part of a head, and what goes part of an answer. HTTP/2 has other things to say.
    heads_only: bool,
    since: Instant,
    seen: (u64, bool, u64),
    socket: Wait,
    window: Wait,
}

/// How long something has waited without getting on.
#[derive(Debug)]
struct Wait {
    since: Instant,
    /// How far it was at the last look, if anything was waiting then.
    seen: Option<u64>,
}

impl Activity {
    /// Something came.
    pub(super) fn hear(&self) {
        if !self.heard.load(Ordering::Relaxed) {
            self.heard.store(true, Ordering::Relaxed);
        }
    }

    /// The head of a request is complete.
    pub(super) fn begin(self: &Arc<Self>) -> Open {
        self.begun.fetch_add(1, Ordering::Relaxed);
        self.open.fetch_add(1, Ordering::Relaxed);
        Open {
            activity: Arc::clone(self),
            waits: false,
        }
    }

    /// The socket took so many bytes.
    pub(super) fn write(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.written.fetch_add(bytes, Ordering::Relaxed);
        if self.full.load(Ordering::Relaxed) {
            self.full.store(false, Ordering::Relaxed);
        }
    }

    /// The socket took nothing.
    pub(super) fn fill(&self) {
        self.full.store(true, Ordering::Relaxed);
    }
}

impl Open {
    /// The body of its answer.
    pub(super) fn until_sent<B>(self, body: B) -> UntilSent<B> {
        UntilSent { body, open: self }
    }

    /// A piece of its answer was given away.
    fn give(&mut self) {
        self.waits = true;
        self.activity.waiting.fetch_add(1, Ordering::Relaxed);
    }

    /// There was room for the last piece, or it is given up.
    fn taken(&mut self) {
        if self.waits {
            self.waits = false;
            self.activity.waiting.fetch_sub(1, Ordering::Relaxed);
            self.activity.taken.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.taken();
        // What came until now was the request, or its body.
        self.activity.heard.store(false, Ordering::Relaxed);
        self.activity.open.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<B: Body + Unpin> Body for UntilSent<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        // The server asks for a piece when it has got rid of the one before.
        self.open.taken();
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if matches!(&polled, Poll::Ready(Some(Ok(frame))) if frame.is_data()) {
            self.open.give();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Quiet {
    /// A connection that may be `idle` for so long. With `heads_only` whatever comes between two requests is the
    /// beginning of the next.
    pub(super) fn limits(idle: Duration, heads_only: bool, now: Instant) -> Self {
        Self {
            idle,
            stuck: STUCK_TIMEOUT,
            heads_only,
            since: now,
            seen: (0, false, 0),
            socket: Wait::from(now),
            window: Wait::from(now),
        }
    }

    /// From `now` on it is to end, and nobody is waited for any longer than for a good-bye.
    pub(super) fn hurry(&mut self, now: Instant) {
        self.idle = self.idle.min(GOOD_BYE);
        self.stuck = GOOD_BYE;
        self.since = now;
    }

    /// Looks at what has happened until `now`.
    pub(super) fn look(&mut self, activity: &Activity, now: Instant) -> Look {
        let full = activity.full.load(Ordering::Relaxed);
        if self.stuck(activity, full, now) {
            return Look::Slow;
        }
        let heard = self.heads_only && activity.heard.load(Ordering::Relaxed);
        let sent = if self.heads_only {
            activity.written.load(Ordering::Relaxed)
        } else {
            0
        };
        let state = (activity.begun.load(Ordering::Relaxed), heard, sent);
        if full || activity.open.load(Ordering::Relaxed) > 0 || state != self.seen {
            (self.since, self.seen) = (now, state);
            return Look::Fine;
        }
        let quiet = now.saturating_duration_since(self.since);
        if heard && quiet >= HEAD_TIMEOUT {
            Look::Slow
        } else if !heard && quiet >= self.idle {
            Look::Idle
        } else {
            Look::Fine
        }
    }

    /// Whether what was asked for has not been fetched for too long.
    fn stuck(&mut self, activity: &Activity, full: bool, now: Instant) -> bool {
        let written = activity.written.load(Ordering::Relaxed);
        let socket = self.socket.lasts(full, written, now);
        // Where answers go out one by one, a socket that is not full takes them.
        let waiting = !self.heads_only && activity.waiting.load(Ordering::Relaxed) > 0;
        let taken = activity.taken.load(Ordering::Relaxed);
        let window = self.window.lasts(waiting, taken, now);
        socket.max(window) >= self.stuck
    }
}

impl Wait {
    fn from(now: Instant) -> Self {
        Self {
            since: now,
            seen: None,
        }
    }

    /// How long it has lasted until `now`, if something is `waiting` and `moved` counts what gets on.
    fn lasts(&mut self, waiting: bool, moved: u64, now: Instant) -> Duration {
        let seen = waiting.then_some(moved);
        if seen.is_none() || seen != self.seen {
            (self.since, self.seen) = (now, seen);
        }
        now.saturating_duration_since(self.since)
    }
}

#[cfg(test)]
mod tests;
