//! The pool as a whole: what it computes, and what bounds it.

use std::fs;
use std::sync::mpsc;
use std::time::Duration;

use futures_util::future::join_all;

use super::*;
use crate::domain::random::SystemRandom;

const CHEAP: Settings = Settings {
    memory: 64,
    iterations: 1,
    concurrency: 1,
    queue: 1,
    largest: Cost {
        memory: 2048,
        iterations: 4,
    },
};

fn given(text: &str) -> Arc<GivenPassword> {
    Arc::new(GivenPassword::parse(text.to_owned()).unwrap())
}

fn start(settings: Settings) -> Passwords {
    Passwords::start(settings, Arc::new(SystemRandom)).unwrap()
}

/// A hash of this text with other parameters, as an import would bring it.
async fn imported(text: &str, memory: u32) -> String {
    let elsewhere = start(Settings { memory, ..CHEAP });
    elsewhere.rehash(given(text)).await.unwrap()
}

/// Occupies a thread until the sender is used or dropped.
fn occupy(passwords: &Passwords) -> mpsc::Sender<()> {
    let (release, held) = mpsc::channel();
    let at_work = passwords.queue.run(1, move || {
        let _ = held.recv();
        Ok(())
    });
    // One poll puts the job on its thread; nobody waits for its end.
    let mut at_work = Box::pin(at_work);
    assert!(futures_util::FutureExt::now_or_never(&mut at_work).is_none());
    std::mem::forget(at_work);
    release
}

