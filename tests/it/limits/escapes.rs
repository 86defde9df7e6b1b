//! No other way of saying the same buys a new budget.

use super::super::support::doorward::Doorward;
use super::super::support::http::{raw, raw_status};
use super::super::visitor::PASSWORD;
use super::{FORM, JSON, post};

const EMAIL: &str = "ann@example.com";

/// Sends a request line and headers as they are; the answer's status and everything else of it.
async fn say(doorward: &Doorward, line: &str, kind: &str, body: &str) -> (u16, String) {
    let address = doorward.public().trim_start_matches("http://");
    let head = format!(
        "{line} HTTP/1.1\r\nHost: {address}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let answer = raw(address, format!("{head}{body}").as_bytes()).await;
    let text = String::from_utf8_lossy(&answer).into_owned();
    (raw_status(&answer), text)
}

async fn used_up(base_path: &str) -> Doorward {
    let toml = format!(
        "[server]\nbase_path = \"{base_path}\"\n[limits]\nsign_in = \"1 per 1d\"\nregistration = \"1 per 1d\""
    );
    let doorward = Doorward::builder().toml(&toml).start().await;
    for page in ["login", "register"] {
        let answer = post(&doorward, &format!("{base_path}/{page}"), JSON, "{}").await;
        assert_eq!(answer.status, 400, "{base_path}/{page}");
    }
    doorward
}

#[tokio::test]
async fn threat_30_no_spelling_of_a_path_or_method_reaches_sign_in_past_its_budget() {
    for base_path in ["", "/auth"] {
        let doorward = used_up(base_path).await;
        let address = doorward.public().trim_start_matches("http://").to_owned();
        let body = format!("{{\"email\":\"{EMAIL}\",\"password\":\"{PASSWORD}\"}}");
        for page in ["login", "login/email", "register", "register/email"] {
            let exact = format!("{base_path}/{page}");
            for target in [
                exact.clone(),
                format!("{exact}?x=1"),
                format!("{exact}?"),
                format!("http://{address}{exact}"),
                format!("{exact}#part"),
            ] {
                let (status, answer) = say(&doorward, &format!("POST {target}"), JSON, &body).await;
                assert!(matches!(status, 429 | 400), "{target}: {answer}");
            }
            let encoded = page.replacen('o', "%6f", 1).replacen('e', "%65", 1);
            for target in [
                format!("{exact}/"),
                format!("/{exact}"),
                format!("{base_path}//{page}"),
                format!("{base_path}/./{page}"),
                format!("{base_path}/x/../{page}"),
                format!("{base_path}/{encoded}"),
                format!("{base_path}/{}", page.to_uppercase()),
                format!("{exact};a=b"),
                format!("{exact}%20"),
                format!("{exact}%00"),
                format!("{exact}%2f"),
                format!("{base_path}\\{page}"),
                format!("/other/{page}"),
            ] {
                let (status, answer) = say(&doorward, &format!("POST {target}"), JSON, &body).await;
                let reached = answer.contains("invalid_credentials") || answer.contains("user_id");
                assert!(
                    !reached && matches!(status, 400 | 404 | 405 | 429),
                    "{target}: {answer}"
                );
            }
            for method in [
                "post", "Post", "PUT", "PATCH", "DELETE", "PROPFIND", "POSTS", "QUERY",
            ] {
                let (status, answer) =
                    say(&doorward, &format!("{method} {exact}"), JSON, &body).await;
                assert!(matches!(status, 400 | 405), "{method} {exact}: {answer}");
            }
            for method in ["GET", "HEAD", "OPTIONS"] {
                let (status, answer) =
                    say(&doorward, &format!("{method} {exact}"), JSON, &body).await;
                let reached = answer.to_lowercase().contains("set-cookie");
                assert!(!reached && status != 429, "{method} {exact}: {answer}");
            }
        }
    }
}

#[tokio::test]
async fn threat_30_no_content_type_and_no_other_header_passes() {
    let doorward = used_up("").await;
    let form = format!("email={EMAIL}&password={PASSWORD}");
    for kind in [
        FORM,
        JSON,
        "text/plain",
        "multipart/form-data",
        "",
        "Application/JSON",
    ] {
        for line in ["POST /login", "POST /login/email", "POST /register"] {
            let (status, answer) = say(&doorward, line, kind, &form).await;
            assert_eq!(status, 429, "{line} {kind}: {answer}");
        }
    }
    for header in [
        "X-HTTP-Method-Override: GET",
        "X-Original-URL: /login/session",
        "X-Rewrite-URL: /logout",
        "Expect: 100-continue",
        "Sec-Fetch-Site: same-origin",
    ] {
        let line = format!("POST /login HTTP/1.1\r\n{header}\r\nX-Rest:");
        let (status, answer) = say(&doorward, &line, FORM, &form).await;
        assert_eq!(status, 429, "{header}: {answer}");
    }
}

/// Refused before it is read: an endless body costs nothing, and its sender is told at once.
#[tokio::test]
async fn threat_31_32_a_refused_request_is_not_read() {
    let doorward = used_up("").await;
    let address = doorward.public().trim_start_matches("http://");
    let head = format!(
        "POST /login HTTP/1.1\r\nHost: {address}\r\nContent-Type: {JSON}\r\nContent-Length: 30000\r\n\r\n{{\"email\":"
    );
    let answer = raw(address, head.as_bytes()).await;
    assert_eq!(raw_status(&answer), 429);
}
