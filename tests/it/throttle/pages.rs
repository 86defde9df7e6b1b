//! What a visitor sees, and what a browser keeps.

use futures_util::future::join_all;
use serde_json::json;

use super::super::support::doorward::{Db, Doorward};
use super::super::support::http::{Answer, SetCookie, post_form, post_json};
use super::super::support::process::eventually;
use super::super::visitor::{SHARED_TOML, SHOP, SHOP_TOML, credentials, register, sign_in};
use super::*;

/// Attempts per account alone are counted here, not requests per client.
const UNLIMITED: &str = "[limits]\nsign_in = \"off\"\n";

/// Guesses at once, all from this address.
async fn storm(url: &str, email: &str, client: &str, count: usize) -> Vec<Answer> {
    let body = json!({ "email": email, "password": WRONG });
    let headers = [("x-forwarded-for", client)];
    join_all((0..count).map(|_| post_json(url, &headers, &body))).await
}

fn seconds(answer: &Answer) -> u64 {
    let header = answer.header("retry-after").expect("a time to wait");
    header.parse().expect("whole seconds")
}

/// Everything of a refusal that a client can see but for its times and ids.
fn visible(answer: &Answer) -> (u16, Vec<String>, serde_json::Value) {
    let mut body = answer.json();
    body["retry_after"] = 0.into();
    body["request_id"] = "".into();
    let names = answer.headers.keys().map(ToString::to_string).collect();
    (answer.status.as_u16(), names, body)
}

