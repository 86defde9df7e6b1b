//! THREATS 14 and 37: what a provider says is believed only if it is the provider's, for us, of now, and for this sign-in.

use serde_json::{Value, json};

use super::{World, words};

/// A sign-in whose ID token was changed like this.
async fn with(world: &World, tamper: Value) -> (u16, Option<String>, String) {
    let mut browser = world.browser();
    world.provider.control("tamper", tamper).await;
    let answer = browser.sign_in(&world.provider, "/login/id", "ann").await;
    (answer.status.as_u16(), browser.user().await, words(&answer))
}

async fn refused(world: &World, tamper: Value) {
    let (status, user, said) = with(world, tamper.clone()).await;
    assert_eq!((status, user), (502, None), "{tamper}: {said}");
    assert!(
        said.contains("could not tell us who you are"),
        "{tamper}: {said}"
    );
}

async fn accepted(world: &World, tamper: Value) {
    let (status, user, said) = with(world, tamper.clone()).await;
    assert_eq!(
        (status, user.is_some()),
        (303, true),
        "{tamper}: {said}\n{}",
        world.doorward.log()
    );
}

#[tokio::test]
async fn threat_37_nonce_audience_issuer_and_time_are_checked() {
    let world = World::start("").await;
    for claims in [
        json!({ "nonce": "another" }),
        json!({ "nonce": null }),
        json!({ "nonce": "" }),
        json!({ "aud": "another" }),
        json!({ "aud": [] }),
        json!({ "aud": null }),
        json!({ "aud": ["doorward", "another"] }),
        json!({ "aud": ["doorward", "another"], "azp": "another" }),
        json!({ "azp": "another" }),
        json!({ "iss": "https://evil.example" }),
        json!({ "iss": null }),
        json!({ "sub": null }),
        json!({ "sub": "" }),
        json!({ "sub": "x".repeat(300) }),
        json!({ "exp": { "now": -100 } }),
        json!({ "exp": null }),
        json!({ "exp": "soon" }),
        json!({ "iat": { "now": 300 } }),
        json!({ "iat": null }),
        json!({ "nbf": { "now": 300 } }),
    ] {
        refused(&world, json!({ "claims": claims })).await;
    }
    for claims in [
        json!({}),
        json!({ "aud": ["doorward"] }),
        json!({ "aud": ["doorward", "another"], "azp": "doorward" }),
        json!({ "azp": "doorward" }),
        // A clock that is a little off.
        json!({ "exp": { "now": -20 } }),
        json!({ "iat": { "now": 20 }, "nbf": { "now": 20 } }),
        json!({ "unknown": { "deep": [1, 2] } }),
    ] {
        accepted(&world, json!({ "claims": claims })).await;
    }
    refused(&world, json!({ "drop": true })).await;
}

#[tokio::test]
async fn threat_14_no_algorithm_but_one_that_needs_the_providers_key() {
    let world = World::start("").await;
    for sign in ["none", "hs256-secret", "hs256-public", "foreign", "broken"] {
        refused(&world, json!({ "sign": sign })).await;
    }
    for header in [
        json!({ "alg": "none" }),
        json!({ "alg": "HS256" }),
        json!({ "alg": "ES256" }),
        json!({ "kid": "another" }),
        json!({ "typ": "logout+jwt" }),
        json!({ "typ": "at+jwt" }),
        json!({ "crit": ["exp"] }),
        json!({ "cty": "JWT" }),
    ] {
        refused(&world, json!({ "header": header })).await;
    }
    // Keys and addresses of keys in the token itself are not even looked at.
    for header in [
        json!({ "jku": format!("{}/control/trap", world.provider.issuer()) }),
        json!({ "x5u": format!("{}/control/trap", world.provider.issuer()) }),
    ] {
        accepted(&world, json!({ "header": header })).await;
        refused(&world, json!({ "header": header, "sign": "foreign" })).await;
    }
    assert_eq!(world.provider.told("requests").await["trap"], json!(0));
    refused(&world, json!({ "token": "a.b.c" })).await;
    refused(&world, json!({ "token": "x".repeat(100_000) })).await;
}

#[tokio::test]
async fn threat_14_a_token_of_somebody_else_is_not_taken_twice() {
    let world = World::start("").await;
    let mut victim = world.browser();
    victim.sign_in(&world.provider, "/login/id", "victim").await;
    let stolen = world.provider.told("last").await["id_tokens"]["victim"].clone();
    assert!(stolen.is_string(), "{stolen}");
    refused(&world, json!({ "token": stolen })).await;
}

#[tokio::test]
async fn keys_that_change_are_fetched_anew_and_no_more_than_that() {
    let mut world = World::start("").await;
    accepted(&world, json!({})).await;
    let before = world.provider.told("requests").await["paths"]["/jwks"].as_u64();
    for _ in 0..5 {
        refused(&world, json!({ "header": { "kid": "made-up" } })).await;
    }
    let after = world.provider.told("requests").await["paths"]["/jwks"].as_u64();
    assert!(
        after <= before.map(|before| before + 1),
        "{before:?} {after:?}"
    );
    world.provider.stop().await;
    world.provider.start_again().await;
    super::super::support::process::eventually("the new keys to be believed", async || {
        let (status, ..) = with(&world, json!({})).await;
        (status == 303).then_some(())
    })
    .await;
}

#[tokio::test]
async fn every_algorithm_of_a_provider_is_understood() {
    for algorithm in ["RS256", "ES256", "EdDSA"] {
        let provider = super::Provider::start_with(|issuer| {
            let callback = format!("{}/login/id/callback", super::SHOP);
            let mut client = super::super::support::provider::client("doorward", &[callback]);
            client["id_token_signed_response_alg"] = algorithm.into();
            json!({ "issuer": issuer, "clients": [client] })
        })
        .await;
        let toml = format!("{}{}", super::SHOP_TOML, provider.section("id", ""));
        let doorward = super::Doorward::builder().toml(&toml).start().await;
        let world = World { doorward, provider };
        accepted(&world, json!({})).await;
        refused(&world, json!({ "sign": "broken" })).await;
        refused(&world, json!({ "sign": "foreign" })).await;
    }
}
