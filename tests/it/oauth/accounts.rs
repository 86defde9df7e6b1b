//! THREATS 38: whose account it is, and what an address says about that.

use serde_json::json;

use super::super::support::doorward::Db;
use super::super::support::http::post_json;
use super::super::support::process::eventually;
use super::super::visitor::{PASSWORD, credentials};
use super::{World, hidden, link, words};

#[tokio::test]
async fn threat_38_a_verified_address_asks_for_the_accounts_own_way_in() {
    let world = World::start("trust_email = true").await;
    let mut owner = world.browser();
    let user = owner.register("ann@example.com").await;

    let mut browser = world.browser();
    let there = browser.begin("/login/id?rd=%2Fback").await;
    let back = world.provider.walk(&there, "ann").await;
    let answer = browser.open(&back).await;
    assert_eq!(browser.user().await, None, "not yet");
    let page = browser
        .open(answer.location().expect("the page that asks"))
        .await;
    assert_eq!(page.status, 200, "{}", page.body);
    let said = words(&page);
    assert!(
        said.contains("id says that you are ann@example.com"),
        "{said}"
    );
    let claim = hidden(&page, "claim");

    // A guess does not do, and the page stays.
    let fields = |password| {
        [
            ("email", "ann@example.com"),
            ("password", password),
            ("claim", claim.as_str()),
        ]
    };
    let wrong = browser
        .submit("/login", &fields("another-password-9"))
        .await;
    assert_eq!(wrong.status, 401);
    assert_eq!(hidden(&wrong, "claim"), claim);
    // In another browser the claim is nothing.
    let mut other = world.browser();
    let answer = other.submit("/login", &fields(PASSWORD)).await;
    assert_eq!(answer.location(), Some("/"));
    let mut third = world.browser();
    let there = third.begin("/login/id").await;
    let answer = third.open(&world.provider.walk(&there, "ann").await).await;
    assert!(
        answer.location().is_some_and(|to| to.contains("claim=")),
        "not linked: {answer:?}"
    );

    let right = browser.submit("/login", &fields(PASSWORD)).await;
    assert_eq!(
        (right.status.as_u16(), right.location()),
        (303, Some("/back"))
    );
    assert_eq!(browser.user().await.as_deref(), Some(user.as_str()));

    let mut later = world.browser();
    let answer = later.sign_in(&world.provider, "/login/id", "ann").await;
    assert_eq!(answer.location(), Some("/"));
    assert_eq!(
        later.user().await.as_deref(),
        Some(user.as_str()),
        "both lead there now"
    );
}

#[tokio::test]
async fn threat_38_who_is_not_the_owner_links_nothing() {
    let world = World::start("trust_email = true").await;
    let owner = world.browser().register("ann@example.com").await;
    let mallory = world.browser().register("mallory@example.com").await;
    let mut browser = world.browser();
    let there = browser.begin("/login/id").await;
    let answer = browser
        .open(&world.provider.walk(&there, "ann").await)
        .await;
    let page = browser
        .open(answer.location().expect("the page that asks"))
        .await;
    let claim = hidden(&page, "claim");
    let fields = [
        ("email", "mallory@example.com"),
        ("password", PASSWORD),
        ("claim", claim.as_str()),
    ];
    browser.submit("/login", &fields).await;
    assert_eq!(browser.user().await.as_deref(), Some(mallory.as_str()));
    let page = browser.open("/account").await;
    assert!(!page.body.contains("name=\"identity\""), "{}", page.body);
    assert_ne!(owner, mallory);
}

#[tokio::test]
async fn threat_38_an_unverified_address_never_links() {
    for (more, claims) in [
        ("", json!({})),
        ("trust_email = true", json!({ "email_verified": false })),
        ("trust_email = true", json!({ "email_verified": null })),
        ("trust_email = true", json!({ "email_verified": "false" })),
    ] {
        let world = World::start(more).await;
        world.browser().register("ann@example.com").await;
        world.provider.account("ann", claims.clone()).await;
        let mut browser = world.browser();
        let answer = browser
            .sign_in(&world.provider, "/login/id?rd=%2Fback", "ann")
            .await;
        assert_eq!(answer.status, 409, "{claims}");
        let said = words(&answer);
        assert!(
            said.contains("does not confirm that the address is yours"),
            "{said}"
        );
        assert!(answer.body.contains("rd=%2Fback") || hidden(&answer, "rd") == "/back");
        assert_eq!(browser.user().await, None);
    }
}

