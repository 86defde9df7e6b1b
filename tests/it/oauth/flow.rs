//! The whole way there and back, as it should go.

use serde_json::json;

use super::super::support::doorward::random_hex;
use super::super::support::http::{get, send};
use super::super::support::provider::{leads_to, parameter};
use super::super::visitor::{PASSWORD, SHOP_TOML};
use super::{Browser, Doorward, Provider, SHOP, World, begin_with, words};

#[tokio::test]
async fn somebody_new_has_an_account_and_comes_back_to_it() {
    let world = World::start("trust_email = true").await;
    let mut browser = world.browser();
    let page = browser.open("/login?rd=%2Fnews%3Fpage%3D2").await;
    assert!(words(&page).contains("Sign in with id"), "{}", page.body);
    let answer = browser
        .sign_in(&world.provider, &begin_with("/news?page=2"), "ann")
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.location()),
        (303, Some("/news?page=2"))
    );
    let user = browser.user().await.expect("signed in");

    let mut other = world.browser();
    let answer = other.sign_in(&world.provider, "/login/id", "ann").await;
    assert_eq!(
        (answer.status.as_u16(), answer.location()),
        (303, Some("/"))
    );
    assert_eq!(
        other.user().await.as_deref(),
        Some(user.as_str()),
        "the same account"
    );

    let mut bob = world.browser();
    bob.sign_in(&world.provider, "/login/id", "bob").await;
    assert_ne!(bob.user().await.expect("signed in"), user);
}

#[tokio::test]
async fn threat_37_every_request_has_state_nonce_and_pkce() {
    let world = World::start("").await;
    let mut browser = world.browser();
    let there = browser.begin("/login/id").await;
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "doorward"),
        ("scope", "openid email"),
        ("code_challenge_method", "S256"),
        ("redirect_uri", &format!("{SHOP}/login/id/callback")),
    ] {
        assert_eq!(parameter(&there, name).as_deref(), Some(value), "{name}");
    }
    let again = browser.begin("/login/id").await;
    for name in ["state", "nonce", "code_challenge"] {
        let value = parameter(&there, name).unwrap_or_default();
        assert!(value.len() >= 43, "{name}: {value}");
        assert_ne!(
            parameter(&again, name),
            Some(value),
            "{name} is another one each time"
        );
    }
    let back = world.provider.walk(&there, "ann").await;
    browser.open(&back).await;
    let last = world.provider.told("last").await;
    assert_eq!(last["token_request"]["code_verifier"], json!(true));
    assert_eq!(
        last["token_request"]["auth_method"],
        json!("client_secret_basic")
    );
}

#[tokio::test]
async fn the_app_sees_the_same_user_id_and_nothing_of_the_provider() {
    let world = World::start("trust_email = true").await;
    let mut browser = world.browser();
    browser
        .sign_in(&world.provider, "/login/id", "ann@example.com")
        .await;
    let user = browser.user().await.expect("signed in");
    let original = format!("{SHOP}/private");
    let cookie = browser.jar.line();
    let headers = [
        ("x-original-method", "GET"),
        ("x-original-url", original.as_str()),
        ("cookie", cookie.as_str()),
    ];
    let url = format!("{}/verify/nginx", world.doorward.internal());
    let verified = get(&url, &headers).await;
    assert_eq!(verified.status, 200);
    let seen = format!("{:?}{}", verified.headers, verified.body);
    assert!(seen.contains(&user), "{seen}");
    for secret in ["ann", "127.0.0.1", "oidc", "\"id\"", "provider"] {
        assert!(!seen.contains(secret), "{secret}: {seen}");
    }
    let session = browser.open("/login/session").await;
    assert!(
        session.body.contains(&user) && !session.body.contains("ann"),
        "{}",
        session.body
    );
}

#[tokio::test]
async fn one_cookie_serves_all_tabs() {
    let world = World::start("").await;
    let mut browser = world.browser();
    let first = browser.begin(&begin_with("/first")).await;
    let key = browser.jar.get("__Host-OAUTH").expect("a key").to_owned();
    let mut others = Vec::new();
    for number in 0..30 {
        others.push(browser.begin(&begin_with(&format!("/{number}"))).await);
    }
    assert_eq!(
        browser.jar.get("__Host-OAUTH"),
        Some(key.as_str()),
        "one for all"
    );
    assert!(browser.jar.line().len() < 100, "{}", browser.jar.line());
    let back = world.provider.walk(&others[7], "ann").await;
    assert_eq!(browser.open(&back).await.location(), Some("/7"));
    let back = world.provider.walk(&first, "ann").await;
    assert_eq!(
        browser.open(&back).await.location(),
        Some("/first"),
        "another tab"
    );
}

#[tokio::test]
async fn the_cookie_is_for_this_host_alone() {
    let world = World::start("").await;
    let answer = world.browser().open("/login/id").await;
    assert!(leads_to(&answer, &world.provider), "{}", answer.body);
    let cookie = answer.cookie("__Host-OAUTH");
    assert_eq!(cookie.attribute("path"), Some("/"));
    assert_eq!(cookie.attribute("samesite"), Some("Lax"));
    assert_eq!(cookie.attribute("max-age"), Some("3600"));
    for flag in ["secure", "httponly"] {
        assert!(cookie.attribute(flag).is_some(), "{flag}");
    }
    assert_eq!(cookie.attribute("domain"), None);
}

