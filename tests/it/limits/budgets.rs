//! The four budgets: what each counts, and what is said when one is used up.

use std::time::Duration;

use tokio::time::sleep;

use super::super::support::doorward::Doorward;
use super::super::support::http::{Answer, FORM as FORM_HEADERS, get, navigate, send};
use super::super::visitor::{register, registered, sign_in};
use super::{JSON, post};

/// Each budget is one request, and none comes back while a test runs.
const ONE_EACH: &str = r#"
    [limits]
    sign_in = "1 per 1d"
    registration = "1 per 1d"
    reset = "1 per 1d"
    general = "1 per 1d"
"#;

async fn one_each() -> Doorward {
    Doorward::builder().toml(ONE_EACH).start().await
}

/// 429, with whole seconds after which to try again.
fn check_refused(answer: &Answer, what: &str) -> u64 {
    assert_eq!(answer.status, 429, "{what}: {}", answer.body);
    let wait = answer.header("retry-after").expect("when to come back");
    let wait: u64 = wait.parse().expect("whole seconds");
    assert!(wait >= 1, "{what}");
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{what}");
    assert!(answer.header("content-security-policy").is_some(), "{what}");
    assert!(answer.header("x-request-id").is_some(), "{what}");
    assert!(answer.header("x-ratelimit-after").is_none(), "{what}");
    assert!(answer.cookies().is_empty(), "{what}");
    wait
}

#[tokio::test]
async fn threat_30_each_budget_counts_its_own_requests_alone() {
    let budgets = [
        ["/login", "/login/email"],
        ["/register", "/register/email"],
        ["/login/reset", "/login/reset/anything"],
    ];
    for pair in budgets {
        for [first, second] in [pair, [pair[1], pair[0]]] {
            let doorward = one_each().await;
            assert_ne!(post(&doorward, first, JSON, "{}").await.status, 429);
            check_refused(&post(&doorward, second, JSON, "{}").await, second);
            check_refused(&post(&doorward, first, JSON, "{}").await, first);
            for other in budgets.into_iter().filter(|other| *other != pair) {
                let answer = post(&doorward, other[0], JSON, "{}").await;
                assert_ne!(answer.status, 429, "{} after {first}", other[0]);
            }
            let page = get(&format!("{}/login", doorward.public()), &[]).await;
            assert_eq!(page.status, 200, "the form after {first}");
        }
    }
}

#[tokio::test]
async fn threat_30_everything_else_is_one_budget() {
    let requests = [
        ("GET", "/login"),
        ("HEAD", "/login"),
        ("GET", "/login/email"),
        ("GET", "/login/session"),
        ("POST", "/login/assets/nothing"),
        ("GET", "/register"),
        ("HEAD", "/register"),
        ("GET", "/account"),
        ("GET", "/logout"),
        ("POST", "/logout"),
        ("PUT", "/login"),
        ("OPTIONS", "/login"),
        ("GET", "/verify/nginx"),
        ("GET", "/nothing"),
    ];
    for (method, path) in requests {
        let doorward = one_each().await;
        let ask = async |method: &str, path: &str| {
            let url = format!("{}{path}", doorward.public());
            send(method, &url, &[("accept", JSON)], "").await
        };
        assert_ne!(ask(method, path).await.status, 429, "{method} {path}");
        check_refused(&ask("GET", "/login").await, path);
        check_refused(&ask(method, path).await, path);
        let answer = post(&doorward, "/login", JSON, "{}").await;
        assert_eq!(answer.status, 400, "sign-in has a budget of its own");
    }
}