#[tokio::test]
async fn an_account_needs_no_address() {
    let world = World::start("").await;
    for claims in [
        json!({ "email": null }),
        json!({ "email": "not an address" }),
    ] {
        world.provider.account("bob", claims).await;
        let mut browser = world.browser();
        browser.sign_in(&world.provider, "/login/id", "bob").await;
        let user = browser.user().await.expect("signed in");
        let page = browser.open("/account").await;
        assert_eq!(page.status, 200);
        assert!(!page.body.contains("Signed in as"), "{}", page.body);
        assert_eq!(browser.open("/logout").await.status, 200);
        let shown = world.doorward.command(&["user", "show", &user]).await;
        assert!(shown.status.success(), "{shown:?}");
        let listed = world.doorward.command(&["user", "list"]).await;
        assert!(
            String::from_utf8_lossy(&listed.stdout).contains(&user),
            "{listed:?}"
        );
    }
}

#[tokio::test]
async fn the_subject_names_somebody_and_the_address_may_change() {
    let world = World::start("trust_email = true").await;
    let mut browser = world.browser();
    browser.sign_in(&world.provider, "/login/id", "ann").await;
    let user = browser.user().await;
    world
        .provider
        .account("ann", json!({ "email": "married@example.com" }))
        .await;
    let mut again = world.browser();
    again.sign_in(&world.provider, "/login/id", "ann").await;
    assert_eq!(again.user().await, user);
    // Somebody else has the old address now.
    world
        .provider
        .account("eve", json!({ "email": "ann@example.com" }))
        .await;
    let mut eve = world.browser();
    let answer = eve.sign_in(&world.provider, "/login/id", "eve").await;
    assert!(
        answer.location().is_some_and(|to| to.contains("claim=")),
        "{answer:?}"
    );
    assert_eq!(eve.user().await, None);
}

#[tokio::test]
async fn an_account_that_was_made_for_somebody_waits_for_them() {
    let closed = "[registration]\nmode = \"closed\"\n";
    let world = World::start_with("trust_email = true", closed).await;
    let added = world
        .doorward
        .command(&["user", "add", "ann@example.com", "--no-password"])
        .await;
    assert!(added.status.success(), "{added:?}");
    let mut browser = world.browser();
    let answer = browser.sign_in(&world.provider, "/login/id", "ann").await;
    assert_eq!(answer.location(), Some("/"));
    let user = browser.user().await.expect("signed in");
    let shown = world
        .doorward
        .command(&["user", "show", "ann@example.com"])
        .await;
    assert!(
        String::from_utf8_lossy(&shown.stdout).contains(&user),
        "{shown:?}"
    );
}

#[tokio::test]
async fn registration_rules_hold() {
    let closed = "[registration]\nmode = \"closed\"\n";
    let world = World::start_with("trust_email = true", closed).await;
    let answer = world
        .browser()
        .sign_in(&world.provider, "/login/id", "ann")
        .await;
    assert_eq!(answer.status, 403);
    assert!(
        words(&answer).contains("No account here belongs to this account at id"),
        "{}",
        words(&answer)
    );

    // Nor does anybody learn there who has an account.
    let added = ["user", "add", "bob@example.com", "--no-password"];
    assert!(world.doorward.command(&added).await.status.success());
    world
        .provider
        .account(
            "mallory",
            json!({ "email": "bob@example.com", "email_verified": false }),
        )
        .await;
    for login in ["mallory", "nobody"] {
        let answer = world
            .browser()
            .sign_in(&world.provider, "/login/id", login)
            .await;
        assert_eq!(answer.status, 403, "{login}");
        assert!(
            words(&answer).contains("No account here belongs to"),
            "{}",
            words(&answer)
        );
    }

    let domains = "[registration]\nallowed_domains = [\"example.org\"]\n";
    for (more, email, status) in [
        ("trust_email = true", json!("ann@example.org"), 303),
        ("trust_email = true", json!("ann@example.com"), 403),
        ("trust_email = true", json!("ann@sub.example.org"), 403),
        ("trust_email = true", json!(null), 403),
        ("", json!("ann@example.org"), 403),
    ] {
        let world = World::start_with(more, domains).await;
        world
            .provider
            .account("ann", json!({ "email": email }))
            .await;
        let answer = world
            .browser()
            .sign_in(&world.provider, "/login/id", "ann")
            .await;
        assert_eq!(answer.status, status, "{more} {email}");
        assert_eq!(
            words(&answer).contains("certain domains only"),
            status == 403
        );
    }
}