#[tokio::test]
async fn threat_23_the_way_back_is_a_known_one_and_is_in_no_address() {
    let world = World::start("").await;
    for rd in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:1",
    ] {
        let mut browser = world.browser();
        let there = browser.begin(&begin_with(rd)).await;
        assert!(!there.contains("evil"), "{there}");
        let back = world.provider.walk(&there, "ann").await;
        assert_eq!(browser.open(&back).await.location(), Some("/"), "{rd}");
    }
    let mut browser = world.browser();
    let there = browser.begin(&begin_with("/the-way-back")).await;
    assert!(!there.contains("the-way-back"), "{there}");
}

#[tokio::test]
async fn threat_16_the_session_is_a_new_one_and_the_old_one_ends() {
    let world = World::start("").await;
    let mut browser = world.browser();
    browser.sign_in(&world.provider, "/login/id", "ann").await;
    let old = browser.jar.clone();
    browser.sign_in(&world.provider, "/login/id", "ann").await;
    assert_ne!(browser.jar.get("__Host-SESSION"), old.get("__Host-SESSION"));
    assert!(browser.user().await.is_some());
    browser.jar = old;
    assert_eq!(browser.user().await, None, "the old one is dead");
}

#[tokio::test]
async fn threat_24_looking_ahead_uses_nothing_up() {
    let world = World::start("").await;
    let mut browser = world.browser();
    let there = browser.begin("/login/id").await;
    let back = world.provider.walk(&there, "ann").await;
    for method in ["HEAD", "POST", "PUT"] {
        let cookies = browser.jar.line();
        let headers = [("cookie", cookies.as_str()), ("host", "shop.example.com")];
        let answer = send(method, &browser.url(&back), &headers, "").await;
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.header("allow"), Some("GET"), "{method}");
    }
    assert_eq!(browser.open(&back).await.location(), Some("/"));
    assert!(browser.user().await.is_some());
}

/// `[pools.<id>] providers` says which pool has which.
#[tokio::test]
async fn a_pool_shows_and_takes_its_own_providers_alone() {
    let provider = Provider::start(&[format!("{SHOP}/login/id/callback")]).await;
    let toml = format!(
        "{SHOP_TOML}[apps.blog]\nhosts = [\"blog.example.com\"]\nkeys = [\"{}\"]\n[pools.blog]\nproviders = []\n{}",
        random_hex(),
        provider.section("id", "")
    );
    let doorward = Doorward::builder().toml(&toml).start().await;
    let mut shop = Browser::at(&doorward, "shop.example.com");
    let mut blog = Browser::at(&doorward, "blog.example.com");
    assert!(words(&shop.open("/login").await).contains("Sign in with id"));
    assert!(!words(&blog.open("/login").await).contains("Sign in with id"));
    let there = shop.begin("/login/id").await;
    let back = provider.walk(&there, "ann").await;
    assert_eq!(blog.open("/login/id").await.status, 404);
    blog.jar = shop.jar.clone();
    let moved = back.replace("shop.example.com", "blog.example.com");
    assert_eq!(blog.open(&moved).await.status, 404);
    assert_eq!(shop.open(&back).await.location(), Some("/"));
}

#[tokio::test]
async fn an_unknown_provider_is_no_page() {
    let world = World::start("").await;
    for path in [
        "/login/other",
        "/login/other/callback",
        "/login/id/x",
        "/login/id/callback/",
        "/login/ID",
    ] {
        assert_eq!(world.browser().open(path).await.status, 404, "{path}");
    }
    let page = world.browser().open("/register").await;
    assert!(words(&page).contains("Sign in with id"), "{}", page.body);
    let answer = world
        .browser()
        .submit(
            "/login",
            &[("email", "nobody@example.com"), ("password", PASSWORD)],
        )
        .await;
    assert_eq!(answer.status, 401);
    assert!(
        words(&answer).contains("Sign in with id"),
        "after an error too"
    );
}

#[tokio::test]
async fn threat_24_another_site_leads_to_the_door_and_not_through_it() {
    let world = World::start("").await;
    let url = format!("{}/login/id?rd=%2Fback", world.doorward.public());
    for (site, to) in [
        ("cross-site", "/login?rd=%2Fback"),
        ("same-site", "http"),
        ("same-origin", "http"),
        ("none", "http"),
    ] {
        let headers = [
            ("host", "shop.example.com"),
            ("sec-fetch-site", site),
            ("accept", "text/html"),
        ];
        let answer = get(&url, &headers).await;
        assert_eq!(answer.status, 303, "{site}");
        assert!(
            answer
                .location()
                .is_some_and(|location| location.starts_with(to)),
            "{site}: {answer:?}"
        );
        assert_eq!(answer.cookies().is_empty(), site == "cross-site", "{site}");
    }
}
