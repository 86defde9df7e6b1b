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
    seen: u64,
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
            seen: 0,
        }
    }

    /// How long it has lasted until `now`, if something is `waiting` and `moved` counts what gets on.
    fn lasts(&mut self, waiting: bool, moved: u64, now: Instant) -> Duration {
        if !waiting || moved != self.seen {
            (self.since, self.seen) = (now, moved);
        }
        now.saturating_duration_since(self.since)
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use futures_util::{StreamExt as _, stream};
    use http_body_util::{Full, StreamBody};

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

    /// Has the server ask a body for its next piece.
    fn poll<B: Body + Unpin>(body: &mut UntilSent<B>) -> bool {
        let mut nobody = Context::from_waker(Waker::noop());
        Pin::new(body).poll_frame(&mut nobody).is_ready()
    }

    #[test]
    fn threat_32_an_answer_that_nobody_fetches_ends_the_connection() {
        let mut connection = Watched::new(false);
        let open = connection.activity.begin();
        let mut body = open.until_sent(Full::new("a page"));
        assert!(poll(&mut body));
        // Neither answers to pings nor more requests are a sign that it is fetched.
        let mut looks = Vec::new();
        while looks.last() != Some(&Look::Slow) {
            assert!(looks.len() < 100, "it never ends");
            connection.activity.write(17);
            let open = connection.activity.begin();
            looks.extend(connection.looks(1));
            drop(open);
        }
        let lasted = SOON * u32::try_from(looks.len()).unwrap();
        assert_eq!(lasted, STUCK_TIMEOUT + SOON);
    }

    #[test]
    fn a_piece_that_is_fetched_gives_the_next_one_its_time() {
        let mut connection = Watched::new(false);
        let pieces = stream::iter([1, 2, 3, 4]).map(|_| Ok::<_, ()>(Frame::data(&b"piece"[..])));
        let open = connection.activity.begin();
        let mut body = open.until_sent(StreamBody::new(pieces));
        for _ in 0..4 {
            assert!(poll(&mut body));
            assert_eq!(connection.looks(14), [Look::Fine; 14]);
        }
        drop(body);
        assert_eq!(connection.end(), (Look::Idle, IDLE));
    }

    #[test]
    fn an_app_that_has_nothing_to_say_is_not_the_client_s_fault() {
        for heads_only in [true, false] {
            let mut connection = Watched::new(heads_only);
            let silence = stream::pending::<Result<Frame<&[u8]>, ()>>();
            let first = stream::iter([Ok(Frame::data(&b"first"[..]))]);
            let open = connection.activity.begin();
            let mut body = open.until_sent(StreamBody::new(first.chain(silence)));
            assert!(poll(&mut body));
            connection.activity.write(5);
            assert!(!poll(&mut body));
            assert_eq!(connection.looks(10_000), vec![Look::Fine; 10_000]);
        }
    }

    #[test]
    fn threat_32_a_socket_that_nobody_reads_ends_the_connection() {
        for heads_only in [true, false] {
            let mut connection = Watched::new(heads_only);
            let open = connection.activity.begin();
            // Slow, but it moves.
            for _ in 0..100 {
                connection.activity.write(1);
                connection.activity.fill();
                assert_eq!(connection.looks(14), [Look::Fine; 14]);
            }
            // The same once all of the answer is handed over and only the system waits for the client.
            drop(open);
            connection.activity.write(1);
            connection.activity.fill();
            assert_eq!(connection.end(), (Look::Slow, STUCK_TIMEOUT + SOON));
        }
    }

    #[test]
    fn who_is_to_end_is_waited_for_no_longer_than_for_a_good_bye() {
        let mut stuck = Watched::new(false);
        let open = stuck.activity.begin();
        let mut body = open.until_sent(Full::new("a page"));
        assert!(poll(&mut body));
        assert_eq!(stuck.looks(1), [Look::Fine]);
        stuck.quiet.hurry(stuck.now);
        let (look, after) = stuck.end();
        assert_eq!(look, Look::Slow);
        assert!(after < GOOD_BYE + SOON, "{after:?}");

        let mut idle = Watched::new(false);
        idle.quiet.hurry(idle.now);
        let (look, after) = idle.end();
        assert_eq!(look, Look::Idle);
        assert!((GOOD_BYE..GOOD_BYE + SOON).contains(&after), "{after:?}");

        let mut busy = Watched::new(true);
        let _open = busy.activity.begin();
        busy.quiet.hurry(busy.now);
        assert_eq!(busy.looks(1_000), vec![Look::Fine; 1_000]);
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
