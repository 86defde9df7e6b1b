//! Scripts and header lines through everything a visitor may choose (THREATS 25).

use super::support::doorward::Doorward;
use super::support::http::{Answer, get, navigate, post_form, raw, send};
use super::visitor::{PASSWORD, registered};

/// What breaks out of text, of an attribute in either quotes, of a URL, of a template.
const SCRIPTS: [&str; 8] = [
    "<script>alert(1)</script>",
    "\"><script>alert(1)</script>",
    "'><img src=x onerror=alert(1)>",
    "\" onfocus=\"alert(1)\" autofocus=\"",
    "' onfocus='alert(1)' autofocus='",
    "</title><svg/onload=alert(1)>",
    "--><svg onload=alert(1)>",
    "{{7*7}}<%= 7*7 %>${7*7}<b>",
];

/// Fails the test if the answer holds the payload as it was given, or any script at all.
fn check(answer: &Answer, payload: &str, what: &str) {
    assert!(answer.status.as_u16() < 500, "{what}: {}", answer.status);
    let html = answer
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("text/html"));
    if html {
        let body = answer.body.to_lowercase();
        assert!(!answer.body.contains(payload), "{what}: {payload}");
        assert!(
            !body.contains("<script")
                && !body.contains("<img src=x")
                && !body.contains("javascript:"),
            "{what}"
        );
        let tags = body
            .split('<')
            .skip(1)
            .filter_map(|tag| tag.split('>').next());
        for tag in tags {
            let outside_quotes: String = tag.split('"').step_by(2).collect();
            assert!(!outside_quotes.contains(" on"), "{what}: <{tag}>");
        }
    }
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    let policy = answer.header("content-security-policy").expect("a policy");
    assert!(
        !policy.contains("unsafe-inline") && policy.starts_with("default-src 'none'"),
        "{policy}"
    );
}

fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn threat_25_no_page_repeats_a_script_from_path_or_query() {
    let doorward = Doorward::builder().start().await;
    let cookie = registered(&doorward, "ann@example.com").await;
    let base = doorward.public();
    for script in SCRIPTS {
        let path = encode(script).replace('+', "%20");
        for url in [
            format!("{base}/{path}"),
            format!("{base}/login/{path}"),
            format!("{base}/login/assets/{path}"),
            format!("{base}/account/{path}"),
            format!("{base}/login?rd=/{}", encode(script)),
            format!("{base}/register?rd=/{}", encode(script)),
            format!("{base}/logout?rd=/{}", encode(script)),
            format!("{base}/login?rd=/x%3F{}", encode(script)),
            format!("{base}/login?{path}={path}"),
            format!("{base}/login?rd=javascript:alert(1)"),
        ] {
            check(&navigate(&url, &[]).await, script, &url);
            check(&navigate(&url, &[("cookie", &cookie)]).await, script, &url);
        }
    }
}

#[tokio::test]
async fn threat_25_no_page_repeats_a_script_from_a_form() {
    let doorward = Doorward::builder().start().await;
    registered(&doorward, "ann@example.com").await;
    let base = doorward.public();
    for script in SCRIPTS {
        let rd = format!("/{}", script.replace(' ', "/"));
        for route in ["/login", "/register"] {
            for (email, password) in [
                (script, PASSWORD),
                ("ann@example.com", script),
                (script, script),
                ("", script),
            ] {
                let fields = [
                    ("email", email),
                    ("password", password),
                    ("rd", &rd),
                    ("remember", "on"),
                ];
                let answer = post_form(&format!("{base}{route}"), &[], &fields).await;
                check(&answer, script, &format!("{route} {email}"));
                check(&answer, &rd, &format!("{route} {email}"));
            }
            let fields = [
                ("email", script),
                ("password", PASSWORD),
                ("remember", script),
                (script, script),
            ];
            check(
                &post_form(&format!("{base}{route}"), &[], &fields).await,
                script,
                route,
            );
        }
    }
}

#[tokio::test]
async fn threat_25_an_address_is_shown_as_text_wherever_it_is_shown() {
    let doorward = Doorward::builder().start().await;
    let email = "'&{{x}}`|$ann@example.com".to_owned();
    let body = format!("email={}&password={PASSWORD}", encode(&email));
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let url = format!("{}/register", doorward.public());
    let answer = send("POST", &url, &headers, body).await;
    assert_eq!(
        answer.status, 303,
        "every character is allowed in an address"
    );
    let cookie = answer.cookie("SESSION").pair();
    for path in ["/account", "/logout"] {
        let page = navigate(
            &format!("{}{path}", doorward.public()),
            &[("cookie", &cookie)],
        )
        .await;
        check(&page, &email, path);
        assert!(
            page.body.contains("ann@example.com"),
            "{path} shows who is signed in"
        );
    }
}

#[tokio::test]
async fn threat_25_no_page_repeats_a_script_from_a_header() {
    let doorward = Doorward::builder().start().await;
    let cookie = registered(&doorward, "ann@example.com").await;
    let base = doorward.public();
    for script in SCRIPTS {
        for name in [
            "user-agent",
            "x-request-id",
            "referer",
            "origin",
            "x-forwarded-host",
            "x-forwarded-for",
            "x-forwarded-proto",
            "x-original-url",
            "accept-language",
            "accept",
            "sec-fetch-site",
            "cookie",
        ] {
            for path in ["/login", "/login/none", "/login?rd=/x"] {
                let answer = get(&format!("{base}{path}"), &[(name, script)]).await;
                check(&answer, script, &format!("{name} {path}"));
                for line in answer.headers.values() {
                    assert!(
                        !line.to_str().expect("ASCII").contains(script),
                        "{name} comes back"
                    );
                }
            }
        }
        let headers = [("user-agent", script), ("cookie", &cookie)];
        check(
            &navigate(&format!("{base}/account"), &headers).await,
            script,
            "the account page",
        );
    }
}

#[tokio::test]
async fn threat_25_no_host_is_repeated() {
    let doorward = Doorward::builder().start().await;
    let address = doorward.public().trim_start_matches("http://").to_owned();
    for host in SCRIPTS.into_iter().chain([
        "127.0.0.1\"><b>",
        "127.0.0.1/<b>",
        "a@127.0.0.1",
        "127.0.0.1:x<b>",
    ]) {
        let request = format!("GET /login HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let answer = String::from_utf8(raw(&address, request.as_bytes()).await).expect("text");
        assert!(answer.starts_with("HTTP/1.1 40"), "{host}: {answer:.40}");
        assert!(!answer.contains(host) && !answer.contains("<b>"), "{host}");
    }
}

#[tokio::test]
async fn threat_13_no_input_makes_a_header_line() {
    let doorward = Doorward::builder().start().await;
    let cookie = registered(&doorward, "ann@example.com").await;
    for payload in [
        "/x\r\nX-Made: up",
        "/x\nX-Made: up",
        "/x\r\n\r\n<b>",
        "/x\u{2028}X-Made: up",
        "/x%0d%0aX-Made:%20up",
    ] {
        let query = encode(payload);
        let url = format!("{}/login?rd={query}", doorward.public());
        let answer = get(&url, &[("cookie", &cookie)]).await;
        assert_eq!(answer.header("x-made"), None, "{payload:?}");
        assert_eq!(
            (answer.status.as_u16(), answer.location()),
            (303, Some("/account")),
            "{payload:?}"
        );
        let form = [("rd", payload)];
        let answer = post_form(&format!("{}/logout", doorward.public()), &[], &form).await;
        assert_eq!(answer.header("x-made"), None, "{payload:?}");
    }
}
