//! Forms sent from another site, against every route that takes one.

use super::support::doorward::Doorward;
use super::support::http::{Answer, send};
use super::visitor::{PASSWORD, SHARED_TOML, credentials, register, registered, who};

const ROUTES: [&str; 5] = [
    "/login",
    "/login/email",
    "/register",
    "/register/email",
    "/logout",
];
const EMAIL: &str = "ann@example.com";

/// Posts, as a form or as JSON, what would succeed.
async fn post(url: &str, headers: &[(&str, &str)], email: &str, json: bool) -> Answer {
    let (kind, body) = if json {
        ("application/json", credentials(email).to_string())
    } else {
        (
            "application/x-www-form-urlencoded",
            format!("email={email}&password={PASSWORD}"),
        )
    };
    let headers = [
        headers,
        &[("content-type", kind), ("accept", "application/json")],
    ]
    .concat();
    send("POST", url, &headers, body).await
}

#[tokio::test]
async fn threat_24_what_another_site_sends_does_nothing() {
    let doorward = Doorward::builder().start().await;
    let cookie = registered(&doorward, EMAIL).await;
    let own = doorward.public().to_owned();
    let port = own.rsplit(':').next().expect("a port");
    let other_port = "http://127.0.0.1:1".to_owned();
    let foreign = [
        vec![("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "same-site")],
        vec![("sec-fetch-site", "cross-site"), ("origin", &own)],
        vec![("sec-fetch-site", "same-site"), ("origin", &own)],
        vec![("sec-fetch-site", "")],
        vec![("sec-fetch-site", "Same-Origin")],
        vec![
            ("sec-fetch-site", "same-origin"),
            ("sec-fetch-site", "cross-site"),
        ],
        vec![("origin", "null")],
        vec![("origin", "")],
        vec![("origin", "https://evil.example")],
        vec![("origin", &other_port)],
        vec![("origin", &own), ("origin", "https://evil.example")],
        vec![("origin", "http://127.0.0.1")],
    ];
    let tls = format!("https://127.0.0.1:{port}");
    let named = format!("http://localhost:{port}");
    let suffix = format!("{own}.evil.example");
    let slash = format!("{own}/");
    let others = [&tls, &named, &suffix, &slash].map(|origin| vec![("origin", origin.as_str())]);
    for headers in foreign.into_iter().chain(others) {
        for route in ROUTES {
            for json in [false, true] {
                let headers = [&headers[..], &[("cookie", cookie.as_str())]].concat();
                let email = if route.starts_with("/register") {
                    "new@example.com"
                } else {
                    EMAIL
                };
                let answer = post(&format!("{own}{route}"), &headers, email, json).await;
                assert_eq!(answer.status, 403, "{route} {headers:?}");
                assert_eq!(answer.code(), "cross_site_request", "{route} {headers:?}");
                assert!(answer.cookies().is_empty(), "{route} {headers:?}");
            }
        }
    }
    assert!(
        who(&doorward, &cookie).await.is_some(),
        "nobody was signed out or in anew"
    );
    register(&doorward, &[], "new@example.com").await;
}

#[tokio::test]
async fn threat_24_the_pages_themselves_and_programs_may_post() {
    let doorward = Doorward::builder().start().await;
    registered(&doorward, EMAIL).await;
    let own = doorward.public();
    let allowed: [&[(&str, &str)]; 6] = [
        &[],
        &[("sec-fetch-site", "same-origin")],
        &[("sec-fetch-site", "none")],
        &[("origin", own)],
        &[("sec-fetch-site", "same-origin"), ("origin", own)],
        &[
            ("sec-fetch-site", "same-origin"),
            ("referer", "https://evil.example/"),
        ],
    ];
    for (index, headers) in allowed.into_iter().enumerate() {
        for route in ROUTES {
            let fresh = format!("new{index}{}@example.com", route.len());
            let email = if route.starts_with("/register") {
                &fresh
            } else {
                EMAIL
            };
            let answer = post(&format!("{own}{route}"), headers, email, true).await;
            assert!(
                answer.status.is_success(),
                "{route} {headers:?}: {}",
                answer.body
            );
        }
    }
}

#[tokio::test]
async fn threat_24_no_method_but_reading_passes_unasked() {
    let doorward = Doorward::builder().start().await;
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        for path in ["/login", "/account", "/login/session", "/login/none"] {
            let headers = [
                ("sec-fetch-site", "cross-site"),
                ("accept", "application/json"),
            ];
            let answer = send(
                method,
                &format!("{}{path}", doorward.public()),
                &headers,
                "",
            )
            .await;
            assert_eq!(answer.code(), "cross_site_request", "{method} {path}");
        }
        let nothing = format!("{}/none", doorward.public());
        let headers = [
            ("sec-fetch-site", "cross-site"),
            ("accept", "application/json"),
        ];
        let answer = send(method, &nothing, &headers, "").await;
        assert_eq!(
            answer.code(),
            "not_found",
            "{method}: nobody is there to be forged"
        );
    }
}

#[tokio::test]
async fn threat_24_a_sibling_app_of_the_pool_is_another_site_too() {
    let doorward = Doorward::builder().toml(SHARED_TOML).start().await;
    let url = format!("{}/login", doorward.public());
    let host = ("host", "login.example.com");
    register(&doorward, &[host], EMAIL).await;
    for (origin, status) in [
        ("https://login.example.com", 200),
        ("https://login.example.com:443", 200),
        ("https://shop.example.com", 403),
        ("http://login.example.com", 403),
        ("https://example.com", 403),
    ] {
        let answer = post(&url, &[host, ("origin", origin)], EMAIL, true).await;
        assert_eq!(answer.status, status, "{origin}");
    }
    let forwarded = [
        ("host", "door.internal"),
        ("x-forwarded-host", "login.example.com"),
    ];
    for (origin, status) in [
        ("https://login.example.com", 200),
        ("https://door.internal", 403),
    ] {
        let headers = [&forwarded[..], &[("origin", origin)]].concat();
        assert_eq!(
            post(&url, &headers, EMAIL, true).await.status,
            status,
            "{origin}"
        );
    }
}
