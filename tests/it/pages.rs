//! What holds for every page: headers, errors, hosts, the base path, HEAD.

mod hosts;
mod methods;

use super::support::doorward::Doorward;
use super::support::http::{Answer, get, navigate, send};
use super::visitor::{SHARED_TOML, SHOP, registered};

const PAGES: [&str; 6] = [
    "/login",
    "/login/email",
    "/register",
    "/register/email",
    "/logout",
    "/login/session",
];

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The headers that every answer of a page has, whatever it says.
fn check_headers(answer: &Answer, what: &str) {
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name} of {what}");
    }
    assert!(
        answer
            .header("x-request-id")
            .is_some_and(|id| !id.is_empty()),
        "{what}"
    );
    assert!(answer.header("permissions-policy").is_some(), "{what}");
    assert_eq!(answer.header("server"), None, "{what}");
}

/// One request for every kind of error there is without a fault of ours.
async fn errors(base: &str, host: (&str, &str), json: bool) -> Vec<(u16, &'static str, Answer)> {
    let accept = (
        "accept",
        if json {
            "application/json"
        } else {
            "text/html"
        },
    );
    let headers = |more| [&[host, accept][..], more].concat();
    let form = ("content-type", "application/x-www-form-urlencoded");
    let login = format!("{base}/login");
    let post = async |more, body: String| send("POST", &login, &headers(more), body).await;
    let ask = async |method, path| send(method, &format!("{base}{path}"), &headers(&[]), "").await;
    vec![
        (
            400,
            "invalid_form",
            post(&[form], "a=1&a=2".to_owned()).await,
        ),
        (
            403,
            "cross_site_request",
            post(&[form, ("sec-fetch-site", "cross-site")], String::new()).await,
        ),
        (404, "not_found", ask("GET", "/login/none").await),
        (404, "not_found", ask("GET", "/").await),
        (404, "not_found", ask("POST", "/elsewhere").await),
        (405, "method_not_allowed", ask("PUT", "/login").await),
        (405, "method_not_allowed", ask("DELETE", "/account").await),
        (405, "method_not_allowed", ask("OPTIONS", "/logout").await),
        (413, "too_large", post(&[form], "x".repeat(40_000)).await),
        (
            415,
            "unsupported_media_type",
            post(&[("content-type", "text/plain")], "x".to_owned()).await,
        ),
        (
            415,
            "unsupported_media_type",
            post(
                &[("content-type", "multipart/form-data; boundary=x")],
                "x".to_owned(),
            )
            .await,
        ),
    ]
}

#[tokio::test]
async fn threat_25_every_page_and_every_error_carries_the_security_headers() {
    let doorward = Doorward::builder().start().await;
    let cookie = registered(&doorward, "ann@example.com").await;
    let base = doorward.public();
    for path in PAGES.into_iter().chain(["/account"]) {
        for cookie in ["", &cookie] {
            let answer = navigate(&format!("{base}{path}"), &[("cookie", cookie)]).await;
            assert!(matches!(answer.status.as_u16(), 200 | 303 | 401), "{path}");
            check_headers(&answer, path);
            assert_eq!(
                answer.header("strict-transport-security"),
                None,
                "not on http"
            );
        }
    }
    for json in [false, true] {
        for (status, code, answer) in errors(base, ("x-none", ""), json).await {
            assert_eq!(answer.status, status, "{code}: {}", answer.body);
            check_headers(&answer, code);
            if json {
                assert_eq!(
                    answer.header("content-type"),
                    Some("application/problem+json")
                );
                assert_eq!(answer.code(), code);
                assert_eq!(
                    answer.json()["request_id"].as_str(),
                    answer.header("x-request-id")
                );
            } else {
                assert_eq!(
                    answer.header("content-type"),
                    Some("text/html; charset=utf-8")
                );
                let id = answer.header("x-request-id").expect("an id");
                assert!(
                    answer.body.contains(id),
                    "the page tells the operator's reference"
                );
            }
        }
    }
}

