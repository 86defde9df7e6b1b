use super::*;
use crate::domain::clock::Timestamp;

const GRACE: Duration = Duration::from_secs(60);

fn session(user: u128) -> Session {
    Session {
        user: UserId(uuid::Uuid::from_u128(user)),
        ..Session::sample()
    }
}

const ONE: IdHash = [1; 32];
const TWO: IdHash = [2; 32];
const ALICE: u128 = 0xA11C_E000_0000_0000_0000_0000_0000_0000;
const BOB: u128 = 0xB0B0_0000_0000_0000_0000_0000_0000_0000;

/// A cache with a live link that knows session one of Alice and session two of Bob.
fn full() -> Cache {
    let cache = Cache::new(100, GRACE);
    cache.link_up();
    cache.keep(ONE, cache.stamp(), session(ALICE));
    cache.keep(TWO, cache.stamp(), session(BOB));
    cache
}

fn knows(cache: &Cache) -> [bool; 2] {
    [cache.get(&ONE).is_some(), cache.get(&TWO).is_some()]
}

#[test]
fn what_is_kept_is_found_until_it_is_forgotten() {
    let cache = full();
    assert_eq!(knows(&cache), [true, true]);
    cache.forget(&ONE);
    assert_eq!(knows(&cache), [false, true]);
    cache.forget_user(UserId(uuid::Uuid::from_u128(BOB)));
    assert_eq!(knows(&cache), [false, false]);
    let again = full();
    again.forget_all();
    assert_eq!(knows(&again), [false, false]);
}

#[test]
fn threat_18_what_was_read_before_an_invalidation_never_counts_after_it() {
    let forget: [fn(&Cache); 3] = [
        |cache| cache.forget(&ONE),
        |cache| cache.forget_user(UserId(uuid::Uuid::from_u128(ALICE))),
        Cache::forget_all,
    ];
    for forget in forget {
        let cache = Cache::new(100, GRACE);
        cache.link_up();
        let before = cache.stamp();
        forget(&cache);
        let late = cache.keep(ONE, before, session(ALICE));
        assert!(!cache.is_current(&ONE, &late));
        assert_eq!(knows(&cache), [false, false]);
        cache.keep(ONE, cache.stamp(), session(ALICE));
        assert_eq!(knows(&cache), [true, false]);
    }
}

#[test]
fn nothing_is_kept_without_a_link_and_what_was_kept_counts_for_the_grace_period() {
    let cache = full();
    cache.link_down();
    assert_eq!(cache.stats().link, LinkState::Grace);
    assert_eq!(knows(&cache), [true, true]);
    cache.forget(&ONE);
    cache.keep(ONE, cache.stamp(), session(ALICE));
    assert_eq!(knows(&cache), [false, true]);
    cache.link_up();
    assert_eq!(knows(&cache), [false, false]);
}

#[test]
fn after_the_grace_period_nothing_counts_however_often_the_link_is_said_to_be_down() {
    let cache = Cache::new(100, Duration::ZERO);
    cache.link_up();
    cache.keep(ONE, cache.stamp(), session(ALICE));
    cache.link_down();
    cache.link_down();
    assert_eq!(cache.stats().link, LinkState::Down);
    assert_eq!(knows(&cache), [false, false]);
}

#[test]
fn what_was_read_while_the_link_was_down_does_not_count_when_it_is_up() {
    let cache = Cache::new(100, GRACE);
    let stamp = cache.stamp();
    cache.link_up();
    cache.keep(ONE, stamp, session(ALICE));
    assert_eq!(knows(&cache), [false, false]);
}

#[test]
fn no_more_is_kept_than_the_capacity() {
    let cache = Cache::new(50, GRACE);
    cache.link_up();
    for number in 0..1000_u16 {
        let mut hash = [0; 32];
        for chunk in hash.chunks_mut(2) {
            chunk.copy_from_slice(&number.wrapping_mul(40_503).to_le_bytes());
        }
        cache.keep(hash, cache.stamp(), session(ALICE));
    }
    let entries = cache.stats().entries;
    assert!((1..=50).contains(&entries), "{entries}");
}

#[test]
fn a_cache_of_nothing_keeps_nothing() {
    let cache = Cache::new(0, GRACE);
    cache.link_up();
    cache.keep(ONE, cache.stamp(), session(ALICE));
    assert_eq!(knows(&cache), [false, false]);
}

#[test]
fn a_use_is_to_be_written_once_in_a_while() {
    let cache = full();
    let known = cache.get(&ONE).unwrap();
    let every = Duration::from_secs(10);
    let now = Timestamp::from_seconds(1_700_000_100);
    assert!(known.touch(now, every));
    assert!(!known.touch(now + Duration::from_secs(9), every));
    assert_eq!(known.last_seen_at(), now + Duration::from_secs(9));
    assert!(known.touch(now + Duration::from_secs(10), every));
    assert!(known.touch(now, every), "a clock that was set back");
}

#[test]
fn hits_and_misses_are_counted() {
    let cache = full();
    let _ = (cache.get(&ONE), cache.get(&TWO), cache.get(&[3; 32]));
    let stats = cache.stats();
    assert_eq!((stats.hits, stats.misses, stats.entries), (2, 1, 2));
}
