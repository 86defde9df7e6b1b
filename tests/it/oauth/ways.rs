//! `/account` and `/account/unlink`: the ways into an account, added and removed.

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::super::support::doorward::Db;
use super::super::support::http::post_json;
use super::super::support::process::eventually;
use super::{World, hidden, link, words};

#[tokio::test]
async fn a_signed_in_user_adds_and_removes_ways_in() {
    let world = World::start("").await;
    let mut browser = world.browser();
    let user = browser.register("carl@example.com").await;
    let page = browser.open("/account").await;
    let add = link(&page, "/login/id?link=");
    let there = browser.begin(&add).await;
    let answer = browser
        .open(&world.provider.walk(&there, "somebody").await)
        .await;
    assert_eq!(answer.location(), Some("/account"));
    let page = browser.open("/account").await;
    assert!(
        words(&page).contains("somebody@example.com"),
        "{}",
        page.body
    );

    let mut by_provider = world.browser();
    by_provider
        .sign_in(&world.provider, "/login/id", "somebody")
        .await;
    assert_eq!(by_provider.user().await.as_deref(), Some(user.as_str()));

    let old = browser.jar.clone();
    let answer = browser
        .submit(
            "/account/unlink",
            &[("identity", &hidden(&page, "identity"))],
        )
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.location()),
        (303, Some("/account"))
    );
    assert_eq!(
        browser.user().await.as_deref(),
        Some(user.as_str()),
        "signed in under a new id"
    );
    assert_eq!(
        by_provider.user().await,
        None,
        "whoever came in that way is out"
    );
    browser.jar = old;
    assert_eq!(browser.user().await, None, "THREATS 16: the old id is dead");
    let mut stranger = world.browser();
    stranger
        .sign_in(&world.provider, "/login/id", "somebody")
        .await;
    assert_ne!(
        stranger.user().await.as_deref(),
        Some(user.as_str()),
        "it leads there no more"
    );
}

#[tokio::test]
async fn the_last_way_in_can_not_be_removed() {
    let world = World::start("").await;
    let mut browser = world.browser();
    browser.sign_in(&world.provider, "/login/id", "ann").await;
    let page = browser.open("/account").await;
    assert!(
        !page.body.contains("name=\"identity\""),
        "no button: {}",
        page.body
    );
    // A second identity makes the first one removable, but both at once go not.
    let there = browser.begin(&link(&page, "/login/id?link=")).await;
    browser
        .open(&world.provider.walk(&there, "second").await)
        .await;
    let page = browser.open("/account").await;
    let handles: Vec<_> = page
        .body
        .split("name=\"identity\" value=\"")
        .skip(1)
        .collect();
    let handles: Vec<_> = handles
        .iter()
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert_eq!(handles.len(), 2, "{}", page.body);
    let url = browser.url("/account/unlink");
    let cookies = browser.jar.line();
    let headers = [("host", "shop.example.com"), ("cookie", cookies.as_str())];
    let removals = handles.iter().map(async |handle| {
        let answer = post_json(&url, &headers, &json!({ "identity": handle })).await;
        answer.status.as_u16()
    });
    let answers = futures_util::future::join_all(removals).await;
    assert!(answers.contains(&200), "{answers:?}");
    assert!(
        answers.iter().any(|status| matches!(status, 401 | 409)),
        "{answers:?}"
    );
    let left = ["ann", "second"].map(async |login| {
        let mut browser = world.browser();
        browser.sign_in(&world.provider, "/login/id", login).await;
        let page = browser.open("/account").await;
        words(&page).contains("Ways to sign in")
    });
    assert!(futures_util::future::join_all(left).await.contains(&true));
}

#[tokio::test]
async fn threat_24_another_site_can_not_begin_to_link() {
    let world = World::start("").await;
    let mut browser = world.browser();
    browser.register("carl@example.com").await;
    let mut other = world.browser();
    other.register("dora@example.com").await;
    let foreign = link(&other.open("/account").await, "/login/id?link=");
    for path in ["/login/id?link=", "/login/id?link=1", &foreign] {
        let answer = browser.open(path).await;
        assert_eq!(answer.status, 403, "{path}");
    }
    assert_eq!(
        world.browser().open(&foreign).await.status,
        403,
        "nobody is signed in"
    );
}

