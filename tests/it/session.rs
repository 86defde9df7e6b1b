//! `/login/session`: who is signed in, and what becomes of cookies that are no session.

use super::support::doorward::Doorward;
use super::support::http::{Answer, get, navigate, send};
use super::visitor::{registered, sign_in, who};

const EMAIL: &str = "ann@example.com";
/// Well-formed, and nobody's.
const STRANGER: &str = "SESSION=AAAAAAAAAAAAAAAAAAAAAA";

async fn ask(doorward: &Doorward, cookies: &[&str]) -> Answer {
    let headers: Vec<_> = cookies.iter().map(|cookie| ("cookie", *cookie)).collect();
    get(&format!("{}/login/session", doorward.public()), &headers).await
}

#[tokio::test]
async fn the_answer_says_who_and_until_when() {
    let doorward = Doorward::builder().start().await;
    let cookie = registered(&doorward, EMAIL).await;
    let answer = ask(&doorward, &[&cookie]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let body = answer.json();
    let mut members: Vec<_> = body.as_object().expect("an object").keys().collect();
    members.sort();
    assert_eq!(
        members,
        ["expires_at", "signed_in_at", "user_id"],
        "and no address"
    );
    let time = |name: &str| {
        let text = body[name].as_str().expect("text");
        let format = time::format_description::well_known::Rfc3339;
        time::OffsetDateTime::parse(text, &format).expect("RFC 3339")
    };
    let left = time("expires_at") - time("signed_in_at");
    assert!(
        left.whole_hours() == 12 || left.whole_hours() == 11,
        "the idle time-out: {left}"
    );
    assert!(answer.cookies().is_empty());
}

#[tokio::test]
async fn nobody_is_told_so_in_json_whatever_was_accepted() {
    let doorward = Doorward::builder().start().await;
    let url = format!("{}/login/session", doorward.public());
    for answer in [get(&url, &[]).await, navigate(&url, &[]).await] {
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (401, "not_signed_in")
        );
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json")
        );
        assert!(answer.header("www-authenticate").is_some());
        assert!(answer.cookies().is_empty(), "there is nothing to take back");
    }
}

#[tokio::test]
async fn threat_02_a_cookie_that_is_no_session_is_taken_back_on_every_page() {
    let doorward = Doorward::builder().start().await;
    let oversized = format!("SESSION={}", "A".repeat(40_000));
    for broken in [
        STRANGER,
        "SESSION=",
        "SESSION=AAAA",
        "SESSION=\"AAAAAAAAAAAAAAAAAAAAAA\"",
        "SESSION=..%2F..%2F",
        "SESSION=AAAAAAAAAAAAAAAAAAAAAB",
        "SESSION=' OR 1=1 --",
        &oversized,
    ] {
        for path in [
            "/login",
            "/register",
            "/logout",
            "/login/session",
            "/account",
        ] {
            let url = format!("{}{path}", doorward.public());
            let answer = send("GET", &url, &[("cookie", broken)], "").await;
            assert!(
                matches!(answer.status.as_u16(), 200 | 303 | 401),
                "{path} {broken:.40}"
            );
            let cleared = answer.cookie("SESSION");
            assert_eq!(
                (cleared.value.as_str(), cleared.attribute("max-age")),
                ("", Some("0"))
            );
        }
    }
    let other = ask(
        &doorward,
        &["XSESSION=AAAA; session=AAAA; __Host-SESSION=AAAA"],
    )
    .await;
    assert!(other.cookies().is_empty(), "other cookies are not ours");
}

#[tokio::test]
async fn threat_19_a_live_session_counts_beside_rubbish() {
    let doorward = Doorward::builder().start().await;
    let cookie = registered(&doorward, EMAIL).await;
    let id = who(&doorward, &cookie).await;
    for line in [
        format!("a=b; {cookie}; c=d"),
        format!("SESSION=; {cookie}"),
        format!("{STRANGER}; {cookie}"),
        format!("{cookie};{STRANGER}"),
        format!("{cookie}; {cookie}; {cookie}; {cookie}; {cookie}"),
        format!(";;=;{cookie};;"),
        format!("broken; {cookie}"),
        format!("  {cookie}  "),
    ] {
        let answer = ask(&doorward, &[&line]).await;
        assert_eq!(answer.status, 200, "{line}");
        assert_eq!(answer.json()["user_id"].as_str(), id.as_deref());
        assert!(
            answer.cookies().is_empty(),
            "a live session is not taken back"
        );
    }
    assert_eq!(
        ask(&doorward, &["a=b", STRANGER, &cookie]).await.status,
        200,
        "several lines"
    );
}

#[tokio::test]
async fn threat_19_no_more_than_four_candidates_are_tried() {
    let doorward = Doorward::builder().start().await;
    let cookie = registered(&doorward, EMAIL).await;
    let strangers = |count: usize| {
        let letters = ["A", "Q", "g", "w"].iter().cycle();
        let values = letters
            .zip(0..count)
            .map(|(letter, n)| format!("SESSION={n}{}{letter}", "x".repeat(20)));
        values.collect::<Vec<_>>().join("; ")
    };
    assert_eq!(
        ask(&doorward, &[&format!("{}; {cookie}", strangers(3))])
            .await
            .status,
        200
    );
    assert_eq!(
        ask(&doorward, &[&format!("{}; {cookie}", strangers(4))])
            .await
            .status,
        401
    );
    assert_eq!(
        ask(&doorward, &[&format!("{cookie}; {}", strangers(900))])
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn threat_19_two_live_sessions_are_nobody() {
    let doorward = Doorward::builder().start().await;
    let first = registered(&doorward, EMAIL).await;
    let second = sign_in(&doorward, &[], EMAIL)
        .await
        .cookie("SESSION")
        .pair();
    let both = format!("{first}; {second}");
    let answer = ask(&doorward, &[&both]).await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.cookie("SESSION").value, "");
    assert_eq!(who(&doorward, &both).await, None);
    assert!(who(&doorward, &first).await.is_some() && who(&doorward, &second).await.is_some());
}
