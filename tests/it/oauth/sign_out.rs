//! Signing out here and there: RP-Initiated Logout 1.0 and Back-Channel Logout 1.0.

use serde_json::{Value, json};

use super::super::support::http::{Answer, Jar, navigate, post_form, post_json};
use super::super::support::provider::{Provider, client, parameter};
use super::super::visitor::SHOP_TOML;
use super::{Browser, Doorward, SHOP, World, link, words};

async fn start(more: &str) -> World {
    let provider = Provider::start_with(|issuer| {
        let mut client = client("doorward", &[format!("{SHOP}/login/id/callback")]);
        client["post_logout_redirect_uris"] = json!([format!("{SHOP}/logout/id/callback")]);
        // Without these two its ID tokens name no session. Nobody listens there: the tests bring the tokens themselves.
        client["backchannel_logout_uri"] = "http://127.0.0.1:9/".into();
        client["backchannel_logout_session_required"] = true.into();
        json!({ "issuer": issuer, "clients": [client] })
    })
    .await;
    let toml = format!("{SHOP_TOML}{}", provider.section("id", more));
    let doorward = Doorward::builder().toml(&toml).start().await;
    World { doorward, provider }
}

#[tokio::test]
async fn signing_out_ends_the_session_there_too() {
    let world = start("sign_out = true").await;
    let mut browser = world.browser();
    let mut there = Jar::default();
    there.set("as", "ann");
    let to = browser.begin("/login/id").await;
    let back = world.provider.walk_with(&to, &mut there).await;
    browser.open(&back).await;
    let answer = browser.submit("/logout", &[]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(browser.user().await, None, "here at once");
    let way = link(&answer, &world.provider.issuer());
    assert!(
        answer.body.contains("http-equiv=\"refresh\""),
        "without a click: {}",
        answer.body
    );
    assert_eq!(
        parameter(&way, "post_logout_redirect_uri"),
        Some(format!("{SHOP}/logout/id/callback"))
    );
    assert_eq!(parameter(&way, "client_id").as_deref(), Some("doorward"));
    assert!(parameter(&way, "id_token_hint").is_some_and(|token| token.starts_with("eyJ")));
    let page = navigate(&way, &[("cookie", &there.line())]).await;
    assert_eq!(page.status, 200, "the provider takes it: {}", page.body);
    there.keep(&page);
    let answer = browser.open("/logout/id/callback").await;
    assert_eq!(answer.location(), Some("/logout"));
}

#[tokio::test]
async fn programs_are_told_where_the_session_there_ends() {
    let world = start("sign_out = true").await;
    let mut browser = world.browser();
    browser.sign_in(&world.provider, "/login/id", "ann").await;
    let cookies = browser.jar.line();
    let headers = [("host", "shop.example.com"), ("cookie", cookies.as_str())];
    let answer = post_json(&browser.url("/logout"), &headers, &json!({})).await;
    let url = answer.json()["provider_logout_url"]
        .as_str()
        .map(str::to_owned);
    assert!(
        url.is_some_and(|url| url.starts_with(&world.provider.issuer())),
        "{}",
        answer.body
    );
}

#[tokio::test]
async fn without_being_told_to_it_ends_ours_alone() {
    let world = start("").await;
    let mut browser = world.browser();
    browser.sign_in(&world.provider, "/login/id", "ann").await;
    let answer = browser.submit("/logout", &[]).await;
    assert_eq!(
        (answer.status.as_u16(), answer.location()),
        (303, Some("/logout"))
    );
    // One that came in by a password has nothing to end elsewhere.
    let world = start("sign_out = true").await;
    let mut browser = world.browser();
    let fields = [
        ("email", "carl@example.com"),
        ("password", super::super::visitor::PASSWORD),
    ];
    browser.submit("/register", &fields).await;
    let answer = browser.submit("/logout", &[]).await;
    assert_eq!(answer.location(), Some("/logout"));
}

#[tokio::test]
async fn a_provider_that_is_gone_keeps_nobody_from_signing_out() {
    let mut world = start("sign_out = true").await;
    let mut browser = world.browser();
    browser.sign_in(&world.provider, "/login/id", "ann").await;
    world.provider.stop().await;
    let answer = browser.submit("/logout", &[]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(browser.user().await, None);
}

/// Sends a logout token as the provider does.
async fn tell(world: &World, token: &str) -> Answer {
    let url = format!("{}/logout/id/backchannel", world.doorward.public());
    let host = [("host", "shop.example.com")];
    post_form(&url, &host, &[("logout_token", token)]).await
}

async fn token(world: &World, wanted: Value) -> String {
    let mut wanted = wanted;
    wanted["client_id"] = "doorward".into();
    let made = world.provider.control("logout_token", wanted).await;
    made["logout_token"].as_str().expect("a token").to_owned()
}

/// The claims of the ID token that somebody was given last.
async fn sid(world: &World, login: &str) -> String {
    let last = world.provider.told("last").await;
    let token = last["id_tokens"][login]
        .as_str()
        .expect("a token")
        .to_owned();
    let claims = token.split('.').nth(1).expect("claims");
    use base64::Engine as _;
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(claims)
        .expect("base64url");
    let claims: Value = serde_json::from_slice(&claims).expect("JSON");
    claims["sid"].as_str().expect("a session").to_owned()
}

async fn signed_in(world: &World, login: &str) -> Browser {
    let mut browser = world.browser();
    browser.sign_in(&world.provider, "/login/id", login).await;
    assert!(browser.user().await.is_some());
    browser
}

#[tokio::test]
async fn a_provider_ends_all_sessions_of_somebody_or_one() {
    let world = start("").await;
    let (ann, again, bob) = (
        signed_in(&world, "ann").await,
        signed_in(&world, "ann").await,
        signed_in(&world, "bob").await,
    );
    let last = sid(&world, "ann").await;
    let answer = tell(&world, &token(&world, json!({ "sid": last })).await).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(again.user().await, None, "the one that was named");
    assert!(
        ann.user().await.is_some() && bob.user().await.is_some(),
        "and no other"
    );
    let answer = tell(&world, &token(&world, json!({ "sub": "ann" })).await).await;
    assert_eq!(answer.status, 200);
    assert_eq!(ann.user().await, None, "all of ann's");
    assert!(bob.user().await.is_some(), "and nobody else's");
    let answer = tell(&world, &token(&world, json!({ "sub": "nobody" })).await).await;
    assert_eq!(answer.status, 200, "nothing is told of who has a session");
}

#[tokio::test]
async fn threat_14_a_made_up_sign_out_ends_nothing() {
    let world = start("").await;
    let ann = signed_in(&world, "ann").await;
    let id_token = world.provider.told("last").await["id_tokens"]["ann"].clone();
    let id_token = id_token.as_str().expect("a token").to_owned();
    let mut tokens = vec![
        String::new(),
        "a.b.c".to_owned(),
        "x".repeat(20_000),
        id_token,
    ];
    for sign in ["none", "hs256-secret", "hs256-public", "foreign", "broken"] {
        tokens.push(token(&world, json!({ "sub": "ann", "sign": sign })).await);
    }
    for claims in [
        json!({ "iss": "https://evil.example" }),
        json!({ "iss": null }),
        json!({ "aud": "another" }),
        json!({ "aud": null }),
        json!({ "exp": { "now": -100 } }),
        json!({ "exp": null }),
        json!({ "iat": { "now": 300 } }),
        json!({ "iat": null }),
        json!({ "jti": null }),
        json!({ "jti": "" }),
        json!({ "events": null }),
        json!({ "events": {} }),
        json!({ "events": { "http://schemas.openid.net/event/backchannel-logout": 1 } }),
        json!({ "nonce": "an ID token has one" }),
        json!({ "sub": null, "sid": null }),
    ] {
        tokens.push(token(&world, json!({ "sub": "ann", "claims": claims })).await);
    }
    for header in [
        json!({ "typ": "at+jwt" }),
        json!({ "alg": "none" }),
        json!({ "alg": "HS256" }),
        json!({ "kid": "x" }),
    ] {
        tokens.push(token(&world, json!({ "sub": "ann", "header": header })).await);
    }
    for token in tokens {
        let answer = tell(&world, &token).await;
        assert_eq!(answer.status, 400, "{token}");
        assert_eq!(answer.json()["error"], json!("invalid_request"), "{token}");
        assert!(ann.user().await.is_some(), "{token}");
    }
}

#[tokio::test]
async fn threat_15_a_sign_out_counts_once() {
    let world = start("").await;
    let first = signed_in(&world, "ann").await;
    let told = token(&world, json!({ "sub": "ann" })).await;
    assert_eq!(tell(&world, &told).await.status, 200);
    assert_eq!(first.user().await, None);
    let later = signed_in(&world, "ann").await;
    assert_eq!(tell(&world, &told).await.status, 200, "it has been done");
    assert!(later.user().await.is_some(), "and is not done again");
}

#[tokio::test]
async fn a_browser_has_no_business_there() {
    let world = start("").await;
    let mut browser = world.browser();
    assert_eq!(browser.open("/logout/id/backchannel").await.status, 405);
    assert_eq!(browser.open("/logout/other/backchannel").await.status, 405);
    let answer = browser
        .submit("/logout/other/backchannel", &[("logout_token", "x")])
        .await;
    assert_eq!(answer.status, 404, "{}", words(&answer));
    let url = browser.url("/logout/id/backchannel");
    let headers = [
        ("host", "shop.example.com"),
        ("sec-fetch-site", "cross-site"),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let told = token(&world, json!({ "sub": "ann" })).await;
    let answer =
        super::super::support::http::send("POST", &url, &headers, format!("logout_token={told}"))
            .await;
    assert_eq!(answer.status, 403, "THREATS 24");
}
