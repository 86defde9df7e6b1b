//! Many requests at once.

use futures_util::future::join_all;

use super::operator::operate;
use super::support::doorward::{Db, Doorward};
use super::support::http::{post_form, post_json};
use super::visitor::{PASSWORD, credentials, gone, registered, sign_in, who};

const EMAIL: &str = "ann@example.com";
/// All of them wait for their turn instead of being asked to come back.
const TOML: &str = "[limits]\nhashing_queue = 200";

async fn fifty_equal_registrations(database: Db) {
    let doorward = Doorward::builder()
        .toml(TOML)
        .database(database)
        .start()
        .await;
    let url = format!("{}/register", doorward.public());
    let spellings = ["ann@example.com", "Ann@Example.COM", " ann@example.com "];
    let bodies = (0..50).map(|number| credentials(spellings[number % spellings.len()]));
    let answers = join_all(bodies.map(|body| {
        let url = &url;
        async move { post_json(url, &[], &body).await }
    }))
    .await;
    let count = |status: u16| {
        answers
            .iter()
            .filter(|answer| answer.status == status)
            .count()
    };
    let statuses: Vec<_> = answers
        .iter()
        .map(|answer| answer.status.as_u16())
        .collect();
    assert_eq!((count(201), count(409)), (1, 49), "{statuses:?}");
    for answer in &answers {
        assert_eq!(answer.cookies().is_empty(), answer.status == 409);
    }
    let winner = answers
        .iter()
        .find(|answer| answer.status == 201)
        .expect("one");
    let again = sign_in(&doorward, &[], EMAIL).await;
    assert_eq!(again.json()["user_id"], winner.json()["user_id"]);
    assert!(
        who(&doorward, &winner.cookie("SESSION").pair())
            .await
            .is_some()
    );
}

#[tokio::test]
async fn threat_35_fifty_equal_registrations_make_one_account_on_sqlite() {
    fifty_equal_registrations(Db::Sqlite).await;
}

#[tokio::test]
async fn threat_35_fifty_equal_registrations_make_one_account_on_postgres() {
    fifty_equal_registrations(Db::Postgres).await;
}

#[tokio::test]
async fn threat_35_fifty_equal_forms_make_one_account() {
    let doorward = Doorward::builder().toml(TOML).start().await;
    let url = format!("{}/register", doorward.public());
    let fields = [("email", EMAIL), ("password", PASSWORD)];
    let answers = join_all((0..50).map(|_| post_form(&url, &[], &fields))).await;
    let count = |status: u16| {
        answers
            .iter()
            .filter(|answer| answer.status == status)
            .count()
    };
    assert_eq!((count(303), count(409)), (1, 49));
}

async fn many_sign_ins(database: Db) {
    let doorward = Doorward::builder()
        .toml(TOML)
        .database(database)
        .start()
        .await;
    registered(&doorward, EMAIL).await;
    let answers = join_all((0..50).map(|_| sign_in(&doorward, &[], EMAIL))).await;
    let mut cookies: Vec<_> = answers
        .iter()
        .map(|answer| answer.cookie("SESSION").pair())
        .collect();
    for cookie in &cookies {
        assert!(who(&doorward, cookie).await.is_some());
    }
    cookies.sort();
    cookies.dedup();
    assert_eq!(cookies.len(), 50, "each has an id of its own");
}

#[tokio::test]
async fn fifty_sign_ins_at_once_are_fifty_sessions_on_sqlite() {
    many_sign_ins(Db::Sqlite).await;
}

#[tokio::test]
async fn fifty_sign_ins_at_once_are_fifty_sessions_on_postgres() {
    many_sign_ins(Db::Postgres).await;
}

#[tokio::test]
async fn threat_32_beyond_the_queue_visitors_are_asked_to_come_back() {
    let toml = "[limits]\nhashing_queue = 1\nhashing_concurrency = 1";
    let doorward = Doorward::builder().toml(toml).start().await;
    let cookie = registered(&doorward, EMAIL).await;
    let url = format!("{}/login", doorward.public());
    let body = credentials(EMAIL);
    let answers = join_all((0..40).map(|_| post_json(&url, &[], &body))).await;
    let mut busy = 0;
    for answer in &answers {
        if answer.status == 503 {
            busy += 1;
            assert_eq!(answer.code(), "busy");
            assert_eq!(answer.header("retry-after"), Some("2"));
            assert!(answer.cookies().is_empty());
        } else {
            assert_eq!(answer.status, 200);
        }
    }
    assert!((1..40).contains(&busy), "{busy} of 40 were turned away");
    let fields = [("email", EMAIL), ("password", PASSWORD), ("rd", "/x")];
    let pages = join_all((0..40).map(|_| post_form(&url, &[], &fields))).await;
    let page = pages
        .iter()
        .find(|page| page.status == 503)
        .expect("a busy page");
    assert_eq!(page.header("retry-after"), Some("2"));
    assert!(
        page.body.contains(r#"name="rd" value="/x""#),
        "the form to try again with"
    );
    assert!(
        who(&doorward, &cookie).await.is_some(),
        "everybody else goes on"
    );
}

/// Whoever is deleted while signing in gets the answer of somebody who never was, and no session.
#[tokio::test]
async fn a_sign_in_that_meets_a_deletion_is_refused_and_no_failure() {
    let doorward = Doorward::builder().start().await;
    for round in 0..8 {
        let email = format!("reader-{round}@example.com");
        registered(&doorward, &email).await;
        let url = format!("{}/login", doorward.public());
        let body = credentials(&email);
        let words = ["user", "delete", &email, "--yes"];
        let (answer, ()) = tokio::join!(post_json(&url, &[], &body), operate(&doorward, &words));
        assert!(
            matches!(answer.status.as_u16(), 200 | 401),
            "{}: {}",
            answer.status,
            answer.body
        );
        if answer.status == 200 {
            gone(&doorward, &answer.cookie("SESSION").pair()).await;
        }
    }
}
