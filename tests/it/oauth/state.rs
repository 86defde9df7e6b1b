//! THREATS 36: what comes back is bound to browser, provider and request, counts once, and not for ever.

use serde_json::json;
use sqlx::{Connection as _, SqliteConnection};

use super::super::support::doorward::Doorward;
use super::super::support::provider::{Provider, client, parameter, with_parameter};
use super::super::visitor::{PASSWORD, SHOP_TOML};
use super::{Browser, SHOP, World, begin_with, words};

/// The callback is refused on a page that leads on, and nobody is signed in.
async fn refused(browser: &mut Browser, back: &str, status: u16, said: &str) {
    let answer = browser.open(back).await;
    assert_eq!(answer.status, status, "{back}: {}", answer.body);
    assert!(words(&answer).contains(said), "{said}: {}", words(&answer));
    assert!(
        words(&answer).contains("Sign in with id"),
        "the way on: {}",
        answer.body
    );
    assert_eq!(browser.user().await, None, "{back}");
}

const EXPIRED: &str = "Please begin it again here.";

#[tokio::test]
async fn threat_36_another_browser_can_not_use_it() {
    let world = World::start("").await;
    let mut victim = world.browser();
    let mut attacker = world.browser();
    let there = attacker.begin("/login/id").await;
    let back = world.provider.walk(&there, "mallory").await;
    refused(&mut victim, &back, 400, EXPIRED).await;
    // One that has begun a sign-in of its own has a key, but another one.
    victim.begin("/login/id").await;
    refused(&mut victim, &back, 400, EXPIRED).await;
    assert_eq!(attacker.open(&back).await.status, 303, "it was not used up");
}

#[tokio::test]
async fn threat_36_it_counts_once() {
    let world = World::start("").await;
    let mut browser = world.browser();
    let there = browser.begin(&begin_with("/back")).await;
    let back = world.provider.walk(&there, "ann").await;
    let key = browser.jar.get("__Host-OAUTH").expect("a key").to_owned();
    assert_eq!(browser.open(&back).await.location(), Some("/back"));
    let session = browser
        .jar
        .get("__Host-SESSION")
        .expect("a session")
        .to_owned();
    let requests = world.provider.told("requests").await["paths"]["/token"].clone();

    // Once more in a browser that is signed in: it just goes on.
    assert_eq!(browser.open(&back).await.location(), Some("/back"));
    assert_eq!(browser.jar.get("__Host-SESSION"), Some(session.as_str()));
    // And in one that is not.
    let mut replay = world.browser();
    replay.jar.set("__Host-OAUTH", &key);
    let answer = replay.open(&back).await;
    assert_eq!(answer.status, 400);
    assert!(words(&answer).contains(EXPIRED), "{}", words(&answer));
    assert!(
        answer.body.contains("rd=%2Fback"),
        "the way back is not lost: {}",
        answer.body
    );
    let after = world.provider.told("requests").await["paths"]["/token"].clone();
    assert_eq!(after, requests, "the code was not tried again");
}

/// Lets so many seconds pass for what is under way.
async fn pass(world: &World, seconds: i64) {
    let file = world.doorward.data_folder().join("doorward.db");
    let url = format!("sqlite://{}", file.display());
    let mut db = SqliteConnection::connect(&url).await.expect("its database");
    for statement in [
        "UPDATE sign_ins SET begun_at = begun_at - $1",
        "UPDATE claims SET made_at = made_at - $1",
    ] {
        let statement = sqlx::query(statement).bind(seconds * 1_000_000);
        statement.execute(&mut db).await.expect("its tables");
    }
}

#[tokio::test]
async fn threat_36_it_counts_for_ten_minutes() {
    let world = World::start("trust_email = true").await;
    let mut browser = world.browser();
    for (seconds, status) in [(590, 303), (610, 400)] {
        let there = browser.begin(&begin_with("/back")).await;
        let back = world.provider.walk(&there, "ann").await;
        pass(&world, seconds).await;
        assert_eq!(browser.open(&back).await.status, status, "{seconds}");
        browser.submit("/logout", &[]).await;
    }
    // Late, in a browser that is signed in: it just goes on.
    let there = browser.begin(&begin_with("/back")).await;
    let back = world.provider.walk(&there, "ann").await;
    browser.sign_in(&world.provider, "/login/id", "ann").await;
    pass(&world, 610).await;
    let session = browser.jar.get("__Host-SESSION").map(str::to_owned);
    assert_eq!(browser.open(&back).await.location(), Some("/back"));
    assert_eq!(
        browser.jar.get("__Host-SESSION").map(str::to_owned),
        session
    );
}

