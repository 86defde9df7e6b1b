//! A provider that is down, hangs, or talks nonsense costs its own sign-ins and nothing else.

use serde_json::json;

use super::super::support::process::eventually;
use super::super::support::provider::Provider;
use super::super::visitor::SHOP_TOML;
use super::{Browser, Doorward, SHOP, World, begin_with, words};

#[tokio::test]
async fn one_that_is_down_stops_neither_the_start_nor_another() {
    let mut dead = Provider::start(&[format!("{SHOP}/login/dead/callback")]).await;
    let alive = Provider::start(&[format!("{SHOP}/login/alive/callback")]).await;
    dead.stop().await;
    let toml = format!(
        "{SHOP_TOML}{}{}",
        dead.section("dead", ""),
        alive.section("alive", "")
    );
    let doorward = Doorward::builder().toml(&toml).start().await;
    let mut browser = Browser::at(&doorward, "shop.example.com");

    let answer = browser.open("/login/dead?rd=%2Fback").await;
    assert_eq!(answer.status, 503);
    let said = words(&answer);
    assert!(said.contains("dead does not answer right now"), "{said}");
    assert!(
        said.contains("Sign in with alive") && answer.body.contains("rd=%2Fback"),
        "{}",
        answer.body
    );
    assert!(answer.header("retry-after").is_some());

    let answer = browser.sign_in(&alive, "/login/alive", "ann").await;
    assert_eq!(answer.location(), Some("/"), "another one goes on");

    dead.start_again().await;
    eventually("the provider to be found again", async || {
        let mut browser = Browser::at(&doorward, "shop.example.com");
        let answer = browser.open("/login/dead").await;
        (answer.status == 303).then_some(())
    })
    .await;
    let mut browser = Browser::at(&doorward, "shop.example.com");
    let answer = browser.sign_in(&dead, "/login/dead", "bob").await;
    let said = format!("{}\n{}", words(&answer), doorward.log());
    assert_eq!(answer.location(), Some("/"), "without a restart: {said}");
}

#[tokio::test]
async fn nonsense_in_the_place_of_a_token_is_no_sign_in() {
    let world = World::start("").await;
    for (how, status) in [
        ("500", 503),
        ("html", 503),
        ("huge", 503),
        ("redirect", 503),
        ("close", 503),
    ] {
        let mut browser = world.browser();
        let there = browser.begin(&begin_with("/back")).await;
        let back = world.provider.walk(&there, "ann").await;
        world
            .provider
            .control("fail", json!({ "path": "/token", "how": how }))
            .await;
        let answer = browser.open(&back).await;
        assert_eq!(answer.status, status, "{how}");
        assert!(
            answer.body.contains("rd=%2Fback"),
            "the way back is not lost: {}",
            answer.body
        );
        assert_eq!(browser.user().await, None, "{how}");
    }
    assert_eq!(
        world.provider.told("requests").await["trap"],
        json!(0),
        "no redirect was followed"
    );
    let answer = world
        .browser()
        .sign_in(&world.provider, "/login/id", "ann")
        .await;
    assert_eq!(answer.status, 303, "and then it goes on");
}

#[tokio::test]
async fn nonsense_in_the_place_of_what_a_provider_says_of_itself_is_waited_out() {
    for path in ["/.well-known/openid-configuration", "/jwks"] {
        for how in ["500", "html", "huge", "redirect", "close"] {
            let provider = Provider::start(&[format!("{SHOP}/login/id/callback")]).await;
            provider
                .control("fail", json!({ "path": path, "how": how, "times": 0 }))
                .await;
            let toml = format!("{SHOP_TOML}{}", provider.section("id", ""));
            let doorward = Doorward::builder().toml(&toml).start().await;
            let mut browser = Browser::at(&doorward, "shop.example.com");
            assert_eq!(browser.open("/login/id").await.status, 503, "{path} {how}");
            assert_eq!(
                provider.told("requests").await["trap"],
                json!(0),
                "{path} {how}"
            );
            provider.control("reset", json!({})).await;
            eventually("the provider to be found", async || {
                (browser.open("/login/id").await.status == 303).then_some(())
            })
            .await;
        }
    }
}

/// Discovery, section 4.3: who names another issuer is not believed.
#[tokio::test]
async fn threat_36_a_provider_is_who_it_was_said_to_be() {
    let provider = Provider::start(&[format!("{SHOP}/login/id/callback")]).await;
    let section = provider.section("id", "").replace("127.0.0.1", "localhost");
    let doorward = Doorward::builder()
        .toml(&format!("{SHOP_TOML}{section}"))
        .start()
        .await;
    let answer = Browser::at(&doorward, "shop.example.com")
        .open("/login/id")
        .await;
    assert_eq!(answer.status, 503);
    assert!(
        doorward.log().contains("the provider calls itself"),
        "{}",
        doorward.log()
    );
}

#[tokio::test]
async fn one_that_hangs_holds_up_nobody_else() {
    let world = World::start("").await;
    let mut waiting = Vec::new();
    for _ in 0..20 {
        let mut browser = world.browser();
        let there = browser.begin("/login/id").await;
        let back = world.provider.walk(&there, "ann").await;
        waiting.push((browser, back));
    }
    world
        .provider
        .control(
            "fail",
            json!({ "path": "/token", "how": "hang", "times": 0 }),
        )
        .await;
    let hanging = waiting.into_iter().map(|(mut browser, back)| async move {
        let answer = browser.open(&back).await;
        (answer.status.as_u16(), browser.user().await)
    });
    let hanging = futures_util::future::join_all(hanging);
    let meanwhile = async {
        let mut browser = world.browser();
        let fields = [
            ("email", "carl@example.com"),
            ("password", super::super::visitor::PASSWORD),
        ];
        let answer = browser.submit("/register", &fields).await;
        assert_eq!(answer.status, 303, "passwords go on");
        browser.user().await
    };
    let (hanging, meanwhile) = tokio::join!(hanging, meanwhile);
    assert!(meanwhile.is_some());
    assert!(hanging.iter().all(|one| *one == (503, None)), "{hanging:?}");
}
