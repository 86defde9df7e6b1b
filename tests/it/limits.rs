//! What keeps the work bounded. Input that is too long, too deep or of the wrong kind (THREATS 31) gets an answer with a
//! reason, and never a 500; whoever asks too often (THREATS 5 and 30) is asked to come back, and so is everybody while too
//! many passwords are being hashed (THREATS 32).

mod bodies;
mod budgets;
mod clients;
mod escapes;
mod fields;
mod hashing;
mod unlimited;

use serde_json::{Value, json};

use super::support::doorward::Doorward;
use super::support::http::{Answer, send};

const ROUTES: [&str; 5] = [
    "/login",
    "/login/email",
    "/register",
    "/register/email",
    "/logout",
];
const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

async fn post(doorward: &Doorward, route: &str, kind: &str, body: impl Into<Vec<u8>>) -> Answer {
    let headers = [("content-type", kind), ("accept", "application/json")];
    send(
        "POST",
        &format!("{}{route}", doorward.public()),
        &headers,
        body.into(),
    )
    .await
}

/// A problem with this status and code, and a reason to read.
fn check(answer: &Answer, (status, code): (u16, &str), what: &str) {
    assert_eq!(answer.status, status, "{what}: {}", answer.body);
    assert_eq!(answer.code(), code, "{what}");
    let problem = answer.json();
    let detail = problem["detail"].as_str().unwrap_or_default();
    assert!(detail.len() > 20, "a reason for {what}: {problem}");
    assert_eq!(problem["status"], status);
    assert!(answer.cookies().is_empty(), "{what}");
}

#[tokio::test]
async fn threat_31_strange_media_types_are_refused() {
    let doorward = Doorward::builder().start().await;
    for kind in [
        "text/plain",
        "text/json",
        "application/xml",
        "application/jsonx",
        "multipart/form-data",
        "*/*",
        "",
        ";",
        "\u{e9}",
    ] {
        let answer = post(&doorward, "/login", kind, "{}").await;
        check(&answer, (415, "unsupported_media_type"), kind);
    }
    for kind in [
        "application/json; charset=utf-8",
        "Application/JSON",
        " application/json ",
    ] {
        check(
            &post(&doorward, "/login", kind, "{}").await,
            (400, "invalid_email"),
            kind,
        );
    }
    let unknown: Value =
        json!({ "email": "a@b.example", "password": "x", "__proto__": {}, "admin": true });
    let answer = post(&doorward, "/login", JSON, unknown.to_string()).await;
    check(
        &answer,
        (401, "invalid_credentials"),
        "fields that nobody asked for",
    );
}
