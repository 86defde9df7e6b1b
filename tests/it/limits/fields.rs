//! Single fields.

use serde_json::json;

use super::super::support::doorward::Doorward;
use super::super::support::http::send;
use super::super::visitor::{PASSWORD, registered};
use super::{FORM, JSON, ROUTES, check, post};

#[tokio::test]
async fn threat_31_a_field_of_the_wrong_type_is_named() {
    let doorward = Doorward::builder().start().await;
    let wrong = [
        json!(1),
        json!(-1.5),
        json!(true),
        json!([]),
        json!(["x"]),
        json!({}),
        json!({ "$ne": "" }),
    ];
    for value in &wrong {
        for route in ["/login", "/register"] {
            for field in ["email", "password", "rd"] {
                let mut body = json!({ "email": "ann@example.com", "password": PASSWORD });
                body[field] = value.clone();
                let answer = post(&doorward, route, JSON, body.to_string()).await;
                check(
                    &answer,
                    (400, "invalid_request"),
                    &format!("{route} {body}"),
                );
                assert_eq!(answer.json()["field"], field);
            }
        }
        let answer = post(
            &doorward,
            "/logout",
            JSON,
            json!({ "rd": value }).to_string(),
        )
        .await;
        check(&answer, (400, "invalid_request"), &format!("{value}"));
    }
    for value in [json!("yes"), json!("true"), json!(1), json!([]), json!({})] {
        let body = json!({ "email": "ann@example.com", "password": PASSWORD, "remember": value });
        let answer = post(&doorward, "/login", JSON, body.to_string()).await;
        check(&answer, (400, "invalid_request"), &format!("{body}"));
        assert_eq!(answer.json()["field"], "remember");
    }
    let answer = post(
        &doorward,
        "/login",
        FORM,
        "email=a@b.example&password=x&remember=maybe",
    )
    .await;
    check(
        &answer,
        (400, "invalid_request"),
        "a box with another value",
    );
}

#[tokio::test]
async fn threat_31_missing_fields_are_named_in_json_and_in_forms() {
    let doorward = Doorward::builder().start().await;
    for (route, short) in [
        ("/login", "invalid_password"),
        ("/register", "password_too_short"),
    ] {
        for (body, code) in [
            (json!({}), "invalid_email"),
            (json!({ "email": null, "password": null }), "invalid_email"),
            (json!({ "password": PASSWORD }), "invalid_email"),
            (
                json!({ "email": "", "password": PASSWORD }),
                "invalid_email",
            ),
            (json!({ "email": "ann@example.com" }), short),
            (json!({ "email": "ann@example.com", "password": "" }), short),
            (
                json!({ "email": "ann@example.com", "password": null }),
                short,
            ),
        ] {
            let answer = post(&doorward, route, JSON, body.to_string()).await;
            check(&answer, (400, code), &format!("{route} {body}"));
        }
        for (body, code) in [
            ("", "invalid_email"),
            ("email=ann@example.com", short),
            ("=&=x", "invalid_form"),
        ] {
            check(
                &post(&doorward, route, FORM, body).await,
                (400, code),
                &format!("{route} {body}"),
            );
        }
        let url = format!("{}{route}", doorward.public());
        let nothing = send("POST", &url, &[("accept", "application/json")], "").await;
        check(&nothing, (400, "invalid_email"), "no body at all");
    }
}

#[tokio::test]
async fn threat_31_a_form_has_each_field_once_and_in_utf_8() {
    let doorward = Doorward::builder().start().await;
    for route in ROUTES {
        for body in [
            &b"email=a@b.example&email=c@d.example"[..],
            b"rd=/x&password=y&rd=/x",
            b"email=%ff",
            b"email=\xff",
            b"email=%c3%28&password=x",
            b"%ff=x",
            b"email=%ed%a0%80",
        ] {
            let what = format!("{route} {}", String::from_utf8_lossy(body));
            check(
                &post(&doorward, route, FORM, body).await,
                (400, "invalid_form"),
                &what,
            );
        }
    }
}

#[tokio::test]
async fn threat_31_control_characters_are_refused_before_any_work() {
    let doorward = Doorward::builder().start().await;
    for character in ["\0", "\r\n", "\t", "\u{1b}[31m", "\u{7f}", "\u{85}"] {
        let email = format!("ann{character}@example.com");
        let password = format!("plum-orbit{character}lantern-42");
        for route in ["/login", "/register"] {
            let body = json!({ "email": email, "password": PASSWORD });
            let answer = post(&doorward, route, JSON, body.to_string()).await;
            check(
                &answer,
                (400, "invalid_email"),
                &format!("{route} {email:?}"),
            );
            let body = json!({ "email": "ann@example.com", "password": password });
            let answer = post(&doorward, route, JSON, body.to_string()).await;
            check(
                &answer,
                (400, "invalid_password"),
                &format!("{route} {password:?}"),
            );
        }
    }
}

#[tokio::test]
async fn threat_31_a_password_is_bounded_before_it_is_hashed() {
    let doorward = Doorward::builder().start().await;
    registered(&doorward, "ann@example.com").await;
    let body = |length: usize| {
        json!({ "email": "ann@example.com", "password": "x".repeat(length) }).to_string()
    };
    for (route, code) in [
        ("/login", "invalid_password"),
        ("/register", "password_too_long"),
    ] {
        for length in [1025, 5_000, 30_000] {
            let answer = post(&doorward, route, JSON, body(length)).await;
            check(&answer, (400, code), &format!("{route} {length}"));
        }
        for length in [33_000, 1_000_000] {
            let answer = post(&doorward, route, JSON, body(length)).await;
            check(&answer, (413, "too_large"), &format!("{route} {length}"));
            let form = format!("email=ann@example.com&password={}", "x".repeat(length));
            check(
                &post(&doorward, route, FORM, form).await,
                (413, "too_large"),
                route,
            );
        }
    }
    let email = format!("{}@example.com", "a".repeat(20_000));
    let answer = post(
        &doorward,
        "/login",
        JSON,
        json!({ "email": email, "password": "x" }).to_string(),
    )
    .await;
    check(&answer, (400, "invalid_email"), "a long address");
}
