//! `/register` and `/register/email`.

use serde_json::json;

use super::support::doorward::Doorward;
use super::support::http::{navigate, post_form, post_json};
use super::visitor::{PASSWORD, credentials, registered, sign_in, who};

const EMAIL: &str = "ann@example.com";

#[tokio::test]
async fn the_form_makes_an_account_and_signs_in() {
    let doorward = Doorward::builder().start().await;
    let url = format!("{}/register", doorward.public());
    let page = navigate(&format!("{url}?rd=/x"), &[]).await;
    assert_eq!(page.status, 200);
    for part in [
        r#"action="/register""#,
        r#"autocomplete="new-password""#,
        r#"name="rd" value="/x""#,
    ] {
        assert!(page.body.contains(part), "{part} in {}", page.body);
    }
    let fields = [("email", EMAIL), ("password", PASSWORD), ("rd", "/x")];
    let answer = post_form(&url, &[], &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    assert_eq!(answer.location(), Some("/x"));
    let id = who(&doorward, &answer.cookie("SESSION").pair()).await;
    let again = sign_in(&doorward, &[], EMAIL).await;
    assert_eq!(again.json()["user_id"].as_str(), id.as_deref());
}

#[tokio::test]
async fn json_makes_an_account_and_tells_who_and_where() {
    let doorward = Doorward::builder().start().await;
    for (path, email, rd) in [
        ("/register", EMAIL, "/"),
        ("/register/email", "bob@example.com", "/x"),
    ] {
        let body = json!({ "email": email, "password": PASSWORD, "rd": rd });
        let answer = post_json(&format!("{}{path}", doorward.public()), &[], &body).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        let id = who(&doorward, &answer.cookie("SESSION").pair()).await;
        assert_eq!(answer.json(), json!({ "user_id": id, "return_to": rd }));
    }
}

#[tokio::test]
async fn a_taken_address_makes_nothing() {
    let doorward = Doorward::builder().start().await;
    let cookie = registered(&doorward, EMAIL).await;
    let url = format!("{}/register", doorward.public());
    let body = json!({ "email": EMAIL, "password": "another-orbit-lantern" });
    let answer = post_json(&url, &[], &body).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (409, "email_taken")
    );
    assert!(answer.cookies().is_empty());

    let fields = [("email", EMAIL), ("password", "another-orbit-lantern")];
    let page = post_form(&url, &[], &fields).await;
    assert_eq!(page.status, 409);
    assert!(page.body.contains(r#"id="email-error""#), "{}", page.body);
    assert!(page.cookies().is_empty());

    assert!(
        who(&doorward, &cookie).await.is_some(),
        "the owner's session stays"
    );
    let answer = post_json(&format!("{}/login", doorward.public()), &[], &body).await;
    assert_eq!(answer.status, 401, "and so does the owner's password");
}

#[tokio::test]
async fn a_password_has_to_be_long_and_hard_to_guess() {
    let doorward = Doorward::builder().start().await;
    let url = format!("{}/register", doorward.public());
    let longest = "\u{1f98a}\u{1f511}vqxzjk"
        .chars()
        .cycle()
        .take(1024)
        .collect::<String>();
    let long = format!("{longest}x");
    for (password, code) in [
        ("", "password_too_short"),
        ("x7!kQ2z", "password_too_short"),
        ("password", "password_too_weak"),
        ("12345678", "password_too_weak"),
        ("aaaaaaaaaaaaaaaa", "password_too_weak"),
        (EMAIL, "password_too_weak"),
        (&long, "password_too_long"),
        ("plum-orbit\0-lantern-42", "invalid_password"),
        ("plum-orbit\n-lantern-42", "invalid_password"),
    ] {
        let body = json!({ "email": EMAIL, "password": password });
        let answer = post_json(&url, &[], &body).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (400, code),
            "{password:?}"
        );
        assert_eq!(answer.json()["field"], "password");
        let page = post_form(&url, &[], &[("email", EMAIL), ("password", password)]).await;
        assert_eq!(page.status, 400, "{password:?}");
        assert!(page.body.contains(r#"id="password-error""#), "{password:?}");
        let shown = page.body.contains(&format!("\"{password}\""))
            || page.body.contains(&format!(">{password}<"));
        assert!(
            ["", "password", EMAIL].contains(&password) || !shown,
            "{password:?} is shown"
        );
    }
    let body = json!({ "email": EMAIL, "password": longest });
    assert_eq!(post_json(&url, &[], &body).await.status, 201);
    let login = format!("{}/login", doorward.public());
    let fields = [("email", EMAIL), ("password", longest.as_str())];
    assert_eq!(post_form(&login, &[], &fields).await.status, 303);
    let shorter: String = longest.chars().take(1023).collect();
    let fields = [("email", EMAIL), ("password", shorter.as_str())];
    assert_eq!(
        post_form(&login, &[], &fields).await.status,
        401,
        "every character counts"
    );
}

#[tokio::test]
async fn spaces_around_a_password_are_part_of_it() {
    let doorward = Doorward::builder().start().await;
    let spaced = format!(" {PASSWORD} ");
    let body = json!({ "email": EMAIL, "password": spaced });
    let answer = post_json(&format!("{}/register", doorward.public()), &[], &body).await;
    assert_eq!(answer.status, 201);
    let login = format!("{}/login", doorward.public());
    assert_eq!(
        post_json(&login, &[], &credentials(EMAIL)).await.status,
        401
    );
    assert_eq!(post_json(&login, &[], &body).await.status, 200);
}

#[tokio::test]
async fn closed_means_closed() {
    let toml = "[registration]\nmode = \"closed\"";
    let doorward = Doorward::builder().toml(toml).start().await;
    let url = format!("{}/register", doorward.public());
    let answer = post_json(&url, &[], &credentials(EMAIL)).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (403, "registration_closed")
    );
    assert_eq!(navigate(&url, &[]).await.status, 403);
    let page = post_form(&url, &[], &[("email", EMAIL), ("password", PASSWORD)]).await;
    assert_eq!(page.status, 403);
    let login = format!("{}/login", doorward.public());
    assert!(!navigate(&login, &[]).await.body.contains("/register"));
    assert_eq!(
        post_json(&login, &[], &credentials(EMAIL)).await.status,
        401,
        "no account was made"
    );
}

#[tokio::test]
async fn only_allowed_domains_may_register() {
    let toml = "[registration]\nallowed_domains = [\"example.com\", \"b\u{fc}cher.example\"]";
    let doorward = Doorward::builder().toml(toml).start().await;
    let url = format!("{}/register", doorward.public());
    for email in [
        "ann@example.com",
        "ann@EXAMPLE.com",
        "ann@xn--bcher-kva.example",
    ] {
        let status = post_json(&url, &[], &credentials(email))
            .await
            .status
            .as_u16();
        assert!(matches!(status, 201 | 409), "{email}: {status}");
    }
    for email in [
        "ann@sub.example.com",
        "ann@example.com.evil.example",
        "ann@notexample.com",
    ] {
        let answer = post_json(&url, &[], &credentials(email)).await;
        assert_eq!(answer.status, 403, "{email}");
        assert_eq!(answer.code(), "email_domain_not_allowed");
    }
    let fields = [("email", "ann@elsewhere.example"), ("password", PASSWORD)];
    let page = post_form(&url, &[], &fields).await;
    assert_eq!(page.status, 403);
    assert!(page.body.contains("id=\"email-error\""), "beside the field");
    assert!(page.body.contains("certain domains only"), "{}", page.body);
}

#[tokio::test]
async fn a_visitor_who_is_signed_in_just_goes_on() {
    let doorward = Doorward::builder().start().await;
    let cookie = registered(&doorward, EMAIL).await;
    for (query, location) in [
        ("", "/account"),
        ("?rd=/x", "/x"),
        ("?rd=/%5Cevil.example", "/account"),
    ] {
        let url = format!("{}/register{query}", doorward.public());
        let answer = navigate(&url, &[("cookie", &cookie)]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.location()),
            (303, Some(location))
        );
    }
}
