//! What looks like what, with a clock that the test turns.

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
    let mut body = open.until_sent(Full::new(&b"a page"[..]));
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
    let mut body = open.until_sent(Full::new(&b"a page"[..]));
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
