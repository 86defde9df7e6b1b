use super::*;

const NOON: Timestamp = Timestamp::from_seconds(1_700_000_000);

fn second(count: u64) -> Timestamp {
    NOON + Duration::from_secs(count)
}

fn empty() -> Pair<Bucket> {
    let bucket = Bucket::empty(NOON);
    Pair {
        account: bucket,
        network: bucket,
    }
}

/// The attempts of somebody who tries again the moment it is allowed, for `seconds`: when each was made, and the bucket
/// of the account as it was left each time.
fn guess(seconds: u64) -> Vec<(Timestamp, Bucket)> {
    let (mut now, mut buckets, mut made) = (NOON, empty(), Vec::new());
    while now < second(seconds) {
        match count(buckets, now) {
            Ok(next) => {
                buckets = next;
                made.push((now, buckets.account));
            }
            Err(wait) => now = now + wait,
        }
    }
    made
}

#[test]
fn threat_29_a_network_is_slowed_by_steps_and_never_locked_out() {
    let made: Vec<_> = guess(600)
        .iter()
        .map(|(at, _)| at.since(NOON).as_secs())
        .collect();
    assert_eq!(
        made[..12],
        [0, 0, 0, 0, 0, 1, 3, 7, 15, 31, 63, 95],
        "five at once, then the steps"
    );
    for pair in made[10..].windows(2) {
        assert!(pair[1] - pair[0] <= 60, "{made:?}");
    }
    assert_eq!(made.len(), 20);
}

#[test]
fn threat_29_whoever_guesses_alone_slows_nobody_else() {
    for (at, account) in guess(24 * 3600) {
        assert_eq!(account.wait(at), Duration::ZERO, "{at:?}");
        let other = Pair {
            account,
            network: Bucket::empty(at),
        };
        assert!(count(other, at).is_ok());
    }
}

#[test]
fn threat_29_many_networks_are_slowed_together() {
    let (mut now, mut account, mut made) = (NOON, empty().account, 0);
    while now < second(3600) {
        // Each from a network that never was here before.
        let fresh = Pair {
            account,
            network: Bucket::empty(now),
        };
        match count(fresh, now) {
            Ok(next) => {
                account = next.account;
                made += 1;
            }
            Err(wait) => {
                assert!(wait <= LONGEST_WAIT);
                now = now + wait;
            }
        }
    }
    assert!((360..=420).contains(&made), "{made} in an hour");
}

#[test]
fn what_is_refused_is_not_counted_and_whoever_waits_gets_in() {
    let mut buckets = empty();
    for _ in 0..5 {
        buckets = count(buckets, NOON).unwrap();
    }
    for _ in 0..100 {
        assert_eq!(count(buckets, NOON), Err(Duration::from_secs(1)));
    }
    let almost = second(1) - Duration::from_micros(1);
    assert_eq!(count(buckets, almost), Err(Duration::from_micros(1)));
    assert!(count(buckets, second(1)).is_ok());
}

#[test]
fn attempts_leak_away() {
    let mut buckets = empty();
    for _ in 0..5 {
        buckets = count(buckets, NOON).unwrap();
    }
    assert!(!buckets.network.is_empty(second(299)) && buckets.network.is_empty(second(300)));
    let later = count(buckets, second(60)).unwrap().network;
    assert_eq!(later.wait(second(60)), Duration::from_secs(1), "one leaked");
    let later = count(buckets, second(120)).unwrap().network;
    assert_eq!(later.wait(second(120)), Duration::ZERO, "two leaked");
}

#[test]
fn what_is_given_back_leaves_nothing_behind() {
    let mut buckets = empty();
    for _ in 0..4 {
        buckets = count(buckets, NOON).unwrap();
    }
    let counted = count(buckets, NOON).unwrap().network;
    assert_ne!(counted.wait(NOON), Duration::ZERO);
    let back = counted.without(&counted, NOON, NETWORK);
    assert_eq!(back, buckets.network);
    let (now, steps) = (second(2), NETWORK);
    let later = counted.with_one_more(now, steps);
    let back = later.without(&counted, now, steps);
    assert_eq!(back.next_at, later.next_at, "a later attempt's wait stays");
    let once = Bucket::empty(NOON).with_one_more(NOON, NETWORK);
    assert!(
        once.without(&once, second(90), NETWORK)
            .is_empty(second(90))
    );
}

#[test]
fn threat_29_a_clock_that_went_wrong_locks_nobody_out() {
    let tomorrow = second(24 * 3600);
    let wrong = Bucket {
        drained_at: tomorrow,
        next_at: tomorrow,
    };
    let buckets = Pair {
        account: wrong,
        network: wrong,
    };
    let next = count(buckets, NOON).unwrap();
    for (bucket, longest) in [(next.account, 380), (next.network, 780)] {
        assert!(bucket.next_at <= second(60) && bucket.drained_at <= second(longest));
    }
}

#[test]
fn threat_30_a_key_is_of_the_mailbox_and_the_network() {
    let of = |pool: &str, email: &str, client: &str| {
        let (pool, client) = (pool.parse().unwrap(), client.parse().unwrap());
        Pair::of(&pool, &Email::parse(email).unwrap(), client)
    };
    let ann = of("shop", "ann@b\u{fc}cher.example", "192.0.2.1");
    for (email, client) in [
        (" ANN@B\u{dc}CHER.example ", "192.0.2.1"),
        ("ann@xn--bcher-kva.example", "::ffff:192.0.2.1"),
    ] {
        assert_eq!(of("shop", email, client), ann, "{email} {client}");
    }
    let ann = of("shop", "ann@example.com", "2001:db8:1:2::1");
    let same = of(
        "shop",
        "ann@example.com",
        "2001:db8:1:2:ffff:ffff:ffff:ffff",
    );
    assert_eq!(same, ann, "one /64");
    for (pool, email, client) in [
        ("shop", "ann@example.com", "2001:db8:1:3::1"),
        ("shop", "ann@example.com", "192.0.2.1"),
    ] {
        let other = of(pool, email, client);
        assert_eq!(other.account, ann.account);
        assert_ne!(other.network, ann.network, "{client}");
    }
    for (pool, email) in [("blog", "ann@example.com"), ("shop", "bob@example.com")] {
        let other = of(pool, email, "2001:db8:1:2::1");
        assert!(other.account != ann.account && other.network != ann.network);
    }
    assert_ne!(ann.account, ann.network);
}

#[test]
fn threat_29_a_clock_that_is_behind_makes_nobody_wait_for_a_free_attempt() {
    let ahead = count(empty(), second(60)).unwrap();
    assert!(count(ahead, second(1)).is_ok());
    let given_back = Pair {
        account: ahead.account.without(&ahead.account, second(60), ACCOUNT),
        network: Bucket::empty(second(60)),
    };
    assert!(count(given_back, second(1)).is_ok());
}
