//! `doorward session …`: a captured cookie is dead a moment after the command is done.

use serde_json::Value;

use super::run;
use crate::support::doorward::{Db, Doorward};
use crate::visitor::{gone, registered, sign_in, who};

const EMAIL: &str = "ada@example.com";

async fn handles(doorward: &Doorward) -> Vec<String> {
    let json = run(doorward, &["session", "list", EMAIL, "--json"])
        .await
        .done();
    let listed: Vec<Value> = serde_json::from_str(&json).expect("JSON");
    let handle = |entry: &Value| entry["session"].as_str().expect("a handle").to_owned();
    listed.iter().map(handle).collect()
}

async fn captured_cookies_die(db: Db) {
    let doorward = Doorward::builder().database(db).start().await;
    let first = registered(&doorward, EMAIL).await;
    let before = handles(&doorward).await;
    let agent = (
        "user-agent",
        "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0",
    );
    let second = sign_in(&doorward, &[agent], EMAIL)
        .await
        .cookie("SESSION")
        .pair();
    let all = handles(&doorward).await;
    assert_eq!((before.len(), all.len()), (1, 2));

    let list = run(&doorward, &["session", "list", EMAIL]).await.done();
    assert!(list.starts_with("SESSION       APP  SIGNED IN"), "{list}");
    assert!(
        list.contains("Firefox on Linux") && list.contains(" UTC  no  "),
        "{list}"
    );
    let secret = second.strip_prefix("SESSION=").expect("the cookie");
    assert!(!list.contains(secret), "threat 20: {list}");

    let said = run(&doorward, &["session", "revoke", EMAIL, &before[0]])
        .await
        .done();
    assert_eq!(
        said,
        format!("The session {} of ada@example.com ended.\n", before[0])
    );
    gone(&doorward, &first).await;
    assert!(
        who(&doorward, &second).await.is_some(),
        "the other one lives on"
    );

    sign_in(&doorward, &[], EMAIL).await;
    let said = run(&doorward, &["session", "revoke", EMAIL, "--all"])
        .await
        .done();
    assert_eq!(said, "2 sessions of ada@example.com ended.\n");
    gone(&doorward, &second).await;
    assert_eq!(handles(&doorward).await, [""; 0]);
}

#[tokio::test]
async fn threat_18_captured_cookies_die_at_once_on_sqlite() {
    captured_cookies_die(Db::Sqlite).await;
}

#[tokio::test]
async fn threat_18_captured_cookies_die_at_once_on_postgres() {
    captured_cookies_die(Db::Postgres).await;
}

#[tokio::test]
async fn only_a_session_that_is_named_without_doubt_ends() {
    let doorward = Doorward::builder().start().await;
    let cookie = registered(&doorward, EMAIL).await;
    let stranger = registered(&doorward, "eve@example.com").await;
    let own = handles(&doorward).await.remove(0);
    for (words, code) in [
        (&["session", "revoke", EMAIL][..], 2),
        (&["session", "revoke", EMAIL, &own, "--all"], 2),
        (&["session", "revoke", EMAIL, "nothex"], 2),
        (&["session", "revoke", EMAIL, &"0".repeat(64)], 1),
        (&["session", "revoke", "eve@example.com", &own], 1),
    ] {
        run(&doorward, words).await.failed(code);
    }
    assert!(who(&doorward, &cookie).await.is_some());
    run(&doorward, &["session", "revoke", EMAIL, &own[..8]])
        .await
        .done();
    gone(&doorward, &cookie).await;
    assert!(who(&doorward, &stranger).await.is_some());
}
