//! The session cookie: its exact lines on http, on https and in a pool that shares it.

use serde_json::json;

use super::support::doorward::Doorward;
use super::support::http::{Answer, get, post_form, post_json};
use super::visitor::{PASSWORD, SHARED_TOML, SHOP, SHOP_TOML, credentials, register, who};

const EMAIL: &str = "ann@example.com";

/// The only `Set-Cookie` line but for the device's, its value replaced by `…` after a look at its form.
fn line(answer: &Answer) -> String {
    let mut lines = answer.header_lines("set-cookie");
    lines.retain(|line| {
        !line
            .split('=')
            .next()
            .is_some_and(|name| name.ends_with("DEVICE"))
    });
    let [line] = lines[..] else {
        panic!("one cookie: {lines:?}")
    };
    let (name, rest) = line.split_once('=').expect("name=value");
    let (value, attributes) = rest.split_once("; ").expect("attributes");
    if value.is_empty() {
        return line.to_owned();
    }
    let letters = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    assert!(
        value.len() == 22 && value.chars().all(letters),
        "128 bits in base64url: {value}"
    );
    format!("{name}=\u{2026}; {attributes}")
}

/// The lines of a registration, a login, a remembered login and a logout.
async fn lines(toml: &str, headers: &[(&str, &str)]) -> [String; 4] {
    let doorward = Doorward::builder().toml(toml).start().await;
    let login = format!("{}/login", doorward.public());
    let remember = json!({ "email": EMAIL, "password": PASSWORD, "remember": true });
    let registered = register(&doorward, headers, EMAIL).await;
    let plain = post_json(&login, headers, &credentials(EMAIL)).await;
    let remembered = post_json(&login, headers, &remember).await;
    let cookie = remembered.cookies().first().expect("a cookie").pair();
    let headers = [headers, &[("cookie", &cookie)]].concat();
    let out = post_form(&format!("{}/logout", doorward.public()), &headers, &[]).await;
    [registered, plain, remembered, out].map(|answer| line(&answer))
}

#[tokio::test]
async fn on_http_it_has_no_prefix_and_is_not_secure() {
    let lines = lines("", &[]).await;
    assert_eq!(
        lines,
        [
            "SESSION=\u{2026}; Path=/; HttpOnly; SameSite=Lax",
            "SESSION=\u{2026}; Path=/; HttpOnly; SameSite=Lax",
            "SESSION=\u{2026}; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000",
            "SESSION=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0",
        ]
    );
}

#[tokio::test]
async fn on_https_it_is_secure_and_bound_to_the_host() {
    let lines = lines(SHOP_TOML, &[SHOP]).await;
    assert_eq!(
        lines,
        [
            "__Host-SESSION=\u{2026}; Path=/; HttpOnly; SameSite=Lax; Secure",
            "__Host-SESSION=\u{2026}; Path=/; HttpOnly; SameSite=Lax; Secure",
            "__Host-SESSION=\u{2026}; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=2592000",
            "__Host-SESSION=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0",
        ]
    );
}

#[tokio::test]
async fn a_pool_that_shares_it_names_its_domain() {
    let lines = lines(SHARED_TOML, &[("host", "login.example.com")]).await;
    assert_eq!(
        lines,
        [
            "__Secure-SESSION=\u{2026}; Path=/; Domain=example.com; HttpOnly; SameSite=Lax; Secure",
            "__Secure-SESSION=\u{2026}; Path=/; Domain=example.com; HttpOnly; SameSite=Lax; Secure",
            "__Secure-SESSION=\u{2026}; Path=/; Domain=example.com; HttpOnly; SameSite=Lax; Secure; Max-Age=2592000",
            "__Secure-SESSION=; Path=/; Domain=example.com; HttpOnly; SameSite=Lax; Secure; Max-Age=0",
        ]
    );
}