#[tokio::test]
async fn an_identity_belongs_to_one_account() {
    let world = World::start("").await;
    world
        .browser()
        .sign_in(&world.provider, "/login/id", "ann")
        .await;
    let mut browser = world.browser();
    browser.register("carl@example.com").await;
    let add = link(&browser.open("/account").await, "/login/id?link=");
    let there = browser.begin(&add).await;
    let answer = browser
        .open(&world.provider.walk(&there, "ann").await)
        .await;
    assert_eq!(answer.status, 409);
    let said = words(&answer);
    assert!(
        said.contains("already leads to another account here"),
        "{said}"
    );
    assert!(
        said.contains("Ways to sign in"),
        "on the account page: {said}"
    );
}

#[tokio::test]
async fn what_was_to_be_linked_is_not_once_somebody_else_is_signed_in() {
    let world = World::start("").await;
    let mut browser = world.browser();
    browser.register("carl@example.com").await;
    let add = link(&browser.open("/account").await, "/login/id?link=");
    let there = browser.begin(&add).await;
    let back = world.provider.walk(&there, "ann").await;
    browser.submit("/logout", &[]).await;
    let dora = browser.register("dora@example.com").await;
    let answer = browser.open(&back).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert_eq!(browser.user().await.as_deref(), Some(dora.as_str()));
    let page = browser.open("/account").await;
    assert!(!page.body.contains("name=\"identity\""), "{}", page.body);
}

#[tokio::test]
async fn an_operator_takes_a_way_in_from_an_account() {
    let world = World::start("trust_email = true").await;
    let mut browser = world.browser();
    browser.sign_in(&world.provider, "/login/id", "ann").await;
    let shown = world
        .doorward
        .command(&["user", "show", "ann@example.com"])
        .await;
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    let line = shown
        .lines()
        .find(|line| line.contains("providers"))
        .expect("its ways in");
    let handle = line.split_whitespace().nth(1).expect("a handle").to_owned();
    let wrong = world
        .doorward
        .command(&["user", "unlink", "ann@example.com", "0000nothing"])
        .await;
    assert_eq!(wrong.status.code(), Some(1), "{wrong:?}");
    let gone = world
        .doorward
        .command(&["user", "unlink", "ann@example.com", &handle])
        .await;
    let said = String::from_utf8_lossy(&gone.stdout).into_owned();
    assert!(
        said.contains("1 account at providers no longer lead"),
        "{gone:?}"
    );
    eventually("the session to be over", async || {
        browser.user().await.is_none().then_some(())
    })
    .await;
    let none = world
        .doorward
        .command(&["user", "unlink", "ann@example.com", "--all"])
        .await;
    assert!(
        String::from_utf8_lossy(&none.stdout).contains("Nothing was changed"),
        "{none:?}"
    );
}

/// The body of a form may come long after its headers.
#[tokio::test]
async fn threat_18_a_session_that_ended_meanwhile_changes_nothing() {
    for database in [Db::Sqlite, Db::Postgres] {
        let world = World::build("", "", |builder| builder.database(database)).await;
        let mut browser = world.browser();
        browser.register("ann@example.com").await;
        let add = link(&browser.open("/account").await, "/login/id?link=");
        let there = browser.begin(&add).await;
        browser
            .open(&world.provider.walk(&there, "ann").await)
            .await;
        let body = format!(
            "identity={}",
            hidden(&browser.open("/account").await, "identity")
        );
        let head = format!(
            "POST /account/unlink HTTP/1.1\r\nHost: shop.example.com\r\nCookie: {}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
            browser.jar.line(),
            body.len()
        );
        let address = world
            .doorward
            .public()
            .trim_start_matches("http://")
            .to_owned();
        let mut stream = tokio::net::TcpStream::connect(&address)
            .await
            .expect("it listens");
        stream.write_all(head.as_bytes()).await.expect("sent");
        stream.flush().await.expect("sent");
        // So that the session has been looked for.
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let revoked = world
            .doorward
            .command(&["session", "revoke", "ann@example.com", "--all"])
            .await;
        assert!(revoked.status.success(), "{revoked:?}");
        stream.write_all(body.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        assert!(
            answer.starts_with("HTTP/1.1 303") && answer.contains("/login?rd="),
            "{answer}"
        );
        assert!(
            !answer.contains("__Host-SESSION="),
            "no session comes of it: {answer}"
        );
        let shown = world
            .doorward
            .command(&["user", "show", "ann@example.com", "--json"])
            .await;
        let shown: serde_json::Value = serde_json::from_slice(&shown.stdout).expect("JSON");
        assert_eq!(
            shown["identities"].as_array().map(Vec::len),
            Some(1),
            "{shown}"
        );
        assert_eq!(shown["sessions"], json!(0), "{shown}");
    }
}
