//! Everything at once: people come and go while the stores fail at random, and what they were told stays true.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::promises::Promises;
use super::site::{
    Person, Site, Verdict, ask, entered, is_linked, post, register, sign_in, until, verify,
};
use crate::support::doorward::{Doorward, random_hex};
use crate::support::http::get;
use crate::support::process::eventually;
use crate::visitor::PASSWORD;

/// How long the stores fail.
const STORM: Duration = Duration::from_secs(15);
/// How many people there are at once.
const PEOPLE: u64 = 12;

/// Numbers that a seed decides.
pub(super) struct Dice(Cell<u64>);

impl Dice {
    /// From `DOORWARD_CHAOS_SEED`, or new; printed, so that a failure shows it.
    pub(super) fn new() -> Self {
        let given = std::env::var("DOORWARD_CHAOS_SEED").ok();
        let seed = given.unwrap_or_else(|| random_hex()[..15].to_owned());
        println!("DOORWARD_CHAOS_SEED={seed}");
        Self(Cell::new(u64::from_str_radix(&seed, 16).expect("hex") | 1))
    }

    fn split(&self, number: u64) -> Self {
        Self(Cell::new(
            (self.0.get() ^ (number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)) | 1,
        ))
    }

    /// A number below `bound`.
    pub(super) fn roll(&self, bound: u64) -> u64 {
        let mut x = self.0.get();
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        self.0.set(x);
        x % bound
    }

    pub(super) async fn pause(&self, from: u64, to: u64) {
        sleep(Duration::from_millis(from + self.roll(to - from))).await;
    }
}

/// People come and go at both nodes for [`STORM`], while `fault` breaks something and mends it, again and again. Then
/// everything comes back, and everything that was confirmed is true.
pub(super) async fn survive(site: &Site, dice: &Dice, mut fault: impl AsyncFnMut(&Dice)) {
    let (promises, begun) = (Promises::default(), Instant::now());
    let storm = async {
        while begun.elapsed() < STORM {
            dice.pause(200, 1200).await;
            fault(dice).await;
        }
    };
    let people = (0..PEOPLE).map(|number| Life::new(site, &promises, dice, number).live(begun));
    tokio::join!(storm, join_all(people));
    for node in site.nodes() {
        eventually("the link", async || is_linked(node).await.then_some(())).await;
        eventually("readiness", async || {
            let ready = get(&format!("{}/readyz", node.internal()), &[]).await;
            (ready.status == 200).then_some(())
        })
        .await;
        until(node, "a look-up", super::walk::STRANGER, &Verdict::SignIn).await;
    }
    let [accounts, sessions, ended] = promises.check(site).await;
    println!("{accounts} accounts, {sessions} sessions and {ended} ends were confirmed");
    assert!(accounts > 3 && sessions > 3 && ended > 3, "too few to tell");
    for node in site.nodes() {
        assert!(!node.log().contains("panicked"), "{}", node.log());
    }
}

/// One of those who come and go.
struct Life<'s> {
    site: &'s Site,
    promises: &'s Promises,
    dice: Dice,
    number: u64,
    /// Those who are signed in, as far as was confirmed.
    inside: RefCell<Vec<Person>>,
    accounts: RefCell<Vec<Person>>,
}

impl<'s> Life<'s> {
    fn new(site: &'s Site, promises: &'s Promises, dice: &Dice, number: u64) -> Self {
        Self {
            site,
            promises,
            dice: dice.split(number),
            number,
            inside: RefCell::default(),
            accounts: RefCell::default(),
        }
    }

    async fn live(self, begun: Instant) {
        let mut count = 0;
        while begun.elapsed() < STORM {
            count += 1;
            match self.dice.roll(10) {
                0 | 1 => self.register(count).await,
                2..=4 => self.sign_in().await,
                5 | 6 => self.sign_out().await,
                _ => self.look().await,
            }
            self.dice.pause(5, 60).await;
        }
    }

    fn node(&self) -> &Doorward {
        self.site.nodes()[usize::try_from(self.dice.roll(2)).expect("small")]
    }

    fn pick(&self, people: &RefCell<Vec<Person>>) -> Option<Person> {
        let people = people.borrow();
        let count = u64::try_from(people.len()).expect("small");
        let index = (count > 0).then(|| self.dice.roll(count))?;
        Some(people[usize::try_from(index).expect("small")].clone())
    }

    async fn register(&self, count: u32) {
        let email = format!("reader-{}-{count}@example.com", self.number);
        let answer = register(self.node(), &email).await;
        if let Some(person) = entered(&answer, &email, PASSWORD) {
            self.promises.registered(&person);
            self.accounts.borrow_mut().push(person.clone());
            self.inside.borrow_mut().push(person);
        } else {
            assert_eq!(answer.status, 503, "{}", answer.body);
        }
    }

    async fn sign_in(&self) {
        let Some(account) = self.pick(&self.accounts) else {
            return;
        };
        let answer = sign_in(self.node(), &account.email, PASSWORD).await;
        if let Some(person) = entered(&answer, &account.email, PASSWORD) {
            assert_eq!(person.id, account.id);
            self.promises.begun(&person);
            self.inside.borrow_mut().push(person);
        } else {
            assert_eq!(answer.status, 503, "{}", answer.body);
        }
    }

    async fn sign_out(&self) {
        let Some(person) = self.pick(&self.inside) else {
            return;
        };
        self.inside
            .borrow_mut()
            .retain(|p| p.cookie != person.cookie);
        self.promises.leaving(&person);
        let node = self.node();
        let answer = post(node, "/logout", &person.cookie, &json!({})).await;
        if answer.status == 200 {
            self.promises.ended(&person);
            // Where it was confirmed it counts at once; elsewhere when the link brings it, or the grace is over.
            for _ in 0..3 {
                let (verdict, _) = ask(node, "/private", &person.cookie).await;
                assert!(
                    !matches!(verdict, Verdict::Pass(_)),
                    "signed out, and let in"
                );
            }
        } else {
            assert_eq!(answer.status, 503, "{}", answer.body);
            assert!(answer.cookies().is_empty());
        }
    }

    async fn look(&self) {
        let Some(person) = self.pick(&self.inside) else {
            return;
        };
        for _ in 0..5 {
            let verdict = verify(self.node(), &person.cookie).await;
            let right = verdict == Verdict::of(&person) || verdict == Verdict::Unavailable;
            assert!(right, "{verdict:?} instead of {}", person.email);
        }
    }
}
