//! What is particular about Google and Microsoft.

use serde_json::{Value, json};

use super::super::support::provider::{Provider, parameter};
use super::super::visitor::SHOP_TOML;
use super::{Doorward, SHOP, World, words};

async fn start(kind: &str, more: &str) -> World {
    let provider = Provider::start(&[format!("{SHOP}/login/id/callback")]).await;
    let section = provider
        .section("id", more)
        .replace("\"oidc\"", &format!("{kind:?}"));
    let doorward = Doorward::builder()
        .toml(&format!("{SHOP_TOML}{section}"))
        .start()
        .await;
    World { doorward, provider }
}

/// What becomes of somebody with the address of an account, when the ID token says this besides.
async fn with_address_of_an_account(world: &World, login: &str, claims: Value) -> String {
    let email = claims["email"].as_str().expect("an address").to_owned();
    let fields = [
        ("email", email.as_str()),
        ("password", super::super::visitor::PASSWORD),
    ];
    world.browser().submit("/register", &fields).await;
    world
        .provider
        .control("tamper", json!({ "claims": claims }))
        .await;
    let mut browser = world.browser();
    let answer = browser.sign_in(&world.provider, "/login/id", login).await;
    match answer.location() {
        Some(to) if to.contains("claim=") => "verified".to_owned(),
        Some(to) => format!("signed in: {to}"),
        None => words(&answer),
    }
}

const UNCONFIRMED: &str = "does not confirm that the address is yours";

#[tokio::test]
async fn threat_38_google_vouches_for_its_own_addresses_alone() {
    // An issuer of its own counts only where the operator says so.
    let world = start("google", "trust_email = true").await;
    let page = world.browser().open("/login").await;
    assert!(words(&page).contains("Sign in with Google"));
    for (login, claims, verified) in [
        ("a", json!({ "email": "a@gmail.com" }), true),
        ("b", json!({ "email": "b@googlemail.com" }), true),
        (
            "c",
            json!({ "email": "c@example.com", "hd": "example.com" }),
            true,
        ),
        ("d", json!({ "email": "d@example.com" }), false),
        (
            "e",
            json!({ "email": "e@gmail.com", "email_verified": false }),
            false,
        ),
        ("f", json!({ "email": "f@gmail.com.example.com" }), false),
    ] {
        let outcome = with_address_of_an_account(&world, login, claims.clone()).await;
        assert_eq!(outcome == "verified", verified, "{claims}: {outcome}");
        assert!(
            verified || outcome.contains(UNCONFIRMED),
            "{claims}: {outcome}"
        );
    }
}

const TENANT: &str = "8c0a2c4e-5b1f-4f0e-9a43-0c5b8f6a1d2e";

#[tokio::test]
async fn threat_38_microsoft_names_people_by_tenant_and_object() {
    let world = start("microsoft", "trust_email = true").await;
    let there = world.browser().begin("/login/id").await;
    assert_eq!(
        parameter(&there, "scope").as_deref(),
        Some("openid profile email")
    );
    let signed_in = async |login: &str, claims: Value| {
        world
            .provider
            .control("tamper", json!({ "claims": claims }))
            .await;
        let mut browser = world.browser();
        let answer = browser.sign_in(&world.provider, "/login/id", login).await;
        (answer.status.as_u16(), browser.user().await)
    };
    let ids = json!({ "tid": TENANT, "oid": "ann", "email": "ann@example.com" });
    let (status, ann) = signed_in("one-client", ids.clone()).await;
    assert_eq!(status, 303, "{}", world.doorward.log());
    assert!(ann.is_some());
    // `sub` differs from client to client.
    assert_eq!(signed_in("another-client", ids).await, (303, ann.clone()));
    let other = json!({ "tid": TENANT, "oid": "bob", "email": "bob@example.com" });
    let (status, bob) = signed_in("one-client", other).await;
    assert_eq!(status, 303);
    assert!(bob.is_some() && bob != ann);
    for claims in [
        json!({ "oid": "ann" }),
        json!({ "tid": TENANT }),
        json!({ "tid": "common", "oid": "ann" }),
        json!({ "tid": "../x", "oid": "ann" }),
        json!({ "tid": TENANT, "oid": "ann", "iss": "https://evil.example" }),
    ] {
        assert_eq!(
            signed_in("one-client", claims.clone()).await,
            (502, None),
            "{claims}"
        );
    }
    let last = world.provider.told("last").await;
    assert_eq!(
        last["token_request"]["auth_method"],
        json!("client_secret_post")
    );
}

#[tokio::test]
async fn threat_38_microsoft_is_believed_where_it_is_told_to_be_and_vouches() {
    let claims = |login: &str, vouched: Value| {
        json!({ "tid": TENANT, "oid": login, "email": format!("{login}@example.com"),
                "email_verified": null, "xms_edov": vouched })
    };
    let world = start("microsoft", "trust_email = true").await;
    for (login, vouched, verified) in [
        ("a", json!(true), true),
        ("b", json!("1"), true),
        // One tenant, of which the operator has said that its addresses are good.
        ("c", json!(null), true),
        ("d", json!(false), false),
        ("e", json!(0), false),
    ] {
        let outcome =
            with_address_of_an_account(&world, login, claims(login, vouched.clone())).await;
        assert_eq!(outcome == "verified", verified, "{vouched}: {outcome}");
    }
    let world = start("microsoft", "").await;
    let outcome = with_address_of_an_account(&world, "a", claims("a", json!(true))).await;
    assert!(outcome.contains(UNCONFIRMED), "{outcome}");
}