#[tokio::test]
async fn a_disabled_account_stays_closed() {
    let world = World::start("trust_email = true").await;
    world
        .browser()
        .sign_in(&world.provider, "/login/id", "ann")
        .await;
    let disabled = world
        .doorward
        .command(&["user", "disable", "ann@example.com"])
        .await;
    assert!(disabled.status.success(), "{disabled:?}");
    let mut browser = world.browser();
    let answer = browser.sign_in(&world.provider, "/login/id", "ann").await;
    assert_eq!(answer.status, 403);
    assert!(
        words(&answer).contains("This account is closed"),
        "{}",
        words(&answer)
    );
    assert_eq!(browser.user().await, None);
}

#[tokio::test]
async fn threat_35_fifty_first_sign_ins_of_one_person_make_one_account() {
    let world = World::start("trust_email = true").await;
    let sign_ins = (0..50).map(|_| async {
        let mut browser = world.browser();
        let answer = browser.sign_in(&world.provider, "/login/id", "ann").await;
        (answer.status.as_u16(), browser.user().await)
    });
    let all = futures_util::future::join_all(sign_ins).await;
    let first = all[0].1.clone();
    assert!(first.is_some(), "{all:?}");
    assert!(
        all.iter().all(|one| *one == (303, first.clone())),
        "{all:?}"
    );
    let url = format!("{}/register", world.doorward.public());
    let answer = post_json(
        &url,
        &[("host", "shop.example.com")],
        &credentials("ann@example.com"),
    )
    .await;
    assert_eq!(answer.status, 409, "the address is the account's");
}

/// Somebody else made the account and left its owner signed in to it: that the owner's address is verified proves nothing of
/// who knows the password.
#[tokio::test]
async fn threat_38_a_session_that_was_planted_links_nothing() {
    let world = World::start("trust_email = true").await;
    let mut planted = world.browser();
    planted.register("ann@example.com").await;
    let there = planted.begin("/login/id").await;
    let answer = planted
        .open(&world.provider.walk(&there, "ann").await)
        .await;
    assert!(
        answer.location().is_some_and(|to| to.contains("claim=")),
        "{answer:?}"
    );
    let shown = world
        .doorward
        .command(&["user", "show", "ann@example.com", "--json"])
        .await;
    let shown: serde_json::Value = serde_json::from_slice(&shown.stdout).expect("JSON");
    assert_eq!(
        (&shown["email_proven_at"], &shown["identities"]),
        (&json!(null), &json!([]))
    );
}

#[tokio::test]
async fn threat_38_what_was_set_without_proof_dies_with_the_proof() {
    for database in [Db::Sqlite, Db::Postgres] {
        let world = World::build("", "", |builder| builder.database(database)).await;
        let mut attacker = world.browser();
        attacker.register("ann@example.com").await;
        let add = link(&attacker.open("/account").await, "/login/id?link=");
        let there = attacker.begin(&add).await;
        attacker
            .open(&world.provider.walk(&there, "mallory").await)
            .await;

        let proven = world
            .doorward
            .command(&["user", "prove-email", "ann@example.com"])
            .await;
        assert!(proven.status.success(), "{proven:?}");
        let said = String::from_utf8_lossy(&proven.stdout).into_owned();
        assert!(
            said.contains("1 account at providers and 1 session are gone"),
            "{said}"
        );
        eventually("the session to be over", async || {
            attacker.user().await.is_none().then_some(())
        })
        .await;
        let fields = [("email", "ann@example.com"), ("password", PASSWORD)];
        assert_eq!(
            world.browser().submit("/login", &fields).await.status,
            401,
            "the password"
        );
        let answer = world
            .browser()
            .sign_in(&world.provider, "/login/id", "mallory")
            .await;
        assert_eq!(answer.location(), Some("/"), "an account of their own");
        let again = world
            .doorward
            .command(&["user", "prove-email", "ann@example.com"])
            .await;
        let said = String::from_utf8_lossy(&again.stdout).into_owned();
        assert!(said.contains("Nothing was changed"), "{said}");
    }
}
