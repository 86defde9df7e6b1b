//! What is asked while a store can be read and not written.

use serde_json::json;

use super::{STRANGER, Walk, is_ready, refused};
use crate::faults::site::{Verdict, entered, finds, post, register, sign_in, until};
use crate::support::process::eventually;
use crate::visitor::PASSWORD;

/// What a store that can still be read refuses to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::faults) enum Refuses {
    Everything,
    /// Whatever needs more room; a sign-out may need none.
    Growth,
    /// Sessions can be read and accounts can't be.
    Database,
}

impl Walk {
    /// The store can be read and not written.
    pub(in crate::faults) async fn expect_reading_only(&self, refuses: Refuses) {
        let near = &self.site.near;
        for person in [&self.known, &self.unknown, &self.leaving] {
            until(near, "a session", &person.cookie, &Verdict::of(person)).await;
        }
        finds(near, STRANGER, &Verdict::SignIn).await;
        self.filled_up(refuses).await;
        let answer = register(near, "never@example.com").await;
        if let Some(person) = entered(&answer, "never@example.com", PASSWORD) {
            assert_eq!(refuses, Refuses::Growth);
            self.promises.registered(&person);
        } else {
            refused("POST /register", &answer);
        }
        self.promises.leaving(&self.leaving);
        let answer = post(near, "/logout", &self.leaving.cookie, &json!({})).await;
        if answer.status == 200 {
            assert_ne!(refuses, Refuses::Everything);
            self.promises.ended(&self.leaving);
            finds(near, &self.leaving.cookie, &Verdict::SignIn).await;
        } else {
            refused("POST /logout", &answer);
            if refuses == Refuses::Everything {
                until(
                    near,
                    "who stays",
                    &self.leaving.cookie,
                    &Verdict::of(&self.leaving),
                )
                .await;
                self.promises.begun(&self.leaving);
            }
        }
        for person in [&self.known, &self.unknown] {
            finds(near, &person.cookie, &Verdict::of(person)).await;
        }
        let ready = refuses != Refuses::Database;
        eventually("readiness", async || {
            (is_ready(near).await == ready).then_some(())
        })
        .await;
    }

    /// Signs in until that is refused.
    async fn filled_up(&self, refuses: Refuses) {
        for _ in 0..200 {
            let answer = sign_in(&self.site.near, &self.known.email, PASSWORD).await;
            let Some(person) = entered(&answer, &self.known.email, PASSWORD) else {
                return refused("POST /login", &answer);
            };
            assert_eq!(refuses, Refuses::Growth);
            self.promises.begun(&person);
        }
        panic!("200 sessions were written to a store that is full");
    }
}
