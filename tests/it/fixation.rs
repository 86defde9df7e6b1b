//! Session ids: a new one at each sign-in, and none that outlives what ended it (THREATS 16, 18 and 20).

use super::operator::{operate, operate_with};
use super::support::doorward::{Db, Doorward};
use super::support::http::{get, post_json};
use super::visitor::{SHARED_TOML, credentials, gone, register, registered, sign_in, who};

const EMAIL: &str = "ann@example.com";
const OTHER: &str = "bob@example.com";

#[tokio::test]
async fn threat_16_every_sign_in_has_a_new_id_and_the_old_one_is_dead() {
    let doorward = Doorward::builder().start().await;
    let mut cookie = registered(&doorward, EMAIL).await;
    registered(&doorward, OTHER).await;
    let mut seen = vec![cookie.clone()];
    for email in [EMAIL, EMAIL, OTHER, EMAIL] {
        let answer = sign_in(&doorward, &[("cookie", &cookie)], email).await;
        let new = answer.cookie("SESSION").pair();
        assert!(!seen.contains(&new));
        assert_eq!(
            who(&doorward, &cookie).await,
            None,
            "the id from before the sign-in"
        );
        assert!(who(&doorward, &new).await.is_some());
        seen.push(new.clone());
        cookie = new;
    }
    let answer = register(&doorward, &[("cookie", &cookie)], "eve@example.com").await;
    assert_eq!(
        who(&doorward, &cookie).await,
        None,
        "registration is a sign-in too"
    );
    assert!(
        who(&doorward, &answer.cookie("SESSION").pair())
            .await
            .is_some()
    );
}

#[tokio::test]
async fn threat_16_all_ids_that_the_browser_came_with_are_dead() {
    let doorward = Doorward::builder().start().await;
    let mine = registered(&doorward, EMAIL).await;
    let planted = registered(&doorward, OTHER).await;
    let both = format!("{planted}; {mine}");
    let answer = sign_in(&doorward, &[("cookie", &both)], EMAIL).await;
    for dead in [&mine, &planted] {
        assert_eq!(who(&doorward, dead).await, None);
    }
    assert!(
        who(&doorward, &answer.cookie("SESSION").pair())
            .await
            .is_some()
    );
}

#[tokio::test]
async fn a_sign_in_that_fails_ends_nothing() {
    let doorward = Doorward::builder().start().await;
    let cookie = registered(&doorward, EMAIL).await;
    for path in ["/login", "/register"] {
        let mut wrong = credentials(EMAIL);
        wrong["password"] = "another-orbit-lantern".into();
        let url = format!("{}{path}", doorward.public());
        let answer = post_json(&url, &[("cookie", &cookie)], &wrong).await;
        assert!(matches!(answer.status.as_u16(), 401 | 409));
        assert!(answer.cookies().is_empty());
        assert!(who(&doorward, &cookie).await.is_some());
    }
}

/// What an operator may do to an account.
#[derive(Debug, Clone, Copy)]
enum Act {
    Disable,
    SetPassword,
    RevokeAll,
    Delete,
}

async fn act(doorward: &Doorward, act: Act, email: &str) {
    match act {
        Act::Disable => operate(doorward, &["user", "disable", email]).await,
        Act::RevokeAll => operate(doorward, &["session", "revoke", email, "--all"]).await,
        Act::Delete => operate(doorward, &["user", "delete", email, "--yes"]).await,
        Act::SetPassword => {
            let words = ["user", "set-password", email];
            operate_with(doorward, &words, "another-orbit-lantern\n").await;
        }
    }
}

async fn captured_cookies_die_at_once(database: Db) {
    let doorward = Doorward::builder().database(database).start().await;
    let bystander = registered(&doorward, OTHER).await;
    for what in [Act::RevokeAll, Act::SetPassword, Act::Disable, Act::Delete] {
        let email = format!("{what:?}@example.com");
        let registration = registered(&doorward, &email).await;
        let elsewhere = sign_in(&doorward, &[], &email)
            .await
            .cookie("SESSION")
            .pair();
        let captured = [registration, elsewhere];
        for cookie in &captured {
            assert!(who(&doorward, cookie).await.is_some(), "before {what:?}");
        }
        act(&doorward, what, &email).await;
        for cookie in &captured {
            gone(&doorward, cookie).await;
        }
        let login = format!("{}/login", doorward.public());
        let again = post_json(&login, &[], &credentials(&email)).await;
        let expected = if matches!(what, Act::RevokeAll) {
            200
        } else {
            401
        };
        assert_eq!(again.status, expected, "signing in after {what:?}");
    }
    assert!(
        who(&doorward, &bystander).await.is_some(),
        "nobody else is signed out"
    );
}

#[tokio::test]
async fn threat_18_captured_cookies_die_at_once_on_sqlite() {
    captured_cookies_die_at_once(Db::Sqlite).await;
}

#[tokio::test]
async fn threat_18_captured_cookies_die_at_once_on_postgres() {
    captured_cookies_die_at_once(Db::Postgres).await;
}

#[tokio::test]
async fn threat_18_enabling_an_account_again_brings_no_session_back() {
    let doorward = Doorward::builder().start().await;
    let cookie = registered(&doorward, EMAIL).await;
    operate(&doorward, &["user", "disable", EMAIL]).await;
    operate(&doorward, &["user", "enable", EMAIL]).await;
    gone(&doorward, &cookie).await;
    sign_in(&doorward, &[], EMAIL).await;
}

#[tokio::test]
async fn threat_18_one_sign_out_holds_for_every_app_of_the_pool() {
    let doorward = Doorward::builder().toml(SHARED_TOML).start().await;
    let [login, shop, blog] =
        ["login.example.com", "shop.example.com", "blog.example.com"].map(|host| ("host", host));
    let cookie = register(&doorward, &[login], EMAIL)
        .await
        .cookie("__Secure-SESSION")
        .pair();
    let session = format!("{}/login/session", doorward.public());
    assert_eq!(
        get(&session, &[blog, ("cookie", &cookie)]).await.status,
        200
    );
    let logout = format!("{}/logout", doorward.public());
    let body = serde_json::json!({});
    assert_eq!(
        post_json(&logout, &[shop, ("cookie", &cookie)], &body)
            .await
            .status,
        200
    );
    for host in [login, shop, blog] {
        assert_eq!(
            get(&session, &[host, ("cookie", &cookie)]).await.status,
            401
        );
    }
}

#[tokio::test]
async fn threat_20_the_database_holds_no_session_id() {
    let doorward = Doorward::builder().start().await;
    let cookie = registered(&doorward, EMAIL).await;
    let id = cookie.strip_prefix("SESSION=").expect("its name");
    let bytes = {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(id)
            .expect("base64url")
    };
    let mut found_address = false;
    for entry in std::fs::read_dir(doorward.data_folder()).expect("the data folder") {
        let content = std::fs::read(entry.expect("an entry").path()).expect("a file");
        let holds = |needle: &[u8]| content.windows(needle.len()).any(|window| window == needle);
        assert!(
            !holds(id.as_bytes()) && !holds(&bytes),
            "neither the text nor its bytes"
        );
        assert!(
            !holds(super::visitor::PASSWORD.as_bytes()),
            "nor the password"
        );
        found_address |= holds(EMAIL.as_bytes());
    }
    assert!(found_address, "the right folder was searched");
}