async fn storms(database: Db) {
    let doorward = Doorward::builder()
        .toml(UNLIMITED)
        .database(database)
        .start()
        .await;
    register(&doorward, &[], EMAIL).await;
    let url = format!("{}/login", doorward.public());
    let mut refusals = Vec::new();
    for email in [EMAIL, "ghost@example.com"] {
        let answers = storm(&url, email, ELSEWHERE, 30).await;
        let (refused, compared): (Vec<_>, Vec<_>) =
            answers.into_iter().partition(|answer| answer.status == 429);
        assert!((5..10).contains(&compared.len()), "{}", compared.len());
        assert!(compared.iter().all(|answer| answer.status == 401));
        for answer in &refused {
            assert_eq!(answer.code(), "too_many_attempts");
            assert_eq!(answer.json()["retry_after"], seconds(answer));
            assert!((1..=60).contains(&seconds(answer)));
            assert!(answer.cookies().is_empty());
        }
        refusals.push(visible(&refused[0]));
    }
    assert_eq!(refusals[0], refusals[1], "whoever has the address");
    let home = [("x-forwarded-for", HOME)];
    sign_in(&doorward, &home, EMAIL).await;
    let body = credentials(EMAIL);
    let there = [("x-forwarded-for", ELSEWHERE)];
    eventually("whoever waits to get in", async || {
        let answer = post_json(&url, &there, &body).await;
        (answer.status == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn threat_29_a_storm_of_guesses_is_told_to_wait_and_the_owner_goes_on_on_sqlite() {
    storms(Db::Sqlite).await;
}

#[tokio::test]
async fn threat_29_a_storm_of_guesses_is_told_to_wait_and_the_owner_goes_on_on_postgres() {
    storms(Db::Postgres).await;
}

#[tokio::test]
async fn threat_29_two_real_nodes_are_one_limiter() {
    let database = postgres::database().await;
    let toml = format!("{UNLIMITED}[database]\nurl = {database:?}");
    let one = Doorward::builder().toml(&toml).start().await;
    let two = Doorward::builder().toml(&toml).start().await;
    let urls = [&one, &two].map(|node| format!("{}/login", node.public()));
    let storms = urls.each_ref().map(|url| storm(url, EMAIL, ELSEWHERE, 30));
    let answers = join_all(storms).await.concat();
    let compared = answers.iter().filter(|answer| answer.status == 401).count();
    let refused = answers.iter().filter(|answer| answer.status == 429).count();
    assert_eq!(compared + refused, 60);
    // One limiter comes to ten only after half a minute; two would compare ten at once.
    assert!((5..10).contains(&compared), "{compared}");
}

#[tokio::test]
async fn threat_30_nobody_chooses_the_address_that_is_counted() {
    let toml = format!("{UNLIMITED}[server]\ntrusted_proxies = [\"127.0.0.2\"]");
    let doorward = Doorward::builder().toml(&toml).start().await;
    let url = format!("{}/login", doorward.public());
    let body = json!({ "email": EMAIL, "password": WRONG });
    let answers = join_all((0..30).map(|number| {
        let (url, body) = (&url, &body);
        async move {
            let client = format!("203.0.113.{number}");
            post_json(url, &[("x-forwarded-for", &client)], body).await
        }
    }))
    .await;
    let compared = answers.iter().filter(|answer| answer.status == 401).count();
    assert!((5..10).contains(&compared), "{compared}");
}

#[tokio::test]
async fn the_page_says_when_to_try_again_and_keeps_the_address() {
    let doorward = Doorward::builder().toml(UNLIMITED).start().await;
    let url = format!("{}/login", doorward.public());
    let fields = [("email", EMAIL), ("password", WRONG), ("rd", "/x")];
    let page = eventually("a page that asks to wait", async || {
        let pages = join_all((0..12).map(|_| post_form(&url, &[], &fields))).await;
        pages.into_iter().find(|page| page.status == 429)
    })
    .await;
    let when = match seconds(&page) {
        1 => "in a second.".to_owned(),
        more => format!("in {more} seconds."),
    };
    for part in [
        r#"role="alert""#,
        r#"value="ann@example.com""#,
        r#"name="rd" value="/x""#,
        "several times in a row",
        &when,
    ] {
        assert!(page.body.contains(part), "{part} in {}", page.body);
    }
    assert!(!page.body.contains(WRONG), "a password is never shown");
    assert!(page.cookies().is_empty());
}

/// The line of the device cookie, its value replaced by `…` after a look at its form.
fn line(answer: &Answer) -> String {
    let lines = answer.header_lines("set-cookie");
    let [_session, line] = lines[..] else {
        panic!("two cookies: {lines:?}")
    };
    let (name, rest) = line.split_once('=').expect("name=value");
    let (value, attributes) = rest.split_once("; ").expect("attributes");
    let digits = value.bytes().all(|byte| byte.is_ascii_hexdigit());
    assert!(value.len() == 32 && digits, "128 bits: {value}");
    format!("{name}=\u{2026}; {attributes}")
}

#[tokio::test]
async fn the_device_cookie_goes_to_the_sign_in_page_of_one_host() {
    let year = "HttpOnly; SameSite=Lax; Secure; Max-Age=31536000";
    let plain = "HttpOnly; SameSite=Lax; Max-Age=31536000";
    for (toml, headers, expected) in [
        ("", vec![], format!("DEVICE=\u{2026}; Path=/login; {plain}")),
        (
            SHOP_TOML,
            vec![SHOP],
            format!("__Secure-DEVICE=\u{2026}; Path=/login; {year}"),
        ),
        (
            SHARED_TOML,
            vec![("host", "login.example.com")],
            format!("__Secure-DEVICE=\u{2026}; Path=/login; {year}"),
        ),
    ] {
        let doorward = Doorward::builder().toml(toml).start().await;
        let registered = register(&doorward, &headers, EMAIL).await;
        let signed_in = sign_in(&doorward, &headers, EMAIL).await;
        assert_eq!(line(&registered), expected);
        assert_eq!(line(&signed_in), expected);
    }
    let toml = "[server]\nbase_path = \"/auth\"";
    let doorward = Doorward::builder().toml(toml).start().await;
    let url = format!("{}/auth/register", doorward.public());
    let answer = post_json(&url, &[], &credentials(EMAIL)).await;
    assert_eq!(
        line(&answer),
        format!("DEVICE=\u{2026}; Path=/auth/login; {plain}")
    );
}

fn device(answer: &Answer) -> SetCookie {
    answer.cookie("DEVICE")
}

#[tokio::test]
async fn threat_29_a_browser_that_was_there_before_is_known_again() {
    let doorward = Doorward::builder().toml(UNLIMITED).start().await;
    let url = format!("{}/login", doorward.public());
    let cookie = device(&register(&doorward, &[], EMAIL).await);
    let answers = storm(&url, EMAIL, HOME, 30).await;
    assert!(answers.iter().any(|answer| answer.status == 429));
    let pair = cookie.pair();
    let jar = format!("theme=dark; {pair}");
    let headers = [("cookie", jar.as_str()), ("x-forwarded-for", HOME)];
    let answer = sign_in(&doorward, &headers, EMAIL).await;
    assert_eq!(device(&answer).value, cookie.value, "for another year");
    let session = answer.cookie("SESSION").pair();
    let out = format!("{}/logout", doorward.public());
    let left = post_form(&out, &[("cookie", &session)], &[]).await;
    let lines = left.cookies();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0].name, "SESSION", "signing out leaves it");
    sign_in(&doorward, &headers, EMAIL).await;
}