#[tokio::test]
async fn threat_25_strict_transport_security_belongs_to_https_alone() {
    let toml = r#"
        [apps.shop]
        hosts = ["shop.example.com", "http://plain.example.com", "localhost"]
    "#;
    let doorward = Doorward::builder().toml(toml).start().await;
    for (host, expected) in [
        ("shop.example.com", Some("max-age=31536000")),
        ("SHOP.example.com.:443", Some("max-age=31536000")),
        ("plain.example.com", None),
        ("localhost", None),
        ("unknown.example", None),
    ] {
        let headers = [("host", host), ("x-forwarded-proto", "https")];
        let answer = navigate(&format!("{}/login", doorward.public()), &headers).await;
        assert_eq!(
            answer.header("strict-transport-security"),
            expected,
            "{host}"
        );
    }
    for (status, code, answer) in errors(doorward.public(), SHOP, true).await {
        assert_eq!(answer.status, status);
        assert!(
            answer.header("strict-transport-security").is_some(),
            "{code}"
        );
    }
}

#[tokio::test]
async fn a_shared_sign_in_page_lets_its_form_lead_to_the_apps_of_the_pool() {
    let doorward = Doorward::builder().toml(SHARED_TOML).start().await;
    let answer = navigate(
        &format!("{}/login", doorward.public()),
        &[("host", "login.example.com")],
    )
    .await;
    let policy = answer.header("content-security-policy").expect("a policy");
    let action = policy
        .split("; ")
        .find(|part| part.starts_with("form-action"));
    let mut sources: Vec<_> = action.expect("form-action").split(' ').skip(1).collect();
    sources.sort_unstable();
    assert_eq!(
        sources,
        [
            "'self'",
            "https://blog.example.com",
            "https://shop.example.com"
        ]
    );
}

#[tokio::test]
async fn threat_41_and_43_what_is_internal_is_not_on_the_public_listener() {
    let doorward = Doorward::builder().start().await;
    for path in [
        "/verify",
        "/verify/nginx",
        "/verify/traefik/app",
        "/verify/envoy/app/x",
        "/healthz",
        "/readyz",
        "/metrics",
        "/.well-known/jwks.json",
        "/users",
    ] {
        let headers = [
            ("x-original-method", "GET"),
            ("x-original-url", "http://127.0.0.1/"),
        ];
        let answer = get(&format!("{}{path}", doorward.public()), &headers).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.header("x-userid"), None);
    }
    for path in ["/login", "/register", "/logout", "/account"] {
        let answer = get(&format!("{}{path}", doorward.internal()), &[]).await;
        assert_eq!(answer.status, 404, "{path}");
    }
}

#[tokio::test]
async fn assets_may_be_kept_and_are_what_they_say() {
    let doorward = Doorward::builder().start().await;
    let page = navigate(&format!("{}/login", doorward.public()), &[]).await;
    let assets: Vec<_> = page
        .body
        .split('"')
        .filter(|part| part.starts_with("/login/assets/"))
        .collect();
    assert!(!assets.is_empty());
    for asset in assets {
        let answer = get(
            &format!("{}{asset}", doorward.public()),
            &[("cookie", "SESSION=rubbish")],
        )
        .await;
        assert_eq!(answer.status, 200, "{asset}");
        assert_eq!(answer.header("cache-control"), Some("public, max-age=3600"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert!(
            answer.cookies().is_empty(),
            "what is kept carries no cookie"
        );
    }
    for path in [
        "none.css",
        "..%2f..%2fCargo.toml",
        "%2e%2e/Cargo.toml",
        "%ff",
        "%00",
    ] {
        let answer = get(&format!("{}/login/assets/{path}", doorward.public()), &[]).await;
        assert!(matches!(answer.status.as_u16(), 400 | 404), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}
