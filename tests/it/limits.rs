//! Input that is too long, too deep or of the wrong kind (THREATS 31): an answer with a reason, and never a 500.

use serde_json::{Value, json};

use super::support::doorward::Doorward;
use super::support::http::{Answer, get, raw, raw_status, send};
use super::visitor::{PASSWORD, registered};

const ROUTES: [&str; 5] = [
    "/login",
    "/login/email",
    "/register",
    "/register/email",
    "/logout",
];
const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

async fn post(doorward: &Doorward, route: &str, kind: &str, body: impl Into<Vec<u8>>) -> Answer {
    let headers = [("content-type", kind), ("accept", "application/json")];
    send(
        "POST",
        &format!("{}{route}", doorward.public()),
        &headers,
        body.into(),
    )
    .await
}

/// A problem with this status and code, and a reason to read.
fn check(answer: &Answer, (status, code): (u16, &str), what: &str) {
    assert_eq!(answer.status, status, "{what}: {}", answer.body);
    assert_eq!(answer.code(), code, "{what}");
    let problem = answer.json();
    let detail = problem["detail"].as_str().unwrap_or_default();
    assert!(detail.len() > 20, "a reason for {what}: {problem}");
    assert_eq!(problem["status"], status);
    assert!(answer.cookies().is_empty(), "{what}");
}

#[tokio::test]
async fn threat_31_a_body_that_is_no_json_object_is_told_so() {
    let doorward = Doorward::builder().start().await;
    let deep = "[".repeat(16_000);
    let closed = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let nested = format!("{}1{}", "{\"a\":".repeat(3_000), "}".repeat(3_000));
    let long_number = format!("{{\"email\":{}}}", "9".repeat(20_000));
    for body in [
        "",
        " ",
        "null",
        "true",
        "1",
        "\"x\"",
        "[]",
        "{",
        "{]",
        "{\"email\":}",
        "{email:1}",
        "{}{}",
        "{\"a\":1,}",
        "\u{feff}{}",
        "// {}",
        "NaN",
        "{\"email\":\"\\ud800\"}",
        "{\"email\":\"\u{0}\"}",
        "{\"email\":\"\n\"}",
        "email=a&password=b",
        &deep,
        &closed,
        &nested,
        &long_number,
    ] {
        for route in ROUTES {
            let answer = post(&doorward, route, JSON, body).await;
            check(
                &answer,
                (400, "invalid_json"),
                &format!("{route} {body:.30}"),
            );
        }
    }
    for body in [
        &b"{\"email\":\"\xff\"}"[..],
        b"\xff\xfe{\0}\0",
        b"\x1f\x8b\x08\0\0\0\0\0",
    ] {
        check(
            &post(&doorward, "/login", JSON, body).await,
            (400, "invalid_json"),
            "not UTF-8",
        );
    }
}

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

#[tokio::test]
async fn threat_31_an_endless_body_is_cut_off() {
    let doorward = Doorward::builder().start().await;
    let address = doorward.public().trim_start_matches("http://").to_owned();
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let head = format!("POST /login HTTP/1.1\r\nHost: {address}\r\nContent-Type: {JSON}\r\n");
    let endless = format!(
        "{head}Transfer-Encoding: chunked\r\n\r\n{}",
        chunk.repeat(64)
    );
    let answer = raw(&address, endless.as_bytes()).await;
    assert!(
        matches!(raw_status(&answer), 413 | 0),
        "refused, or cut off while sending"
    );
    let declared = format!(
        "{head}Content-Length: 99999999999\r\n\r\n{}",
        "x".repeat(2 << 20)
    );
    let answer = raw(&address, declared.as_bytes()).await;
    assert!(
        matches!(raw_status(&answer), 413 | 0),
        "refused, or cut off while sending"
    );
    assert_eq!(
        get(&format!("{}/login", doorward.public()), &[])
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn threat_31_queries_and_heads_are_bounded() {
    let doorward = Doorward::builder().start().await;
    let cookie = registered(&doorward, "ann@example.com").await;
    let base = doorward.public();
    for query in [
        "rd=%ff",
        "rd=%00",
        "rd=%",
        "rd",
        "rd=&rd=",
        "rd=/x&rd=/y",
        "=&&=",
        "rd[]=/x",
        "\u{ff}",
    ] {
        for path in ["/login", "/register", "/logout"] {
            for headers in [&[][..], &[("cookie", cookie.as_str())]] {
                let answer = get(&format!("{base}{path}?{query}"), headers).await;
                assert!(
                    matches!(answer.status.as_u16(), 200 | 303),
                    "{path}?{query}: {}",
                    answer.status
                );
            }
        }
    }
    let long = format!("/{}", "a".repeat(10_000));
    let answer = get(&format!("{base}/login?rd={long}"), &[("cookie", &cookie)]).await;
    assert_eq!(answer.location(), Some("/account"), "too long to return to");
    let address = base.trim_start_matches("http://").to_owned();
    let huge = "a".repeat(70_000);
    for request in [
        format!("GET /login HTTP/1.1\r\nHost: {address}\r\nX: {huge}\r\n\r\n"),
        format!("GET /login?rd={huge} HTTP/1.1\r\nHost: {address}\r\n\r\n"),
        format!(
            "GET /login HTTP/1.1\r\nHost: {address}\r\n{}\r\n",
            "X: y\r\n".repeat(200)
        ),
    ] {
        let status = raw_status(&raw(&address, request.as_bytes()).await);
        assert!(matches!(status, 414 | 431), "{status} for {request:.60}");
    }
}

#[tokio::test]
async fn threat_31_strange_media_types_are_refused() {
    let doorward = Doorward::builder().start().await;
    for kind in [
        "text/plain",
        "text/json",
        "application/xml",
        "application/jsonx",
        "multipart/form-data",
        "*/*",
        "",
        ";",
        "\u{e9}",
    ] {
        let answer = post(&doorward, "/login", kind, "{}").await;
        check(&answer, (415, "unsupported_media_type"), kind);
    }
    for kind in [
        "application/json; charset=utf-8",
        "Application/JSON",
        " application/json ",
    ] {
        check(
            &post(&doorward, "/login", kind, "{}").await,
            (400, "invalid_email"),
            kind,
        );
    }
    let unknown: Value =
        json!({ "email": "a@b.example", "password": "x", "__proto__": {}, "admin": true });
    let answer = post(&doorward, "/login", JSON, unknown.to_string()).await;
    check(
        &answer,
        (401, "invalid_credentials"),
        "fields that nobody asked for",
    );
}