#[tokio::test]
async fn threat_38_an_identity_waits_for_ten_minutes() {
    let world = World::start("trust_email = true").await;
    world.browser().register("ann@example.com").await;
    let mut browser = world.browser();
    let there = browser.begin("/login/id").await;
    let answer = browser
        .open(&world.provider.walk(&there, "ann").await)
        .await;
    let page = answer.location().expect("the page that asks").to_owned();
    let claim = super::hidden(&browser.open(&page).await, "claim");
    pass(&world, 610).await;
    assert_eq!(
        browser.open(&page).await.location(),
        Some("/login"),
        "it asks no more"
    );
    let fields = [
        ("email", "ann@example.com"),
        ("password", PASSWORD),
        ("claim", claim.as_str()),
    ];
    assert_eq!(browser.submit("/login", &fields).await.status, 303);
    let account = browser.open("/account").await;
    assert!(
        !account.body.contains("name=\"identity\""),
        "nothing was linked: {}",
        account.body
    );
}

#[tokio::test]
async fn threat_36_of_equal_callbacks_at_once_one_counts() {
    let world = World::start("").await;
    let mut browser = world.browser();
    let there = browser.begin("/login/id").await;
    let back = world.provider.walk(&there, "ann").await;
    let callbacks = (0..12).map(|_| {
        let mut tab = world.browser();
        tab.jar = browser.jar.clone();
        let back = back.clone();
        async move { tab.open(&back).await.status.as_u16() }
    });
    let mut answers = futures_util::future::join_all(callbacks).await;
    answers.sort_unstable();
    assert_eq!(answers[..2], [303, 400]);
    let tokens = world.provider.told("requests").await["paths"]["/token"].clone();
    assert_eq!(tokens, json!(1), "{answers:?}");
}

#[tokio::test]
async fn threat_36_made_up_missing_and_doubled_parameters_are_refused() {
    let world = World::start("").await;
    let mut browser = world.browser();
    let there = browser.begin("/login/id").await;
    let back = world.provider.walk(&there, "ann").await;
    let state = parameter(&back, "state").expect("a state");
    let doubled = format!("{back}&state={state}");
    let changed: String = state.chars().rev().collect();
    for wrong in [
        with_parameter(&back, "state", None),
        with_parameter(&back, "state", Some("")),
        with_parameter(&back, "state", Some(&changed)),
        with_parameter(&back, "state", Some(&state.to_uppercase())),
        with_parameter(&back, "state", Some(&"x".repeat(5000))),
        doubled,
    ] {
        refused(&mut browser, &wrong, 400, EXPIRED).await;
    }
    // These use it up: it was the browser's own.
    for (name, value) in [
        ("code", None),
        ("code", Some("made-up")),
        ("iss", None),
        ("iss", Some("https://evil.example")),
    ] {
        let there = browser.begin("/login/id").await;
        let back = world.provider.walk(&there, "ann").await;
        let wrong = with_parameter(&back, name, value);
        refused(&mut browser, &wrong, 502, "could not tell us who you are").await;
        refused(&mut browser, &back, 400, EXPIRED).await;
    }
}

/// Two providers, one of which wants to be taken for the other (RFC 9207, section 1; RFC 9700, section 4.4).
#[tokio::test]
async fn threat_36_one_provider_can_not_be_mixed_up_with_another() {
    let callbacks = ["honest", "evil"].map(|id| format!("{SHOP}/login/{id}/callback"));
    let honest = Provider::start(&callbacks).await;
    let evil = Provider::start_with(
        |issuer| json!({ "issuer": issuer, "clients": [client("doorward", &callbacks)] }),
    )
    .await;
    let toml = format!(
        "{SHOP_TOML}{}{}",
        honest.section("honest", ""),
        evil.section("evil", "")
    );
    let doorward = Doorward::builder().toml(&toml).start().await;
    let mut browser = Browser::at(&doorward, "shop.example.com");

    // The answer of one at the callback of the other, with and without its name.
    let there = browser.begin("/login/evil").await;
    let back = evil.walk(&there, "ann").await;
    for back in [
        back.clone(),
        with_parameter(&back, "iss", Some(&honest.issuer())),
    ] {
        let moved = back.replace("/login/evil/", "/login/honest/");
        let answer = browser.open(&moved).await;
        assert_eq!(answer.status, 400, "{moved}");
    }
    assert_eq!(
        honest.told("requests").await["paths"]["/token"],
        json!(null),
        "no code went to the honest one"
    );

    // A code of the honest one at the evil one's callback: its issuer tells.
    let there = browser.begin("/login/honest").await;
    let code = parameter(&honest.walk(&there, "ann").await, "code").expect("a code");
    let there = browser.begin("/login/evil").await;
    let state = parameter(&there, "state").expect("a state");
    let issuer = super::urlencoded(&honest.issuer());
    let mixed = format!("{SHOP}/login/evil/callback?code={code}&state={state}&iss={issuer}");
    assert_eq!(browser.open(&mixed).await.status, 502);
    assert_eq!(
        evil.told("requests").await["paths"]["/token"],
        json!(null),
        "the code did not go to the evil one"
    );
    assert_eq!(browser.user().await, None);
}

