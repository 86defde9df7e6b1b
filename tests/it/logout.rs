//! `/logout`.

use serde_json::json;

use super::support::doorward::Doorward;
use super::support::http::{get, navigate, post_form, post_json, raw, raw_status, send};
use super::visitor::{registered, sign_in, who};

const EMAIL: &str = "ann@example.com";

#[tokio::test]
async fn threat_24_looking_asks_and_changes_nothing() {
    let doorward = Doorward::builder().start().await;
    let cookie = registered(&doorward, EMAIL).await;
    let url = format!("{}/logout", doorward.public());
    for method in ["GET", "HEAD"] {
        let answer = send(method, &url, &[("cookie", &cookie)], "").await;
        assert_eq!(answer.status, 200);
        assert!(answer.cookies().is_empty());
    }
    let page = navigate(&format!("{url}?rd=/x"), &[("cookie", &cookie)]).await;
    for part in [
        r#"action="/logout""#,
        r#"method="post""#,
        r#"name="rd" value="/x""#,
        EMAIL,
    ] {
        assert!(page.body.contains(part), "{part} in {}", page.body);
    }
    assert!(who(&doorward, &cookie).await.is_some());
}

#[tokio::test]
async fn threat_18_the_form_ends_the_session_on_the_server() {
    let doorward = Doorward::builder().start().await;
    let url = format!("{}/logout", doorward.public());
    registered(&doorward, EMAIL).await;
    for (rd, location) in [
        ("", "/logout"),
        ("/x", "/x"),
        ("https://evil.example", "/logout"),
    ] {
        let cookie = sign_in(&doorward, &[], EMAIL)
            .await
            .cookie("SESSION")
            .pair();
        let answer = post_form(&url, &[("cookie", &cookie)], &[("rd", rd)]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.location()),
            (303, Some(location))
        );
        assert_eq!(answer.cookie("SESSION").value, "");
        assert_eq!(
            who(&doorward, &cookie).await,
            None,
            "the captured cookie is dead"
        );
    }
    let page = navigate(&url, &[]).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("/login"), "the way back in");
}

#[tokio::test]
async fn json_tells_where_to_go() {
    let doorward = Doorward::builder().start().await;
    let cookie = registered(&doorward, EMAIL).await;
    let url = format!("{}/logout", doorward.public());
    let answer = post_json(&url, &[("cookie", &cookie)], &json!({ "rd": "/bye" })).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json(), json!({ "return_to": "/bye" }));
    assert_eq!(who(&doorward, &cookie).await, None);
}

#[tokio::test]
async fn signing_out_twice_or_without_a_body_is_no_error() {
    let doorward = Doorward::builder().start().await;
    let cookie = registered(&doorward, EMAIL).await;
    let url = format!("{}/logout", doorward.public());
    for cookie in [cookie.as_str(), &cookie, "SESSION=rubbish", "a=b"] {
        let answer = send("POST", &url, &[("cookie", cookie)], "").await;
        assert_eq!(
            (answer.status.as_u16(), answer.location()),
            (303, Some("/logout")),
            "{cookie}"
        );
        assert_eq!(answer.cookie("SESSION").value, "");
    }
}

#[tokio::test]
async fn every_session_the_browser_came_with_ends_and_no_other() {
    let doorward = Doorward::builder().start().await;
    let first = registered(&doorward, EMAIL).await;
    let second = sign_in(&doorward, &[], EMAIL)
        .await
        .cookie("SESSION")
        .pair();
    let elsewhere = sign_in(&doorward, &[], EMAIL)
        .await
        .cookie("SESSION")
        .pair();
    let both = format!("{first}; {second}");
    let url = format!("{}/logout", doorward.public());
    assert_eq!(get(&url, &[("cookie", &both)]).await.status, 200);
    let answer = post_form(&url, &[("cookie", &both)], &[]).await;
    assert_eq!(answer.status, 303);
    assert_eq!(who(&doorward, &first).await, None);
    assert_eq!(who(&doorward, &second).await, None);
    assert!(who(&doorward, &elsewhere).await.is_some());
}

/// What else is in the jar is the app's: it need not be text, and there may be much of it.
#[tokio::test]
async fn threat_18_other_cookies_keep_no_session_alive() {
    let doorward = Doorward::builder().start().await;
    let address = doorward
        .public()
        .strip_prefix("http://")
        .expect("http")
        .to_owned();
    let full = "b".repeat(40_000).into_bytes();
    for other in [b"l=\xe9".as_slice(), b"=;;=", &full] {
        let session = registered(&doorward, &format!("ann-{}@example.com", other.len())).await;
        let head = format!("POST /logout HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
        let cookies = [b"Cookie: a=", other, b"; ", session.as_bytes()].concat();
        let request = [head.as_bytes(), &cookies, b"\r\nContent-Length: 0\r\n\r\n"].concat();
        assert_eq!(raw_status(&raw(&address, &request).await), 303);
        assert_eq!(who(&doorward, &session).await, None);
    }
}

#[tokio::test]
async fn threat_18_more_sessions_than_are_looked_up_end_too() {
    let doorward = Doorward::builder().start().await;
    registered(&doorward, EMAIL).await;
    let mut sessions = Vec::new();
    for _ in 0..6 {
        sessions.push(
            sign_in(&doorward, &[], EMAIL)
                .await
                .cookie("SESSION")
                .pair(),
        );
    }
    let url = format!("{}/logout", doorward.public());
    post_form(&url, &[("cookie", &sessions.join("; "))], &[]).await;
    for session in &sessions {
        assert_eq!(who(&doorward, session).await, None);
    }
}
