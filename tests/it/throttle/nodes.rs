//! Many at once, and several nodes on one database.

use futures_util::future::join_all;

use super::*;

/// The clock stands still, so there is no second step: of a hundred guesses at once as many are compared as are free.
#[tokio::test]
async fn threat_29_a_hundred_guesses_at_once_on_two_nodes_are_one_limiter() {
    for one in Node::on_both().await {
        let two = one.twin();
        one.register(EMAIL).await;
        for email in [EMAIL, "ghost@example.com"] {
            let before = one.hashes() + two.hashes();
            let guesses = (0..100).map(|number| {
                let node = if number % 2 == 0 { &one } else { &two };
                node.attempt(email, WRONG, ELSEWHERE)
            });
            let told = join_all(guesses).await;
            let of = |expected: &Told| told.iter().filter(|told| *told == expected).count();
            assert_eq!(of(&Told::Wrong), 5, "{}: {told:?}", one.url);
            assert_eq!(of(&Told::Wait(SECOND)), 95, "{told:?}");
            assert_eq!(one.hashes() + two.hashes() - before, 5);
        }
    }
}

/// As many right ones at once as anybody likes are no guesses.
#[tokio::test]
async fn right_passwords_at_once_are_not_slowed() {
    for node in Node::on_both().await {
        node.register(EMAIL).await;
        let told = join_all((0..30).map(|_| node.attempt(EMAIL, PASSWORD, HOME))).await;
        assert!(told.iter().all(|told| *told == Told::SignedIn), "{told:?}");
    }
}

#[tokio::test]
async fn threat_29_two_nodes_share_what_they_count() {
    for one in Node::on_both().await {
        let two = one.twin();
        one.register(EMAIL).await;
        assert_eq!(one.exhaust(EMAIL, ELSEWHERE).await, (5, SECOND));
        assert_eq!(two.exhaust(EMAIL, ELSEWHERE).await, (0, SECOND));
        one.wait(SECOND);
        assert_eq!(
            two.attempt(EMAIL, PASSWORD, ELSEWHERE).await,
            Told::SignedIn
        );
        assert_eq!(one.exhaust(EMAIL, ELSEWHERE).await, (5, SECOND));
    }
}

/// By its own clock, the second node would take an hour for gone.
#[tokio::test]
async fn threat_29_nodes_whose_clocks_differ_are_one_limiter() {
    let [_, one] = Node::on_both().await;
    let two = one.twin_ahead().await;
    one.register(EMAIL).await;
    for (first, second) in [(&one, &two), (&two, &one)] {
        let (made, _) = first.exhaust(EMAIL, ELSEWHERE).await;
        assert!(made <= 6, "{made}");
        let (made, _) = second.exhaust(EMAIL, ELSEWHERE).await;
        assert!(made <= 1, "{made}");
    }
}

/// An attack from everywhere slows those that nobody knows, and no more than that.
#[tokio::test]
async fn threat_29_guesses_from_everywhere_are_slowed_together() {
    for node in Node::on_both().await {
        let owner = node.register(EMAIL).await;
        let storm = (0..60).map(|number| {
            let client = format!("2001:db8:0:{number:x}::1");
            let node = &node;
            async move { node.attempt(EMAIL, WRONG, &client).await }
        });
        let told = join_all(storm).await;
        let of = |expected: &Told| told.iter().filter(|told| *told == expected).count();
        assert_eq!((of(&Told::Wrong), of(&Told::Wait(SECOND))), (30, 30));
        let known = node.attempt_with(EMAIL, PASSWORD, HOME, &owner.devices);
        assert_eq!(
            known.await,
            Told::SignedIn,
            "a device that is known goes on"
        );
        let unknown = node.attempt(EMAIL, PASSWORD, HOME).await;
        assert_eq!(unknown, Told::Wait(SECOND));
        node.wait(SECOND);
        let unknown = node.attempt(EMAIL, PASSWORD, HOME).await;
        assert_eq!(unknown, Told::SignedIn, "whoever waits gets in");
    }
}
