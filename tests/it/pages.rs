//! What holds for every page: headers, errors, hosts, the base path, HEAD.

use super::support::doorward::Doorward;
use super::support::http::{Answer, get, navigate, raw, send};
use super::visitor::{SHARED_TOML, SHOP, SHOP_TOML, registered};

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
async fn a_method_that_is_not_allowed_is_told_which_are() {
    let doorward = Doorward::builder().start().await;
    for (path, methods) in [("/login", "GET,HEAD,POST"), ("/account", "GET,HEAD")] {
        let answer = send("PUT", &format!("{}{path}", doorward.public()), &[], "").await;
        assert_eq!(
            answer.header("allow"),
            Some(methods),
            "{path}: RFC 9110, 15.5.6"
        );
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
async fn threat_09_a_host_that_no_app_has_is_refused() {
    let doorward = Doorward::builder().toml(SHOP_TOML).start().await;
    let url = format!("{}/login", doorward.public());
    for host in [
        "evil.example",
        "shop.example.com.evil.example",
        "127.0.0.1",
        "example.com",
        "x.shop.example.com",
    ] {
        let headers = [("host", host), ("accept", "application/json")];
        let answer = get(&url, &headers).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (403, "unknown_host"),
            "{host}"
        );
        check_headers(&answer, host);
        let page = navigate(&url, &[("host", host)]).await;
        assert_eq!(page.status, 403);
        assert!(
            !page.body.contains(host),
            "a host that is not ours is not shown"
        );
    }
    for host in [
        "shop.example.com",
        "Shop.Example.COM",
        "shop.example.com.",
        "shop.example.com:443",
    ] {
        assert_eq!(get(&url, &[("host", host)]).await.status, 200, "{host}");
    }
}

#[tokio::test]
async fn threat_04_a_forwarded_host_counts_once_and_from_a_listed_peer() {
    let listed = Doorward::builder().toml(SHOP_TOML).start().await;
    let toml = format!("{SHOP_TOML}\n[server]\ntrusted_proxies = [\"192.0.2.1\"]");
    let unlisted = Doorward::builder().toml(&toml).start().await;
    let outside = ("host", "doorward.internal");
    let forwarded = ("x-forwarded-host", "shop.example.com");
    let status = async |doorward: &Doorward, headers: &[(&str, &str)]| {
        get(&format!("{}/login", doorward.public()), headers)
            .await
            .status
            .as_u16()
    };
    assert_eq!(status(&listed, &[outside, forwarded]).await, 200);
    assert_eq!(status(&unlisted, &[outside, forwarded]).await, 403);
    assert_eq!(
        status(&listed, &[outside, forwarded, forwarded]).await,
        403,
        "two lines"
    );
    for list in [
        "shop.example.com, shop.example.com",
        "shop.example.com,evil.example",
        "evil.example",
        "",
        "https://shop.example.com",
    ] {
        assert_eq!(
            status(&listed, &[outside, ("x-forwarded-host", list)]).await,
            403,
            "{list}"
        );
    }
    for other in [
        ("forwarded", "host=shop.example.com"),
        ("x-host", "shop.example.com"),
        ("x-original-host", "shop.example.com"),
    ] {
        assert_eq!(status(&listed, &[outside, other]).await, 403, "{other:?}");
    }
    assert_eq!(
        status(&listed, &[SHOP, ("x-forwarded-host", "evil.example")]).await,
        200,
        "Host decides"
    );
}

#[tokio::test]
async fn a_request_id_is_believed_from_a_listed_peer_alone_and_only_a_plain_one() {
    let listed = Doorward::builder().start().await;
    let toml = "[server]\ntrusted_proxies = [\"192.0.2.1\"]";
    let unlisted = Doorward::builder().toml(toml).start().await;
    let id = async |doorward: &Doorward, given: &str| {
        let answer = get(
            &format!("{}/login", doorward.public()),
            &[("x-request-id", given)],
        )
        .await;
        answer.header("x-request-id").expect("an id").to_owned()
    };
    assert_eq!(id(&listed, "abc-DEF_1.2").await, "abc-DEF_1.2");
    assert_ne!(id(&unlisted, "abc").await, "abc");
    let long = "a".repeat(65);
    for odd in ["", "a b", "a\"b", "<script>", "a,b", &long] {
        let made = id(&listed, odd).await;
        assert!(
            made.len() == 16 && made.bytes().all(|b| b.is_ascii_hexdigit()),
            "{odd:?}: {made}"
        );
    }
    assert_ne!(id(&unlisted, "").await, id(&unlisted, "").await);
}

#[tokio::test]
async fn everything_lies_below_the_base_path() {
    let toml = "[server]\nbase_path = \"/auth/door\"";
    let doorward = Doorward::builder().toml(toml).start().await;
    let base = doorward.public();
    for path in PAGES {
        let inside = navigate(&format!("{base}/auth/door{path}"), &[]).await;
        assert!(matches!(inside.status.as_u16(), 200 | 401), "{path}");
        for attribute in ["href=\"", "src=\"", "action=\""] {
            for link in inside.body.split(attribute).skip(1) {
                let link = link.split('"').next().unwrap_or_default();
                assert!(link.starts_with("/auth/door/"), "{link} on {path}");
            }
        }
        assert_eq!(
            navigate(&format!("{base}{path}"), &[]).await.status,
            404,
            "{path}"
        );
    }
    for path in [
        "/auth/door",
        "/auth/door/",
        "/auth/door/login/none",
        "/auth/doorlogin",
        "/auth/login",
    ] {
        let answer = navigate(&format!("{base}{path}"), &[]).await;
        assert_eq!(answer.status, 404, "{path}");
        check_headers(&answer, path);
    }
    let answer = send("PUT", &format!("{base}/auth/door/login"), &[], "").await;
    assert_eq!(answer.status, 405);
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let doorward = Doorward::builder().start().await;
    let address = doorward.public().trim_start_matches("http://").to_owned();
    for path in PAGES.into_iter().chain([
        "/account",
        "/login/none",
        "/none",
        "/login/assets/doorward.css",
    ]) {
        let [get, head] = ["GET", "HEAD"].map(async |method| {
            let head = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nX-Request-Id: x\r\n\r\n");
            let answer = raw(&address, head.as_bytes()).await;
            let text = String::from_utf8(answer).expect("text");
            let (head, body) = text.split_once("\r\n\r\n").expect("a head");
            let lines = head.lines().filter(|line| !line.starts_with("date:"));
            let mut lines: Vec<_> = lines.map(str::to_owned).collect();
            lines.sort();
            (lines, body.to_owned())
        });
        let ((get, get_body), (head, head_body)) = (get.await, head.await);
        assert_eq!(get, head, "{path}: the same head");
        assert_eq!(head_body, "", "{path}");
        let length = format!("content-length: {}", get_body.len());
        assert!(get.contains(&length), "{path}: {length} in {get:?}");
    }
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