#[tokio::test]
async fn threat_36_another_host_is_another_request() {
    let provider = Provider::start(&[format!("{SHOP}/login/id/callback")]).await;
    let toml = "[apps.shop]\nhosts = [\"shop.example.com\", \"www.shop.example.com\"]\n";
    let toml = format!("{toml}{}", provider.section("id", ""));
    let doorward = Doorward::builder().toml(&toml).start().await;
    let mut browser = Browser::at(&doorward, "shop.example.com");
    let there = browser.begin("/login/id").await;
    let back = provider.walk(&there, "ann").await;
    let mut elsewhere = Browser::at(&doorward, "www.shop.example.com");
    elsewhere.jar = browser.jar.clone();
    let moved = back.replace("shop.example.com", "www.shop.example.com");
    refused(&mut elsewhere, &moved, 400, EXPIRED).await;
    assert_eq!(browser.open(&back).await.status, 303);
}

#[tokio::test]
async fn who_cancels_is_told_what_to_do_next() {
    let world = World::start("").await;
    let mut browser = world.browser();
    for (login, status, said) in [
        ("!access_denied", 403, "nothing has changed"),
        ("!server_error", 503, "does not answer right now"),
        ("!temporarily_unavailable", 503, "does not answer right now"),
        ("!invalid_scope", 502, "could not tell us who you are"),
        ("!login_required", 502, "could not tell us who you are"),
    ] {
        let there = browser.begin(&begin_with("/back")).await;
        let back = world.provider.walk(&there, login).await;
        assert!(back.contains("script"), "the provider sends markup: {back}");
        let answer = browser.open(&back).await;
        assert_eq!(answer.status, status, "{login}");
        assert!(words(&answer).contains(said), "{login}: {}", words(&answer));
        assert!(
            !answer.body.contains("<script") && !answer.body.contains("refused:"),
            "{}",
            answer.body
        );
        assert!(
            answer.body.contains("rd=%2Fback"),
            "the way back is not lost: {}",
            answer.body
        );
        assert_eq!(
            answer.header("retry-after").is_some(),
            status == 503,
            "{login}"
        );
    }
    let log = world.doorward.log();
    assert!(
        !log.contains("<script") && !log.contains("refused:"),
        "{log}"
    );
    assert!(log.contains("error=\"invalid_scope\""), "{log}");
}

#[tokio::test]
async fn threat_29_one_address_begins_no_more_than_its_share() {
    let limits = "[limits]\nsign_in = \"3 per 1h\"\nregistration = \"2 per 1h\"\n";
    let world = World::start_with("", limits).await;
    for login in ["ann", "bob"] {
        assert_eq!(
            world
                .browser()
                .sign_in(&world.provider, "/login/id", login)
                .await
                .status,
            303
        );
    }
    let answer = world
        .browser()
        .sign_in(&world.provider, "/login/id", "carl")
        .await;
    assert_eq!(
        answer.status, 429,
        "an account without an address that somebody vouches for"
    );
    assert!(
        words(&answer).contains("new ones are taking a break"),
        "{}",
        words(&answer)
    );
    let answer = world.browser().open("/login/id").await;
    assert_eq!(answer.status, 429, "a fourth beginning");
    assert!(answer.header("retry-after").is_some());
    assert_eq!(world.browser().open("/login").await.status, 200);
}

#[tokio::test]
async fn programs_are_told_a_code() {
    let world = World::start("").await;
    let url = format!(
        "{}/login/id/callback?state=x&code=y",
        world.doorward.public()
    );
    let headers = [("host", "shop.example.com"), ("accept", "application/json")];
    let answer = super::get(&url, &headers).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (400, "sign_in_expired")
    );
}
