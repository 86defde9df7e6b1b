//! What people were told is done. It has to be true for ever after, whatever happened to the stores meanwhile.

use std::sync::Mutex;

use super::site::{Person, Site, Verdict, finds, sign_in, until};

#[derive(Debug, Clone)]
enum Promise {
    /// There is an account with this address and this password.
    Account(Person),
    /// This session is that person's.
    Begun(Person),
    /// This session has ended.
    Ended(Person),
}

/// Everything that was confirmed.
#[derive(Debug, Default)]
pub(super) struct Promises(Mutex<Vec<Promise>>);

impl Promises {
    fn note(&self, promise: Promise) {
        self.0.lock().expect("no panic inside").push(promise);
    }

    /// Registered, and signed in by that.
    pub(super) fn registered(&self, person: &Person) {
        self.note(Promise::Account(person.clone()));
        self.begun(person);
    }

    pub(super) fn begun(&self, person: &Person) {
        self.note(Promise::Begun(person.clone()));
    }

    /// Signing out was asked for: until it is confirmed nobody knows whether the session lives.
    pub(super) fn leaving(&self, person: &Person) {
        let mut promises = self.0.lock().expect("no panic inside");
        promises
            .retain(|promise| !matches!(promise, Promise::Begun(p) if p.cookie == person.cookie));
    }

    pub(super) fn ended(&self, person: &Person) {
        self.note(Promise::Ended(person.clone()));
    }

    /// Holds both nodes to everything, when all is well again; how much that was.
    pub(super) async fn check(&self, site: &Site) -> [usize; 3] {
        let promises = self.0.lock().expect("no panic inside").clone();
        let mut counts = [0; 3];
        for promise in &promises {
            match promise {
                Promise::Account(person) => {
                    counts[0] += 1;
                    let answer = sign_in(&site.far, &person.email, &person.password).await;
                    assert_eq!(answer.status, 200, "{}: {}", person.email, answer.body);
                    assert_eq!(answer.json()["user_id"].as_str(), Some(&*person.id));
                }
                Promise::Begun(person) => {
                    counts[1] += 1;
                    for node in site.nodes() {
                        until(
                            node,
                            "a session that was begun",
                            &person.cookie,
                            &Verdict::of(person),
                        )
                        .await;
                    }
                }
                Promise::Ended(person) => {
                    counts[2] += 1;
                    for node in site.nodes() {
                        finds(node, &person.cookie, &Verdict::SignIn).await;
                    }
                }
            }
        }
        counts
    }
}
