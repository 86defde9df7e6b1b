//! The steps, on each database.

use futures_util::future::join_all;

use super::*;

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn threat_29_guesses_are_slowed_by_steps_up_to_a_minute_and_never_locked_out() {
    for node in Node::on_both().await {
        node.register(EMAIL).await;
        assert_eq!(node.exhaust(EMAIL, ELSEWHERE).await, (5, SECOND));
        for seconds in [2, 4, 8, 16, 32, 32, 60, 60] {
            let Told::Wait(wait) = node.attempt(EMAIL, WRONG, ELSEWHERE).await else {
                panic!("before {seconds}")
            };
            node.wait(wait - Duration::from_micros(1));
            let early = node.attempt(EMAIL, WRONG, ELSEWHERE).await;
            assert_eq!(early, Told::Wait(Duration::from_micros(1)));
            node.wait(Duration::from_micros(1));
            assert_eq!(node.attempt(EMAIL, WRONG, ELSEWHERE).await, Told::Wrong);
            let Told::Wait(wait) = node.attempt(EMAIL, WRONG, ELSEWHERE).await else {
                panic!("{seconds}")
            };
            assert_eq!(wait, Duration::from_secs(seconds));
        }
        node.wait(MINUTE);
        assert_eq!(
            node.attempt(EMAIL, PASSWORD, ELSEWHERE).await,
            Told::SignedIn
        );
    }
}

#[tokio::test]
async fn threat_28_an_address_that_nobody_has_is_slowed_like_any_other() {
    for node in Node::on_both().await {
        node.register(EMAIL).await;
        let mut courses = Vec::new();
        for email in [EMAIL, "ghost@example.com"] {
            let (before, mut course) = (node.hashes(), Vec::new());
            for _ in 0..12 {
                course.push(node.attempt(email, WRONG, ELSEWHERE).await);
                if let Some(Told::Wait(wait)) = course.last() {
                    node.wait(*wait);
                }
            }
            courses.push((course, node.hashes() - before));
        }
        assert_eq!(courses[0], courses[1]);
        let compared = courses[0].0.iter().filter(|told| **told == Told::Wrong);
        let compared = u64::try_from(compared.count()).expect("few");
        assert_eq!(courses[0].1, compared, "who has to wait costs no hash");
    }
}

#[tokio::test]
async fn threat_29_whoever_guesses_alone_does_not_slow_the_owner() {
    for node in Node::on_both().await {
        node.register(EMAIL).await;
        for _ in 0..20 {
            let (_, wait) = node.exhaust(EMAIL, ELSEWHERE).await;
            assert_eq!(node.attempt(EMAIL, PASSWORD, HOME).await, Told::SignedIn);
            assert_eq!(node.attempt(EMAIL, WRONG, HOME).await, Told::Wrong);
            assert_eq!(node.attempt(EMAIL, PASSWORD, HOME).await, Told::SignedIn);
            let still = node.attempt(EMAIL, WRONG, ELSEWHERE).await;
            assert_eq!(
                still,
                Told::Wait(wait),
                "the owner's success helps nobody else"
            );
            node.wait(wait);
        }
    }
}

#[tokio::test]
async fn threat_29_other_accounts_are_not_slowed() {
    let node = Node::on_sqlite().await;
    node.register(EMAIL).await;
    for number in 0..20 {
        let email = format!("reader-{number}@example.com");
        assert_eq!(node.exhaust(&email, ELSEWHERE).await.0, 5);
    }
    assert_eq!(
        node.attempt(EMAIL, PASSWORD, ELSEWHERE).await,
        Told::SignedIn
    );
}

#[tokio::test]
async fn a_success_clears_what_was_mistyped_before_it() {
    for node in Node::on_both().await {
        node.register(EMAIL).await;
        for _ in 0..4 {
            for _ in 0..4 {
                assert_eq!(node.attempt(EMAIL, WRONG, HOME).await, Told::Wrong);
            }
            assert_eq!(node.attempt(EMAIL, PASSWORD, HOME).await, Told::SignedIn);
        }
        node.wait(MINUTE * 4);
        assert_eq!(node.exhaust(EMAIL, HOME).await, (5, SECOND));
    }
}

#[tokio::test]
async fn threat_30_every_spelling_of_a_mailbox_and_a_network_is_one() {
    for node in Node::on_both().await {
        let spellings = [
            ("ann@b\u{fc}cher.example", "2001:db8:1:2::1"),
            (" ANN@B\u{dc}CHER.example ", "2001:db8:1:2:ffff::"),
            ("Ann@xn--bcher-kva.example", "2001:db8:1:2:0:1:2:3"),
        ];
        for number in 0..5 {
            let (email, client) = spellings[number % spellings.len()];
            assert_eq!(node.attempt(email, WRONG, client).await, Told::Wrong);
        }
        for (email, client) in spellings {
            let told = node.attempt(email, WRONG, client).await;
            assert_eq!(told, Told::Wait(SECOND), "{email} {client}");
        }
        let neighbour = node.attempt(spellings[0].0, WRONG, "2001:db8:1:3::1").await;
        assert_eq!(neighbour, Told::Wrong);
    }
}

/// Whoever was not let onto the hashing pool has guessed nothing.
#[tokio::test]
async fn an_attempt_that_found_no_room_is_given_back() {
    let folder = tempfile::tempdir().expect("folder");
    let url = in_process::sqlite(folder.path());
    let narrow = "[limits]\nhashing_concurrency = 1\nhashing_queue = 1";
    let node = Node::on(folder, url, narrow).await;
    let emails: Vec<_> = (0..6).map(|n| format!("reader-{n}@example.com")).collect();
    let storm = (0..18).map(|n| node.attempt(&emails[n % emails.len()], WRONG, HOME));
    let told = join_all(storm).await;
    assert!(told.contains(&Told::Busy), "{told:?}");
    for (at, email) in emails.iter().enumerate() {
        let made = told.iter().skip(at).step_by(emails.len());
        let made = made.filter(|told| **told == Told::Wrong).count();
        let left = node.exhaust(email, HOME).await.0;
        assert_eq!(made + usize::try_from(left).expect("few"), 5, "{email}");
    }
    let all: Vec<_> = told.iter().filter(|told| **told == Told::Wrong).collect();
    assert!(all.len() < 18, "{told:?}");
}

#[tokio::test]
async fn what_has_leaked_away_is_swept() {
    for node in Node::on_both().await {
        node.attempt(EMAIL, WRONG, HOME).await;
        let throttle = &node.services.throttle;
        assert_eq!(throttle.sweep().await.expect("swept"), 0);
        node.wait(Duration::from_secs(10));
        assert_eq!(throttle.sweep().await.expect("swept"), 1, "the account's");
        node.wait(Duration::from_secs(50));
        assert_eq!(throttle.sweep().await.expect("swept"), 1, "the network's");
        node.register(EMAIL).await;
        assert_eq!(node.attempt(EMAIL, PASSWORD, HOME).await, Told::SignedIn);
        assert_eq!(throttle.sweep().await.expect("swept"), 0, "nothing stays");
    }
}