#[tokio::test]
async fn a_program_is_told_in_json_and_a_browser_on_a_page() {
    let doorward = one_each().await;
    let url = format!("{}/login", doorward.public());
    post(&doorward, "/login", JSON, "{}").await;

    let answer = post(&doorward, "/login", JSON, "{}").await;
    let wait = check_refused(&answer, "JSON");
    assert!((86_000..=86_400).contains(&wait), "{wait}");
    let problem = answer.json();
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json")
    );
    assert_eq!(problem["code"], "too_many_requests");
    assert_eq!(problem["status"], 429);
    assert_eq!(problem["title"], "Too Many Requests");
    assert_eq!(problem["retry_after"], wait);
    assert!(
        problem["detail"]
            .as_str()
            .is_some_and(|detail| detail.len() > 20)
    );
    assert_eq!(
        problem["request_id"],
        answer.header("x-request-id").unwrap()
    );

    let page = send("POST", &url, &FORM_HEADERS, "email=a&password=b").await;
    check_refused(&page, "a form");
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert!(page.body.contains("<h1>One moment, please</h1>"));
    assert!(page.body.contains("Please try again in 24 hours."));
    assert!(!page.body.contains("a@"), "nothing is repeated");

    assert_eq!(navigate(&url, &[]).await.status, 200);
    let page = navigate(&url, &[]).await;
    check_refused(&page, "a navigation");
    assert!(page.body.contains("<h1>One moment, please</h1>"));
    let head = send("HEAD", &url, &[("accept", "text/html")], "").await;
    check_refused(&head, "HEAD");
    assert!(head.body.is_empty());
}

#[tokio::test]
async fn whoever_waits_as_long_as_told_is_let_in() {
    let toml = "[limits]\nsign_in = \"3 per 6s\"\ngeneral = \"2 per 4s\"";
    let doorward = Doorward::builder().toml(toml).start().await;
    for _ in 0..3 {
        // Three pass at once, and more if the machine is slow enough for some to come back.
        let mut asked = 0;
        let refused = loop {
            asked += 1;
            assert!(asked < 1000, "it ends some time");
            let answer = post(&doorward, "/login", JSON, "{}").await;
            match answer.status.as_u16() {
                400 => {}
                _ => break answer,
            }
        };
        let wait = check_refused(&refused, "one too many");
        assert!(wait <= 2, "one comes back every two seconds: {wait}");
        sleep(Duration::from_secs(wait)).await;
        assert_eq!(post(&doorward, "/login", JSON, "{}").await.status, 400);
    }
}

#[tokio::test]
async fn off_lifts_a_limit_and_no_other() {
    let toml = "[limits]\nsign_in = \"off\"\nregistration = \"1 per 1d\"";
    let doorward = Doorward::builder().limited().toml(toml).start().await;
    for _ in 0..200 {
        assert_eq!(post(&doorward, "/login", JSON, "{}").await.status, 400);
    }
    assert_eq!(post(&doorward, "/register", JSON, "{}").await.status, 400);
    check_refused(&post(&doorward, "/register", JSON, "{}").await, "register");
}

#[tokio::test]
async fn the_limits_as_shipped_leave_room_for_an_office() {
    let doorward = Doorward::builder().limited().start().await;
    let cookie = registered(&doorward, "ann@example.com").await;
    for number in 0..10 {
        register(&doorward, &[], &format!("reader-{number}@example.com")).await;
        sign_in(&doorward, &[], "ann@example.com").await;
    }
    let session = format!("{}/login/session", doorward.public());
    for _ in 0..300 {
        assert_eq!(get(&session, &[("cookie", &cookie)]).await.status, 200);
    }
    for (path, budget, used) in [
        ("/login", 60, 10),
        ("/register", 60, 11),
        ("/login/reset", 20, 0),
    ] {
        let mut passed = used;
        while post(&doorward, path, JSON, "{}").await.status != 429 {
            passed += 1;
            assert!(passed < 10 * budget, "{path} ends some time");
        }
        assert!(passed >= budget, "{path}: {passed}");
    }
}

#[tokio::test]
async fn the_log_names_a_client_once_however_often_it_asks() {
    let doorward = one_each().await;
    for _ in 0..50 {
        post(&doorward, "/login", JSON, "{}").await;
    }
    let client = [("x-forwarded-for", "203.0.113.9")];
    for _ in 0..50 {
        get(&format!("{}/login", doorward.public()), &client).await;
    }
    let log = doorward.log();
    let lines: Vec<_> = log
        .lines()
        .filter(|line| line.contains("too many requests from one address"))
        .collect();
    assert_eq!(lines.len(), 2, "{log}");
    assert!(lines[0].contains("INFO") && lines[0].contains("sign_in"));
    assert!(lines[0].contains("client=127.0.0.1") && lines[0].contains("X-Forwarded-For"));
    assert!(lines[1].contains("general") && lines[1].contains("client=203.0.113.9"));
    assert!(!lines[1].contains("X-Forwarded-For"));
    assert_eq!(log.matches("INFO request").count(), 2, "{log}");
}
