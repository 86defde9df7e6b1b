//! Bodies, queries and heads as a whole.

use super::super::support::doorward::Doorward;
use super::super::support::http::{get, raw, raw_status};
use super::super::visitor::registered;
use super::{JSON, ROUTES, check, post};

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
            "X: y\r\n".repeat(600)
        ),
    ] {
        let status = raw_status(&raw(&address, request.as_bytes()).await);
        assert!(matches!(status, 414 | 431), "{status} for {request:.60}");
    }
}
