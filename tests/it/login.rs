//! `/login` and `/login/email`.

use serde_json::json;

use super::support::doorward::Doorward;
use super::support::http::{get, navigate, post_form, post_json, send};
use super::visitor::{PASSWORD, credentials, register, registered, sign_in, who};

const EMAIL: &str = "ann@example.com";

#[tokio::test]
async fn the_page_is_a_form_that_carries_the_way_back() {
    let doorward = Doorward::builder().start().await;
    for path in ["/login", "/login/email"] {
        let url = format!("{}{path}?rd=/orders%3Fpage%3D2", doorward.public());
        let page = navigate(&url, &[]).await;
        assert_eq!(page.status, 200);
        assert_eq!(
            page.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        for part in [
            r#"action="/login""#,
            r#"name="email""#,
            r#"name="password""#,
            r#"name="remember""#,
            r#"autocomplete="current-password""#,
            r#"name="rd" value="/orders?page=2""#,
        ] {
            assert!(page.body.contains(part), "{part} in {}", page.body);
        }
        assert!(page.cookies().is_empty(), "looking sets nothing");
    }
}

#[tokio::test]
async fn the_form_signs_in_and_leads_back() {
    let doorward = Doorward::builder().start().await;
    let id = register(&doorward, &[], EMAIL).await.json()["user_id"].clone();
    for (path, rd, location) in [
        ("/login", "", "/"),
        ("/login", "/orders?page=2#top", "/orders?page=2#top"),
        ("/login/email", "/x", "/x"),
        ("/login", "https://evil.example/", "/"),
    ] {
        let fields = [("email", EMAIL), ("password", PASSWORD), ("rd", rd)];
        let answer = post_form(&format!("{}{path}", doorward.public()), &[], &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        assert_eq!(answer.location(), Some(location));
        let who = who(&doorward, &answer.cookie("SESSION").pair()).await;
        assert_eq!(who.as_deref(), id.as_str());
    }
}

#[tokio::test]
async fn json_signs_in_and_tells_who_and_where() {
    let doorward = Doorward::builder().start().await;
    let id = register(&doorward, &[], EMAIL).await.json()["user_id"].clone();
    let id = id.as_str().expect("an id");
    assert_eq!((id.len(), id.chars().nth(14)), (36, Some('4')), "{id}");
    assert_eq!(id, id.to_lowercase());
    let mut body = credentials(EMAIL);
    for (path, rd, return_to) in [("/login", "", "/"), ("/login/email", "/x", "/x")] {
        body["rd"] = rd.into();
        let answer = post_json(&format!("{}{path}", doorward.public()), &[], &body).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(
            answer.json(),
            json!({ "user_id": id, "return_to": return_to })
        );
        let who = who(&doorward, &answer.cookie("SESSION").pair()).await;
        assert_eq!(who.as_deref(), Some(id));
    }
}

#[tokio::test]
async fn a_wrong_password_is_a_problem_in_json() {
    let doorward = Doorward::builder().start().await;
    register(&doorward, &[], EMAIL).await;
    let body = json!({ "email": EMAIL, "password": "another-orbit-lantern" });
    let answer = post_json(&format!("{}/login", doorward.public()), &[], &body).await;
    assert_eq!(answer.status, 401);
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json")
    );
    let problem = answer.json();
    assert_eq!(problem["code"], "invalid_credentials");
    assert_eq!(problem["status"], 401);
    assert_eq!(problem["type"], "about:blank");
    for member in ["title", "detail"] {
        assert!(problem[member].is_string(), "{problem}");
    }
    assert_eq!(
        problem["request_id"].as_str(),
        answer.header("x-request-id")
    );
    let challenge = answer.header("www-authenticate").expect("RFC 9110, 11.6.1");
    assert!(!challenge.to_lowercase().contains("basic"), "{challenge}");
    assert!(answer.cookies().is_empty());
}

#[tokio::test]
async fn a_wrong_password_brings_the_form_back() {
    let doorward = Doorward::builder().start().await;
    register(&doorward, &[], EMAIL).await;
    let wrong = "another-orbit-lantern";
    let fields = [
        ("email", EMAIL),
        ("password", wrong),
        ("rd", "/x"),
        ("remember", "true"),
    ];
    let page = post_form(&format!("{}/login", doorward.public()), &[], &fields).await;
    assert_eq!(page.status, 401);
    assert!(page.header("www-authenticate").is_some());
    for part in [
        r#"role="alert""#,
        r#"value="ann@example.com""#,
        r#"name="rd" value="/x""#,
        "checked",
    ] {
        assert!(page.body.contains(part), "{part} in {}", page.body);
    }
    assert!(!page.body.contains(wrong), "a password is never shown");
    assert!(page.cookies().is_empty());
}

#[tokio::test]
async fn a_form_without_its_fields_says_so_beside_them() {
    let doorward = Doorward::builder().start().await;
    let url = format!("{}/login", doorward.public());
    for (fields, mark) in [
        (
            vec![("email", ""), ("password", PASSWORD)],
            r#"id="email-error""#,
        ),
        (
            vec![("email", "ann"), ("password", PASSWORD)],
            r#"id="email-error""#,
        ),
        (
            vec![("email", EMAIL), ("password", "")],
            r#"id="password-error""#,
        ),
        (vec![("email", EMAIL)], r#"id="password-error""#),
        (vec![], r#"id="email-error""#),
    ] {
        let page = post_form(&url, &[], &fields).await;
        assert_eq!(page.status, 400, "{fields:?}");
        assert!(
            page.body.contains(mark) && page.body.contains("aria-invalid"),
            "{fields:?}"
        );
    }
}

#[tokio::test]
async fn a_program_may_send_a_form_and_be_answered_in_json() {
    let doorward = Doorward::builder().start().await;
    register(&doorward, &[], EMAIL).await;
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("accept", "application/json"),
    ];
    let body = format!("email={EMAIL}&password={PASSWORD}&remember=true");
    let url = format!("{}/login", doorward.public());
    let answer = send("POST", &url, &headers, body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.json()["user_id"].is_string());
    assert!(answer.cookie("SESSION").attribute("max-age").is_some());
}

#[tokio::test]
async fn a_visitor_who_is_signed_in_just_goes_on() {
    let doorward = Doorward::builder().start().await;
    let cookie = registered(&doorward, EMAIL).await;
    for (query, location) in [
        ("", "/account"),
        ("?rd=/x", "/x"),
        ("?rd=//evil.example", "/account"),
    ] {
        let url = format!("{}/login{query}", doorward.public());
        let answer = navigate(&url, &[("cookie", &cookie)]).await;
        assert_eq!(answer.status, 303);
        assert_eq!(answer.location(), Some(location));
    }
    assert!(who(&doorward, &cookie).await.is_some());
}

#[tokio::test]
async fn threat_34_every_spelling_of_an_address_is_the_same_account() {
    let doorward = Doorward::builder().start().await;
    let url = format!("{}/login", doorward.public());
    let id = register(&doorward, &[], "Ann@B\u{fc}cher.example")
        .await
        .json()["user_id"]
        .clone();
    for spelling in [
        "ann@b\u{fc}cher.example",
        "  ANN@B\u{dc}CHER.EXAMPLE ",
        "ann@xn--bcher-kva.example",
    ] {
        assert_eq!(
            sign_in(&doorward, &[], spelling).await.json()["user_id"],
            id
        );
        let again = format!("{}/register", doorward.public());
        let twin = post_json(&again, &[], &credentials(spelling)).await;
        assert_eq!(twin.status, 409, "{spelling}");
    }
    // Cyrillic letters that look like `ann` and `bücher`, and several mailboxes in one.
    for other in [
        "\u{430}nn@b\u{fc}cher.example",
        "ann@b\u{fc}\u{441}her.example",
        "ann+x@b\u{fc}cher.example",
        "ann@b\u{fc}cher.example,eve@evil.example",
        "ann@b\u{fc}cher.example\r\nBcc: eve@evil.example",
        "eve@evil.example@b\u{fc}cher.example",
    ] {
        let answer = post_json(&url, &[], &credentials(other)).await;
        assert!(matches!(answer.status.as_u16(), 400 | 401), "{other}");
    }
}

#[tokio::test]
async fn apps_share_people_only_when_told_to_and_sessions_never() {
    let toml = r#"
        [apps.shop]
        hosts = ["shop.localhost"]
        users = "people"
        keys = ["44a22b41ccccfc05c5693e1d60b80d7287cc3cffd8658a8ba478cb690e6319e2"]
        [apps.blog]
        hosts = ["blog.localhost"]
        users = "people"
        keys = ["256de690986178265c5cbeeccba523303002a57f77ef316bf39f405b74f52fe4"]
        [apps.other]
        hosts = ["other.localhost"]
        keys = ["7153b450a696816fd2ba60731377d8c7d8c2ebeade3378408d023e5b6d908d85"]
    "#;
    let doorward = Doorward::builder().toml(toml).start().await;
    let [shop, blog, other] =
        ["shop.localhost", "blog.localhost", "other.localhost"].map(|host| [("host", host)]);
    let at_shop = register(&doorward, &shop, EMAIL).await;
    let at_blog = sign_in(&doorward, &blog, EMAIL).await;
    assert_eq!(at_shop.json()["user_id"], at_blog.json()["user_id"]);

    let url = format!("{}/login", doorward.public());
    let stranger = post_json(&url, &other, &credentials(EMAIL)).await;
    assert_eq!(stranger.status, 401);
    let at_other = register(&doorward, &other, EMAIL).await;
    assert_ne!(at_shop.json()["user_id"], at_other.json()["user_id"]);

    let session = format!("{}/login/session", doorward.public());
    let cookies = [&at_shop, &at_blog, &at_other].map(|answer| answer.cookie("SESSION").pair());
    for (host, own) in [(shop, 0), (blog, 1), (other, 2)] {
        for (index, cookie) in cookies.iter().enumerate() {
            let answer = get(&session, &[host[0], ("cookie", cookie)]).await;
            let expected = if index == own { 200 } else { 401 };
            assert_eq!(answer.status, expected, "{host:?} with cookie {index}");
        }
    }
}

#[tokio::test]
async fn a_form_may_have_the_return_address_in_its_action() {
    let doorward = Doorward::builder().start().await;
    register(&doorward, &[], EMAIL).await;
    let fields = [("email", EMAIL), ("password", PASSWORD)];
    let url = format!("{}/login?rd=/orders%3Fpage%3D2", doorward.public());
    let answer = post_form(&url, &[], &fields).await;
    assert_eq!(
        (answer.status.as_u16(), answer.location()),
        (303, Some("/orders?page=2"))
    );
    let both = [fields[0], fields[1], ("rd", "/basket")];
    assert_eq!(
        post_form(&url, &[], &both).await.location(),
        Some("/basket"),
        "the field counts first"
    );
    let url = format!("{}/login?rd=https://evil.example/", doorward.public());
    assert_eq!(post_form(&url, &[], &fields).await.location(), Some("/"));
}
