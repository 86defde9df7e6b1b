//! Two nodes on one store, and what a proxy and a visitor see of them.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::doorward::{Builder, Doorward};
use crate::support::http::{Answer, get, send};
use crate::support::process::eventually;
use crate::visitor::PASSWORD;

/// How long a node trusts what it knows, where a walk waits for the end of it.
pub(super) const GRACE: Duration = Duration::from_secs(2);
/// The longest that a question may ever take, on a machine that is busy with other tests too.
pub(super) const EVER: Duration = Duration::from_millis(1500);
/// The longest that the issue lets it take, on a machine that has time for it.
pub(super) const PROMPT: Duration = Duration::from_millis(200);

const APP: &str = r#"
[apps.app]
hosts = ["localhost", "127.0.0.1"]
rules = [
    { path = "/open/*", access = "public" },
    { path = "/maybe/*", access = "optional" },
]

[limits]
sign_in = "off"
registration = "off"
general = "off"
"#;

/// Faults happen between the store and `near`, or in the store itself.
pub(super) struct Site {
    pub(super) near: Doorward,
    pub(super) far: Doorward,
}

/// Where the nodes find their stores, and how they are set: for each the lines of `[database]` and of `[sessions]`.
pub(super) struct Wiring {
    pub(super) near: [String; 2],
    pub(super) far: [String; 2],
    pub(super) grace: Duration,
}

impl Wiring {
    /// Both nodes on one database, each by a URL of its own.
    pub(super) fn database(near: &str, far: &str) -> Self {
        let node = |url: &str| [format!("url = {url:?}"), String::new()];
        Self {
            near: node(near),
            far: node(far),
            grace: GRACE,
        }
    }

    /// Both nodes on one database and one Redis, each by URLs of its own, the database's first.
    pub(super) fn redis(near: [&str; 2], far: [&str; 2]) -> Self {
        let node = |[database, redis]: [&str; 2]| {
            let sessions = format!("store = \"redis\"\nredis_url = {redis:?}");
            [format!("url = {database:?}"), sessions]
        };
        Self {
            near: node(near),
            far: node(far),
            grace: GRACE,
        }
    }

    /// The whole configuration of a node.
    fn toml(&self, [database, sessions]: &[String; 2]) -> String {
        let grace = self.grace.as_secs();
        format!(
            "[database]\n{database}\n[sessions]\n{sessions}\noutage_grace = \"{grace}s\"\n{APP}"
        )
    }
}

impl Site {
    pub(super) async fn start(wiring: &Wiring) -> Self {
        let near = start(&wiring.toml(&wiring.near)).await;
        let far = start(&wiring.toml(&wiring.far)).await;
        Self { near, far }
    }

    pub(super) fn nodes(&self) -> [&Doorward; 2] {
        [&self.near, &self.far]
    }
}

async fn start(toml: &str) -> Doorward {
    let builder: Builder = Doorward::builder();
    builder.toml(toml).start().await
}

/// Somebody with an account and a session.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) id: String,
    pub(super) email: String,
    pub(super) password: String,
    /// The session's cookie, as the browser sends it.
    pub(super) cookie: String,
}

/// The answer to a sign-in or registration, if it succeeded.
pub(super) fn entered(answer: &Answer, email: &str, password: &str) -> Option<Person> {
    let confirmed = matches!(answer.status.as_u16(), 200 | 201);
    confirmed.then(|| Person {
        id: answer.json()["user_id"].as_str().expect("an id").to_owned(),
        email: email.to_owned(),
        password: password.to_owned(),
        cookie: answer.cookie("SESSION").pair(),
    })
}

/// Posts JSON to a page.
pub(super) async fn post(node: &Doorward, path: &str, cookie: &str, body: &Value) -> Answer {
    let url = format!("{}{path}", node.public());
    let mut headers = vec![
        ("content-type", "application/json"),
        ("accept", "application/json"),
    ];
    if !cookie.is_empty() {
        headers.push(("cookie", cookie));
    }
    send("POST", &url, &headers, body.to_string()).await
}