#[tokio::test]
async fn a_hash_matches_its_password_alone_and_every_comparison_is_one_hash() {
    let passwords = start(CHEAP);
    let hash = passwords.rehash(given("a right password")).await.unwrap();
    assert!(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{hash}");
    let compare = async |text: &str, hash: Option<&String>| {
        let comparison = passwords.compare(given(text), hash.cloned()).await.unwrap();
        assert!(!comparison.outdated);
        comparison.matches
    };
    assert!(compare("a right password", Some(&hash)).await);
    assert!(!compare("a wrong password", Some(&hash)).await);
    assert!(!compare("a wrong password", None).await);
    assert_eq!(passwords.hashes(), 4);
}

/// Made by the reference implementation.
#[tokio::test]
async fn hashes_of_other_implementations_match() {
    let passwords = start(CHEAP);
    for hash in [
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
    ] {
        let compare = |text| passwords.compare(given(text), Some(hash.to_owned()));
        assert!(compare("password").await.unwrap().matches, "{hash}");
        assert!(!compare("passwort").await.unwrap().matches, "{hash}");
    }
}

#[tokio::test]
async fn a_hash_with_lower_parameters_is_outdated() {
    let hash = imported("a right password", 64).await;
    let dearer = start(Settings {
        iterations: 2,
        ..CHEAP
    });
    let comparison = dearer.compare(given("a right password"), Some(hash)).await;
    let expected = Comparison {
        matches: true,
        outdated: true,
    };
    assert_eq!(comparison.unwrap(), expected);
}

#[tokio::test]
async fn what_is_no_hash_of_ours_is_a_failure() {
    let passwords = start(CHEAP);
    for hash in [
        "",
        "secret",
        "$2b$12$abcdefghijklmnopqrstuv",
        "$argon2id$v=19$m=64,t=1,p=1",
        "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ",
    ] {
        let compared = passwords.compare(given("a password"), Some(hash.to_owned()));
        assert!(
            matches!(compared.await, Err(HashingError::Failed(_))),
            "{hash}"
        );
    }
    assert_eq!(passwords.stats().most_memory, 0);
}

#[tokio::test]
async fn threat_32_what_does_not_fit_into_the_queue_is_refused_at_once() {
    let passwords = start(CHEAP);
    let release = occupy(&passwords);
    let mut waiting = Box::pin(passwords.compare(given("a password"), None));
    assert!(futures_util::FutureExt::now_or_never(&mut waiting).is_none());
    let refused = passwords.compare(given("a password"), None).await;
    assert!(matches!(refused, Err(HashingError::Busy)));
    let Stats {
        threads,
        busy,
        queued,
        queue,
        refused,
        ..
    } = passwords.stats();
    assert_eq!((threads, busy, queued, queue, refused), (1, 1, 1, 1, 1));
    drop(release);
    assert!(waiting.await.is_ok());
    assert!(passwords.compare(given("a password"), None).await.is_ok());
    let stats = passwords.stats();
    assert_eq!((stats.busy, stats.queued, stats.hashes), (0, 0, 2));
}

#[tokio::test]
async fn threat_32_nothing_is_hashed_for_those_who_have_gone_away() {
    let passwords = start(Settings { queue: 8, ..CHEAP });
    let release = occupy(&passwords);
    for _ in 0..20 {
        let asked = passwords.compare(given("a password"), None);
        let late = tokio::time::timeout(Duration::from_millis(1), asked).await;
        assert!(
            late.is_err(),
            "their places are free again, or this were refused"
        );
    }
    assert_eq!(passwords.stats().queued, 0);
    let waiting = passwords.compare(given("a password"), None);
    drop(release);
    assert!(waiting.await.is_ok());
    assert_eq!(passwords.hashes(), 1);
}

#[tokio::test]
async fn threat_32_hashes_never_take_more_memory_than_the_pool_has() {
    let settings = Settings {
        concurrency: 4,
        queue: 100,
        ..CHEAP
    };
    let passwords = start(settings);
    let (small, large) = (imported("small", 64).await, imported("large", 160).await);
    let jobs = (0..60).map(|number| {
        let (text, hash) = if number % 3 == 0 {
            ("large", &large)
        } else {
            ("small", &small)
        };
        passwords.compare(given(text), Some(hash.clone()))
    });
    for compared in join_all(jobs).await {
        assert!(compared.unwrap().matches);
    }
    let most = passwords.stats().most_memory;
    assert!((160..=4 * 64).contains(&most), "{most} KiB");
}

#[tokio::test]
async fn threat_32_a_hash_that_needs_more_than_all_memory_is_computed_alone() {
    let settings = Settings {
        concurrency: 2,
        queue: 100,
        ..CHEAP
    };
    let passwords = start(settings);
    let (small, huge) = (imported("small", 64).await, imported("huge", 1024).await);
    let jobs = (0..40).map(|number| {
        let (text, hash) = if number % 4 == 0 {
            ("huge", &huge)
        } else {
            ("small", &small)
        };
        passwords.compare(given(text), Some(hash.clone()))
    });
    for compared in join_all(jobs).await {
        assert!(compared.unwrap().matches);
    }
    assert_eq!(passwords.stats().most_memory, 1024);
}

#[tokio::test]
async fn threat_32_a_hash_that_costs_too_much_is_refused_before_it_takes_memory() {
    let passwords = start(CHEAP);
    let rest = "c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
    for params in [
        "m=2049,t=1,p=1",
        "m=4294967295,t=1,p=1",
        "m=64,t=4294967295,p=1",
        "m=2048,t=5,p=1",
    ] {
        let hash = format!("$argon2id$v=19${params}${rest}");
        let refused = passwords.compare(given("a password"), Some(hash)).await;
        assert!(matches!(refused, Err(HashingError::Failed(_))), "{params}");
    }
    assert_eq!((passwords.hashes(), passwords.stats().most_memory), (0, 0));
}

/// On Linux a nice value belongs to a thread. It is the 19th field of `stat`, the 17th behind the name.
#[cfg(target_os = "linux")]
#[test]
fn threat_32_hashing_threads_yield_to_all_others() {
    let passwords = start(Settings {
        concurrency: 3,
        ..CHEAP
    });
    let nice = |stat: &str| -> i32 {
        let fields = stat.rsplit_once(") ").unwrap().1;
        fields.split(' ').nth(16).unwrap().parse().unwrap()
    };
    // A thread may have ended since the folder was read.
    let stat = |task: fs::DirEntry| fs::read_to_string(task.path().join("stat")).ok();
    let yielding = || {
        let tasks = fs::read_dir("/proc/self/task").unwrap();
        let stats = tasks.filter_map(|task| stat(task.unwrap()));
        let hashing = stats.filter(|stat| stat.contains("(hashing-"));
        hashing.filter(|stat| nice(stat) == 19).count()
    };
    let own = fs::read_to_string("/proc/thread-self/stat").unwrap();
    assert!(nice(&own) < 19, "this thread goes before them");
    let mut attempts = 0..1000;
    while yielding() < passwords.stats().threads {
        assert!(attempts.next().is_some(), "{} threads", yielding());
        std::thread::sleep(Duration::from_millis(20));
    }
}
