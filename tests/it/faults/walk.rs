//! What is asked before, during and after every fault, whatever broke.

mod outage;
mod slow;
mod writes;

use std::time::Duration;

use serde_json::json;

use super::promises::Promises;
use super::site::{
    Person, Site, Verdict, Wiring, ask, entered, finds, is_linked, make_known, newcomer, post,
    sign_in, until,
};
use crate::support::doorward::Doorward;
use crate::support::http::{Answer, get};
use crate::support::process::eventually;
pub(super) use writes::Refuses;

/// Well-formed, and nobody's.
pub(super) const STRANGER: &str = "SESSION=AAAAAAAAAAAAAAAAAAAAAA";
/// How long a page may take to say that it can't.
pub(super) const PAGE: Duration = Duration::from_secs(15);

pub(super) struct Walk {
    pub(super) site: Site,
    pub(super) promises: Promises,
    /// Answered for by `near` from memory.
    pub(super) known: Person,
    /// Never seen by `near`.
    unknown: Person,
    /// Never seen by `near` either; wants to sign out.
    leaving: Person,
    /// How often everything was mended.
    round: u32,
}

impl Walk {
    pub(super) async fn begin(wiring: &Wiring) -> Self {
        let site = Site::start(wiring).await;
        let promises = Promises::default();
        let known = newcomer(&site.near, "known@example.com").await;
        let unknown = newcomer(&site.far, "unknown@example.com").await;
        let leaving = newcomer(&site.far, "leaving@example.com").await;
        let gone = newcomer(&site.near, "gone@example.com").await;
        for person in [&known, &unknown, &leaving, &gone] {
            promises.registered(person);
        }
        make_known(&site, &known).await;
        for person in [&unknown, &leaving] {
            let there = Verdict::of(person);
            until(&site.far, "a session", &person.cookie, &there).await;
        }
        promises.leaving(&gone);
        let answer = post(&site.far, "/logout", &gone.cookie, &json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        promises.ended(&gone);
        until(&site.near, "a sign-out", &gone.cookie, &Verdict::SignIn).await;
        Self {
            site,
            promises,
            known,
            unknown,
            leaving,
            round: 0,
        }
    }

    /// Everything is as before, without a restart.
    pub(super) async fn expect_recovery(&mut self) {
        let Self { site, known, .. } = &*self;
        for node in site.nodes() {
            eventually("readiness", async || is_ready(node).await.then_some(())).await;
            eventually("the link", async || is_linked(node).await.then_some(())).await;
        }
        for person in [known, &self.unknown] {
            until(
                &site.near,
                "a session",
                &person.cookie,
                &Verdict::of(person),
            )
            .await;
        }
        until(&site.near, "a look-up", STRANGER, &Verdict::SignIn).await;
        let (verdict, _) = ask(&site.near, "/maybe/x", STRANGER).await;
        assert_eq!(verdict, Verdict::anonymous());
        self.revocations_are_heard().await;
        let late = format!("late-{}@example.com", self.round);
        self.promises.registered(&newcomer(&site.near, &late).await);
        // Whoever was told that it failed can try again.
        let answer = post(&site.near, "/logout", &self.leaving.cookie, &json!({})).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        self.promises.leaving(&self.leaving);
        self.promises.ended(&self.leaving);
        self.promises.check(site).await;
        for node in site.nodes() {
            assert!(!node.log().contains("panicked"), "{}", node.log());
        }
        self.unknown = self.enters_far(&self.unknown).await;
        self.leaving = self.enters_far(&self.leaving).await;
        self.round += 1;
    }

    /// Somebody's new session, which `near` has never seen.
    async fn enters_far(&self, person: &Person) -> Person {
        let answer = sign_in(&self.site.far, &person.email, &person.password).await;
        let person = entered(&answer, &person.email, &person.password);
        let person = person.unwrap_or_else(|| panic!("{}: {}", answer.status, answer.body));
        self.promises.begun(&person);
        until(
            &self.site.far,
            "a session",
            &person.cookie,
            &Verdict::of(&person),
        )
        .await;
        person
    }

    async fn revocations_are_heard(&self) {
        let Self { site, known, .. } = self;
        for (here, there) in [(&site.near, &site.far), (&site.far, &site.near)] {
            let answer = sign_in(here, &known.email, &known.password).await;
            let person = entered(&answer, &known.email, &known.password);
            let person = person.unwrap_or_else(|| panic!("{}: {}", answer.status, answer.body));
            until(there, "a session", &person.cookie, &Verdict::of(&person)).await;
            finds(there, &person.cookie, &Verdict::of(&person)).await;
            let answer = post(here, "/logout", &person.cookie, &json!({})).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            finds(here, &person.cookie, &Verdict::SignIn).await;
            until(there, "a sign-out", &person.cookie, &Verdict::SignIn).await;
            self.promises.ended(&person);
        }
    }
}

async fn is_ready(node: &Doorward) -> bool {
    let url = format!("{}/readyz", node.internal());
    get(&url, &[]).await.status == 200
}

/// 503 that says when to come back, and takes nothing from the browser.
#[track_caller]
pub(super) fn refused(what: &str, answer: &Answer) {
    assert_eq!(answer.status, 503, "{what}: {}", answer.body);
    let retry: u32 = answer
        .header("retry-after")
        .expect(what)
        .parse()
        .expect(what);
    assert!(retry > 0, "{what}");
    assert!(answer.cookies().is_empty(), "{what}: {:?}", answer.headers);
}
