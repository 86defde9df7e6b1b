//! What is asked while a node can't ask its store.

use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, sleep};

use super::{PAGE, STRANGER, Walk, refused};
use crate::faults::site::{EVER, GRACE, PROMPT, Verdict, ask, post, register, sign_in, verify};
use crate::support::http::{Answer, get, navigate};
use crate::visitor::PASSWORD;

/// A silent link is noticed this much later.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// For a machine that is busy.
const SLACK: Duration = Duration::from_secs(4);

impl Walk {
    /// `near` can't ask its store, since this moment at the earliest.
    pub(in crate::faults) async fn expect_outage(&self, since: Instant) {
        tokio::join!(
            self.known_until_the_grace_is_over(since),
            self.unknown_are_503_in_time(),
            self.public_goes_on(),
            self.pages_say_that_they_can_not(),
            self.health_says_so(),
        );
        assert_eq!(
            verify(&self.site.near, &self.known.cookie).await,
            Verdict::Unavailable
        );
    }

    async fn known_until_the_grace_is_over(&self, since: Instant) {
        let who = Verdict::of(&self.known);
        loop {
            let verdict = verify(&self.site.near, &self.known.cookie).await;
            let passed = since.elapsed();
            if passed < GRACE || verdict != Verdict::Unavailable {
                assert_eq!(verdict, who, "{passed:?} after the fault");
            }
            assert!(passed < GRACE + HEARTBEAT + SLACK, "trusted for {passed:?}");
            if verdict == Verdict::Unavailable {
                break;
            }
            sleep(Duration::from_millis(50)).await;
        }
        for _ in 0..10 {
            let verdict = verify(&self.site.near, &self.known.cookie).await;
            assert_eq!(verdict, Verdict::Unavailable, "trusted again");
            sleep(Duration::from_millis(50)).await;
        }
    }

    pub(super) async fn unknown_are_503_in_time(&self) {
        let near = &self.site.near;
        let cookies = [&*self.unknown.cookie, STRANGER];
        for (path, cookie) in [
            ("/private", cookies[0]),
            ("/private", cookies[1]),
            ("/maybe/x", cookies[0]),
        ] {
            let mut best = EVER;
            for _ in 0..8 {
                let (verdict, took) = ask(near, path, cookie).await;
                assert_eq!(verdict, Verdict::Unavailable, "{path} {cookie}");
                assert!(took < EVER, "{path} took {took:?}");
                best = best.min(took);
                sleep(Duration::from_millis(100)).await;
            }
            assert!(best <= PROMPT, "{path}: {best:?} at best");
        }
        // What can't be a session at all is not asked for.
        assert_eq!(verify(near, "SESSION=broken").await, Verdict::SignIn);
    }

    pub(super) async fn public_goes_on(&self) {
        let cookies = [&*self.known.cookie, &self.unknown.cookie, STRANGER, ""];
        for _ in 0..10 {
            for cookie in cookies {
                let (verdict, took) = ask(&self.site.near, "/open/x", cookie).await;
                assert_eq!(verdict, Verdict::anonymous());
                assert!(took < EVER, "{took:?}");
            }
            sleep(Duration::from_millis(200)).await;
        }
        let (verdict, _) = ask(&self.site.near, "/maybe/x", "").await;
        assert_eq!(verdict, Verdict::anonymous());
    }

    async fn pages_say_that_they_can_not(&self) {
        let near = &self.site.near;
        let login = format!("{}/login", near.public());
        let with_cookie = async |path: &str| {
            let url = format!("{}{path}", near.public());
            navigate(&url, &[("cookie", &self.unknown.cookie)]).await
        };
        assert_eq!(
            navigate(&login, &[]).await.status,
            200,
            "nothing to look up"
        );
        let nothing = json!({});
        // There may be an account all the same, but nobody was told so.
        let never = format!("never-{}@example.com", self.round);
        tokio::join!(
            unavailable("GET /login", with_cookie("/login")),
            unavailable("GET /account", with_cookie("/account")),
            unavailable("GET /login/session", with_cookie("/login/session")),
            unavailable("POST /login", sign_in(near, &self.known.email, PASSWORD)),
            unavailable("POST /register", register(near, &never)),
            unavailable(
                "POST /logout",
                post(near, "/logout", &self.leaving.cookie, &nothing)
            ),
        );
        // The store may hear of it yet.
        self.promises.leaving(&self.leaving);
    }

    async fn health_says_so(&self) {
        let internal = self.site.near.internal();
        let asked = async |path: &str| {
            let asked = Instant::now();
            let answer = get(&format!("{internal}/{path}"), &[]).await;
            let took = asked.elapsed();
            assert!(took < HEARTBEAT + EVER, "{path} took {took:?}");
            answer.status.as_u16()
        };
        assert_eq!(asked("healthz").await, 200);
        let began = Instant::now();
        while asked("readyz").await != 503 {
            assert!(began.elapsed() < HEARTBEAT + SLACK, "ready for ever");
            sleep(Duration::from_millis(50)).await;
        }
        for _ in 0..5 {
            assert_eq!(asked("readyz").await, 503);
            assert_eq!(asked("healthz").await, 200);
        }
    }
}

pub(super) async fn unavailable(what: &str, answer: impl Future<Output = Answer>) {
    let asked = Instant::now();
    let answer = answer.await;
    let took = asked.elapsed();
    refused(what, &answer);
    assert!(took < PAGE, "{what} took {took:?}");
}
