//! `doorward user …`, beside a Doorward that runs.

use serde_json::Value;

use super::{Said, run, type_in};
use crate::support::doorward::{Db, Doorward};
use crate::support::http::post_json;
use crate::support::process::eventually;
use crate::visitor::{PASSWORD, credentials, gone, registered, sign_in, who};

const EMAIL: &str = "ada@example.com";
const OTHER_PASSWORD: &str = "another-plum-lantern-7";

async fn add(doorward: &Doorward, email: &str) -> Said {
    type_in(doorward, &["user", "add", email], PASSWORD).await
}

async fn show(doorward: &Doorward, user: &str) -> Value {
    let shown = run(doorward, &["user", "show", user, "--json"])
        .await
        .done();
    serde_json::from_str(&shown).expect("JSON")
}

/// The status of a sign-in.
async fn status(doorward: &Doorward, password: &str) -> u16 {
    let mut body = credentials(EMAIL);
    body["password"] = password.into();
    post_json(&format!("{}/login", doorward.public()), &[], &body)
        .await
        .status
        .as_u16()
}

/// The session cookie of a new sign-in.
async fn signed_in(doorward: &Doorward) -> String {
    sign_in(doorward, &[], EMAIL).await.cookie("SESSION").pair()
}

async fn a_life(db: Db) {
    let doorward = Doorward::builder().database(db).start().await;
    let id = added_with_roles(&doorward).await;
    let old = disabled_with_two_sessions(&doorward).await;
    let said = run(&doorward, &["user", "enable", EMAIL]).await.done();
    assert_eq!(said, "ada@example.com is enabled again.\n");
    assert_eq!(
        who(&doorward, &old).await,
        None,
        "sessions from before do not come back"
    );
    given_another_password(&doorward).await;
    deleted(&doorward, &id).await;
}

/// Yields the id.
async fn added_with_roles(doorward: &Doorward) -> String {
    let words = [
        "user",
        "add",
        "Ada@Example.COM",
        "--role",
        "staff",
        "--role",
        "admin",
    ];
    let added = type_in(doorward, &words, PASSWORD).await.done();
    assert!(
        added.starts_with("Added ada@example.com to the pool app, with the id "),
        "{added}"
    );
    let user = show(doorward, EMAIL).await;
    assert_eq!(user["roles"], serde_json::json!(["admin", "staff"]));
    assert_eq!(
        (&user["disabled"], &user["has_password"]),
        (&false.into(), &true.into())
    );
    let id = user["id"].as_str().expect("an id");
    assert!(added.contains(id), "{added}");
    let shown = run(doorward, &["user", "show", id]).await.done();
    assert!(
        shown.contains("admin, staff") && !shown.contains("argon2"),
        "{shown}"
    );
    id.to_owned()
}

/// Yields the cookie of one of the sessions that ended.
async fn disabled_with_two_sessions(doorward: &Doorward) -> String {
    let first = signed_in(doorward).await;
    let second = signed_in(doorward).await;
    assert_eq!(show(doorward, EMAIL).await["sessions"], 2);
    let said = run(doorward, &["user", "disable", EMAIL]).await.done();
    assert_eq!(said, "ada@example.com is disabled. 2 sessions ended.\n");
    gone(doorward, &first).await;
    gone(doorward, &second).await;
    assert_eq!(status(doorward, PASSWORD).await, 401);
    first
}

async fn given_another_password(doorward: &Doorward) {
    let cookie = signed_in(doorward).await;
    let said = type_in(doorward, &["user", "set-password", EMAIL], OTHER_PASSWORD)
        .await
        .done();
    assert_eq!(
        said,
        "ada@example.com has a new password. 1 session ended.\n"
    );
    gone(doorward, &cookie).await;
    assert_eq!(status(doorward, PASSWORD).await, 401);
    assert_eq!(status(doorward, OTHER_PASSWORD).await, 200);
}

async fn deleted(doorward: &Doorward, id: &str) {
    let refused = run(doorward, &["user", "delete", EMAIL]).await.failed(1);
    assert!(refused.contains("--yes"), "{refused}");
    let said = run(doorward, &["user", "delete", id, "--yes"]).await.done();
    assert_eq!(said, "Deleted ada@example.com. 1 session ended.\n");
    let gone = run(doorward, &["user", "show", EMAIL]).await.failed(1);
    assert_eq!(gone, "doorward: the pool app has no user ada@example.com\n");
    assert_eq!(status(doorward, OTHER_PASSWORD).await, 401);
}

#[tokio::test]
async fn threat_18_a_user_is_added_kept_out_let_in_and_deleted_on_sqlite() {
    a_life(Db::Sqlite).await;
}

#[tokio::test]
async fn threat_18_a_user_is_added_kept_out_let_in_and_deleted_on_postgres() {
    a_life(Db::Postgres).await;
}

