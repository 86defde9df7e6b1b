//! What is asked while a store is slow, or a part of it hangs.

use serde_json::json;

use super::Walk;
use super::outage::unavailable;
use crate::faults::site::{EVER, PROMPT, Verdict, ask, entered, post, sign_in, until, verify};
use crate::visitor::PASSWORD;

impl Walk {
    /// Everything that the store says comes half a second late.
    pub(in crate::faults) async fn expect_slowness(&self) {
        let near = &self.site.near;
        let who = Verdict::of(&self.known);
        for person in [&self.known, &self.unknown] {
            if person.id == self.unknown.id {
                let (verdict, took) = ask(near, "/private", &person.cookie).await;
                assert_eq!(verdict, Verdict::Unavailable);
                assert!(took < EVER, "{took:?}");
                // The look-up goes on without whoever asked, and the next one who does is answered.
                until(near, "a slow session", &person.cookie, &Verdict::of(person)).await;
            }
            let mut best = EVER;
            for _ in 0..20 {
                let (verdict, took) = ask(near, "/private", &person.cookie).await;
                assert_eq!(verdict, Verdict::of(person));
                best = best.min(took);
            }
            assert!(best < PROMPT / 4, "{best:?} at best");
        }
        let mut best = EVER;
        for number in 0..8 {
            let stranger = format!("SESSION={}{number}AAA", "A".repeat(18));
            let (verdict, took) = ask(near, "/private", &stranger).await;
            assert_eq!(verdict, Verdict::Unavailable);
            best = best.min(took);
        }
        assert!(best <= PROMPT, "{best:?} at best");
        let answer = sign_in(near, &self.known.email, PASSWORD).await;
        let person = entered(&answer, &self.known.email, PASSWORD).expect("slow, and no failure");
        self.promises.begun(&person);
        assert_eq!(verify(near, &self.known.cookie).await, who);
    }

    /// Sessions can't be asked for, but the link is alive.
    pub(in crate::faults) async fn expect_locked(&self) {
        let near = &self.site.near;
        tokio::join!(self.unknown_are_503_in_time(), self.public_goes_on());
        let (leaving, nothing) = (&self.leaving.cookie, json!({}));
        tokio::join!(
            unavailable("POST /login", sign_in(near, &self.known.email, PASSWORD)),
            unavailable("POST /logout", post(near, "/logout", leaving, &nothing)),
        );
        self.promises.leaving(&self.leaving);
        assert_eq!(
            verify(near, &self.known.cookie).await,
            Verdict::of(&self.known)
        );
    }
}
