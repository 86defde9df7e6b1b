//! What happens on a connection, noted without a clock; and what it means to whoever looks now and then.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use hyper::body::{Body, Frame, SizeHint};

use super::HEAD_TIMEOUT;

/// What has happened so far. Written by those who serve the connection, read by who looks.
#[derive(Debug, Default)]
pub(super) struct Activity {
    /// Requests whose head was complete.
    begun: AtomicU64,
    /// Those whose answer is not sent yet.
    open: AtomicUsize,
    /// Whether anything came since.
    heard: AtomicBool,
}

/// A request that is being answered.
#[derive(Debug)]
pub(super) struct Open(Arc<Activity>);

/// An answer's body: its request is being answered until this is sent, or given up.
#[derive(Debug)]
pub(super) struct UntilSent<B> {
    body: B,
    _open: Open,
}

/// What it looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// As it should.
    Fine,
    /// Nothing was asked for too long.
    Idle,
    /// The head of a request has begun and does not come to its end.
    Slow,
}

/// How long a connection has been quiet, for whoever looks at it now and then.
#[derive(Debug)]
pub(super) struct Quiet {
    idle: Duration,
    /// Whether what comes is part of a head. HTTP/2 has other things to say.
    heads_only: bool,
    since: Instant,
    seen: (u64, bool),
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
        Open(Arc::clone(self))
    }
}

impl Open {
    /// The body of its answer.
    pub(super) fn until_sent<B>(self, body: B) -> UntilSent<B> {
        UntilSent { body, _open: self }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        // What came until now was the request, or its body.
        self.0.heard.store(false, Ordering::Relaxed);
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<B: Body + Unpin> Body for UntilSent<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
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
            heads_only,
            since: now,
            seen: (0, false),
        }
    }

    /// Looks at what has happened until `now`.
    pub(super) fn look(&mut self, activity: &Activity, now: Instant) -> Look {
        let heard = self.heads_only && activity.heard.load(Ordering::Relaxed);
        let state = (activity.begun.load(Ordering::Relaxed), heard);
        if activity.open.load(Ordering::Relaxed) > 0 || state != self.seen {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: Duration = Duration::from_secs(3600);
    const SOON: Duration = Duration::from_secs(2);

    struct Watched {
        activity: Arc<Activity>,
        quiet: Quiet,
        now: Instant,
    }

    impl Watched {
        fn new(heads_only: bool) -> Self {
            let now = Instant::now();
            Self {
                activity: Arc::default(),
                quiet: Quiet::limits(IDLE, heads_only, now),
                now,
            }
        }

        /// How it looks at each of this many looks.
        fn looks(&mut self, count: usize) -> Vec<Look> {
            let look = |_| {
                self.now += SOON;
                self.quiet.look(&self.activity, self.now)
            };
            (0..count).map(look).collect()
        }

        /// The first look that is not fine, and how long it took until then.
        fn end(&mut self) -> (Look, Duration) {
            let began = self.now;
            loop {
                match self.looks(1)[0] {
                    Look::Fine => assert!(self.now - began < 3 * IDLE, "it never ends"),
                    look => return (look, self.now - began),
                }
            }
        }
    }

    #[test]
    fn a_connection_may_be_idle_for_long_and_a_head_may_not() {
        let mut idle = Watched::new(true);
        assert_eq!(idle.end(), (Look::Idle, IDLE));
        let mut slow = Watched::new(true);
        slow.activity.hear();
        assert_eq!(slow.end(), (Look::Slow, HEAD_TIMEOUT + SOON));
        let mut trickling = Watched::new(true);
        let looks: Vec<_> = (0..7)
            .flat_map(|_| {
                trickling.activity.hear();
                trickling.looks(1)
            })
            .collect();
        assert_eq!(looks.last(), Some(&Look::Slow), "{looks:?}");
    }

    #[test]
    fn an_answer_may_take_as_long_as_it_takes() {
        let mut connection = Watched::new(true);
        connection.activity.hear();
        let open = connection.activity.begin();
        let body = open.until_sent(());
        assert_eq!(connection.looks(10_000), vec![Look::Fine; 10_000]);
        // What comes meanwhile is the request's body, or waits until it is this one's turn.
        connection.activity.hear();
        drop(body);
        assert_eq!(connection.end(), (Look::Idle, IDLE + SOON));
    }

    #[test]
    fn requests_between_two_looks_count_although_all_is_quiet_again() {
        let mut connection = Watched::new(true);
        for _ in 0..10_000 {
            connection.activity.hear();
            drop(connection.activity.begin());
            assert_eq!(connection.looks(1), [Look::Fine]);
        }
        assert_eq!(connection.end(), (Look::Idle, IDLE));
    }

    #[test]
    fn answers_to_pings_are_no_requests() {
        let mut connection = Watched::new(false);
        let mut looks = Vec::new();
        while !looks.contains(&Look::Idle) {
            connection.activity.hear();
            looks = connection.looks(100);
            assert!(!looks.contains(&Look::Slow));
        }
    }
}