#[tokio::test]
async fn the_list_has_everybody_in_order() {
    let doorward = Doorward::builder().start().await;
    let empty = run(&doorward, &["user", "list"]).await;
    assert_eq!(
        (empty.out.as_str(), empty.err.as_str()),
        ("", "The pool app has no users.\n")
    );
    assert_eq!(
        run(&doorward, &["user", "list", "--json"]).await.done(),
        "[]\n"
    );
    registered(&doorward, "zoe@example.com").await;
    let said = run(&doorward, &["user", "add", EMAIL, "--no-password"]).await;
    assert_eq!(said.code, Some(0));
    assert!(said.err.contains("set-password"), "{}", said.err);
    assert_eq!(show(&doorward, EMAIL).await["has_password"], false);
    let list = run(&doorward, &["user", "list"]).await.done();
    let lines: Vec<_> = list.lines().map(|line| line.split("  ").next()).collect();
    assert_eq!(lines, [Some("EMAIL"), Some(EMAIL), Some("zoe@example.com")]);
    let json = run(&doorward, &["user", "list", "--json"]).await.done();
    let users: Vec<Value> = serde_json::from_str(&json).expect("JSON");
    assert_eq!(users.len(), 2);
    assert_eq!(users[1]["email"], "zoe@example.com");
}

#[tokio::test]
async fn threat_31_a_weak_password_is_refused_with_the_reason() {
    let doorward = Doorward::builder().start().await;
    for (password, reason) in [
        ("", "no password"),
        ("plum", "at least 8 characters"),
        ("password1", "too easy to guess"),
        ("ada@example.com", "too easy to guess"),
        (&"x".repeat(100_000), "at most 1,024 characters"),
        ("plum\u{7}orbit-lantern", "control characters"),
    ] {
        let refused = type_in(&doorward, &["user", "add", EMAIL], password)
            .await
            .failed(1);
        assert!(refused.contains(reason), "{refused}");
    }
    assert_eq!(
        run(&doorward, &["user", "list", "--json"]).await.done(),
        "[]\n"
    );
}

#[tokio::test]
async fn a_taken_address_and_wrong_words_change_nothing() {
    let doorward = Doorward::builder().start().await;
    let cookie = registered(&doorward, EMAIL).await;
    let taken = add(&doorward, EMAIL).await.failed(1);
    assert_eq!(
        taken,
        "doorward: the pool app already has a user ada@example.com\n"
    );
    for words in [
        &["user", "add", "ada"][..],
        &["user", "add", "ada@example.com", "--role", "Not A Role"],
        &["user", "show", "ada"],
        &["user", "set-password", EMAIL, OTHER_PASSWORD],
    ] {
        run(&doorward, words).await.failed(2);
    }
    assert!(who(&doorward, &cookie).await.is_some());
}

#[tokio::test]
async fn where_there_are_several_pools_one_is_named() {
    let toml = r#"
        [apps.shop]
        hosts = ["localhost:3000"]
        users = "people"
        keys = ["6b8f1c0e54d7a3828e0c41f7b6d925ea137cd05b98e46f2a70b3c98d15fe6a24"]
        [apps.wiki]
        hosts = ["localhost:3001"]
    "#;
    let doorward = Doorward::builder().toml(toml).start().await;
    let asked = add(&doorward, EMAIL).await.failed(1);
    assert_eq!(
        asked,
        "doorward: there are several pools: add --pool and one of people, wiki\n"
    );
    let unknown = run(&doorward, &["user", "list", "--pool", "shop"])
        .await
        .failed(1);
    assert_eq!(
        unknown,
        "doorward: there is no pool shop; the pools are people, wiki\n"
    );
    for pool in ["people", "wiki"] {
        type_in(&doorward, &["user", "add", EMAIL, "--pool", pool], PASSWORD)
            .await
            .done();
    }
    let json = run(
        &doorward,
        &["user", "show", EMAIL, "--pool", "wiki", "--json"],
    )
    .await
    .done();
    let user: Value = serde_json::from_str(&json).expect("JSON");
    let id = user["id"].as_str().expect("an id");
    assert_eq!(
        show(&doorward, id).await["pool"],
        "wiki",
        "an id needs no pool"
    );
    let elsewhere = run(&doorward, &["user", "show", id, "--pool", "people"])
        .await
        .failed(1);
    assert!(
        elsewhere.contains("is in the pool wiki, not in people"),
        "{elsewhere}"
    );
}

#[tokio::test]
async fn roles_count_from_the_next_request_on() {
    let toml = r#"
        [apps.app]
        hosts = ["localhost", "127.0.0.1"]
        rules = [{ path = "/private", access = "user", roles = ["admin"] }]
    "#;
    let doorward = Doorward::builder().toml(toml).start().await;
    let cookie = registered(&doorward, EMAIL).await;
    let original = format!("{}/private", doorward.public());
    let url = format!("{}/verify/nginx", doorward.internal());
    let headers = [
        ("x-original-method", "GET"),
        ("x-original-url", &original),
        ("cookie", &cookie),
    ];
    let verify = async || {
        crate::support::http::get(&url, &headers)
            .await
            .status
            .as_u16()
    };
    assert_eq!(verify().await, 403);
    let said = run(&doorward, &["user", "set-roles", EMAIL, "staff", "admin"])
        .await
        .done();
    assert_eq!(said, "ada@example.com has the roles admin, staff.\n");
    let becomes = async |status: u16| {
        eventually("the roles to count", async || {
            (verify().await == status).then_some(())
        })
        .await;
    };
    becomes(200).await;
    let said = run(&doorward, &["user", "set-roles", EMAIL]).await.done();
    assert_eq!(said, "ada@example.com has no role.\n");
    becomes(403).await;
}