#[tokio::test]
async fn its_base_name_its_age_and_the_base_path_are_the_operators() {
    let toml = "
        [server]
        base_path = \"/auth\"
        [sessions]
        cookie_name = \"sid\"
        absolute_timeout = \"90m\"
        idle_timeout = \"30m\"
    ";
    let doorward = Doorward::builder().toml(toml).start().await;
    let body = json!({ "email": EMAIL, "password": PASSWORD });
    let url = format!("{}/auth/register", doorward.public());
    let answer = post_json(&url, &[], &body).await;
    assert_eq!(
        line(&answer),
        "sid=\u{2026}; Path=/; HttpOnly; SameSite=Lax"
    );
    let fields = [("email", EMAIL), ("password", PASSWORD), ("remember", "on")];
    let answer = post_form(&format!("{}/auth/login", doorward.public()), &[], &fields).await;
    assert_eq!(
        line(&answer),
        "sid=\u{2026}; Path=/; HttpOnly; SameSite=Lax; Max-Age=5400"
    );
}

#[tokio::test]
async fn the_name_follows_the_entry_and_never_what_a_proxy_says() {
    let doorward = Doorward::builder().toml(SHOP_TOML).start().await;
    let headers = [
        SHOP,
        ("x-forwarded-proto", "http"),
        ("forwarded", "proto=http"),
    ];
    let cookie = register(&doorward, &headers, EMAIL)
        .await
        .cookie("__Host-SESSION");
    let plain = format!("SESSION={}", cookie.value);
    let url = format!("{}/login/session", doorward.public());
    assert_eq!(
        get(&url, &[SHOP, ("cookie", &cookie.pair())]).await.status,
        200
    );
    for other in ["", "__Secure-"] {
        let pair = format!("{other}{plain}");
        assert_eq!(
            get(&url, &[SHOP, ("cookie", &pair)]).await.status,
            401,
            "{pair}"
        );
    }
}

#[tokio::test]
async fn one_sign_in_is_enough_for_a_pool_that_shares_it() {
    let doorward = Doorward::builder().toml(SHARED_TOML).start().await;
    let answer = register(&doorward, &[("host", "login.example.com")], EMAIL).await;
    let start = answer.json()["return_to"].as_str().map(str::to_owned);
    let apps = ["https://shop.example.com/", "https://blog.example.com/"];
    assert!(
        start.is_some_and(|start| apps.contains(&start.as_str())),
        "an app of the pool"
    );
    let cookie = answer.cookie("__Secure-SESSION").pair();
    for host in ["login.example.com", "shop.example.com", "blog.example.com"] {
        let url = format!("{}/login/session", doorward.public());
        let answer = get(&url, &[("host", host), ("cookie", &cookie)]).await;
        assert_eq!(answer.status, 200, "{host}");
    }
}

#[tokio::test]
async fn threat_16_an_id_that_the_client_chose_is_never_adopted() {
    let doorward = Doorward::builder().start().await;
    let chosen = "SESSION=AAAAAAAAAAAAAAAAAAAAAA";
    for body in [
        credentials(EMAIL),
        json!({ "email": EMAIL, "password": PASSWORD }),
    ] {
        for path in ["/register", "/login"] {
            let url = format!("{}{path}", doorward.public());
            let answer = post_json(&url, &[("cookie", chosen)], &body).await;
            for cookie in answer.cookies() {
                assert_ne!(cookie.pair(), chosen);
            }
            assert_eq!(who(&doorward, chosen).await, None, "{path}");
        }
    }
}

#[tokio::test]
async fn the_name_is_the_operators_and_a_variable_outdoes_the_file() {
    let doorward = Doorward::builder()
        .toml("[sessions]\ncookie_name = \"FROM_FILE\"")
        .environment("DOORWARD__SESSIONS__COOKIE_NAME", "FROM_VARIABLE")
        .start()
        .await;
    let answer = register(&doorward, &[], "reader@example.com").await;
    assert_eq!(answer.cookie("FROM_VARIABLE").attribute("path"), Some("/"));
}