pub(super) async fn register(node: &Doorward, email: &str) -> Answer {
    let body = json!({ "email": email, "password": PASSWORD });
    post(node, "/register", "", &body).await
}

pub(super) async fn sign_in(node: &Doorward, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password });
    post(node, "/login", "", &body).await
}

/// Registers; it succeeds.
pub(super) async fn newcomer(node: &Doorward, email: &str) -> Person {
    let answer = register(node, email).await;
    let person = entered(&answer, email, PASSWORD);
    person.unwrap_or_else(|| panic!("{}: {}", answer.status, answer.body))
}

/// What a proxy is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// 200 for this subject.
    Pass(String),
    /// 401.
    SignIn,
    /// 503.
    Unavailable,
}

impl Verdict {
    pub(super) fn anonymous() -> Self {
        Self::Pass("anonymous".to_owned())
    }

    pub(super) fn of(person: &Person) -> Self {
        Self::Pass(person.id.clone())
    }
}

/// Asks as a proxy does about this path and cookie, and how long that took.
pub(super) async fn ask(node: &Doorward, path: &str, cookie: &str) -> (Verdict, Duration) {
    let original = format!("{}{path}", node.public());
    let mut headers = vec![("x-original-method", "GET"), ("x-original-url", &original)];
    if !cookie.is_empty() {
        headers.push(("cookie", cookie));
    }
    let url = format!("{}/verify/nginx", node.internal());
    let asked = Instant::now();
    let answer = get(&url, &headers).await;
    let took = asked.elapsed();
    assert!(answer.cookies().is_empty(), "{path}: {:?}", answer.headers);
    let subject = answer
        .header("x-userid")
        .and_then(|id| id.split('.').next());
    let verdict = match (answer.status.as_u16(), subject) {
        (200, Some(subject)) => Verdict::Pass(subject.to_owned()),
        (401, None) => Verdict::SignIn,
        (503, None) => Verdict::Unavailable,
        other => panic!("{path}: {other:?}"),
    };
    (verdict, took)
}

/// Asks about a closed path.
pub(super) async fn verify(node: &Doorward, cookie: &str) -> Verdict {
    let (verdict, took) = ask(node, "/private", cookie).await;
    assert!(took < EVER, "{verdict:?} took {took:?}");
    verdict
}

/// Asks where nothing is broken: the answer is `wanted`. A machine that is busy with other tests may take longer than a
/// proxy is let wait, which is 503; then this asks again.
pub(super) async fn finds(node: &Doorward, cookie: &str, wanted: &Verdict) {
    let answered = eventually("an answer in time", async || {
        let verdict = verify(node, cookie).await;
        (verdict != Verdict::Unavailable).then_some(verdict)
    });
    assert_eq!(&answered.await, wanted, "{cookie}");
}

/// Asks until the answer is `wanted`.
pub(super) async fn until(node: &Doorward, what: &str, cookie: &str, wanted: &Verdict) {
    let mut last = None;
    let wait = eventually(what, async || {
        last = Some(verify(node, cookie).await);
        (last.as_ref() == Some(wanted)).then_some(())
    });
    wait.await;
}

/// Whether the node hears what its store forgets.
pub(super) async fn is_linked(node: &Doorward) -> bool {
    let metrics = get(&format!("{}/metrics", node.internal()), &[]).await;
    let mut lines = metrics.body.lines();
    let value = lines.find_map(|line| line.strip_prefix("doorward_link_up{"));
    value.is_some_and(|line| line.ends_with(" 1"))
}

/// Waits until each node is linked, and this one answers for `person` from memory.
pub(super) async fn make_known(site: &Site, person: &Person) {
    for node in site.nodes() {
        eventually("the link", async || is_linked(node).await.then_some(())).await;
    }
    until(
        &site.near,
        "a session",
        &person.cookie,
        &Verdict::of(person),
    )
    .await;
    finds(&site.near, &person.cookie, &Verdict::of(person)).await;
}
