//! THREATS 38: whose account it is, and what an address says about that.

use serde_json::json;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::super::support::doorward::Db;
use super::super::support::http::post_json;
use super::super::support::process::eventually;
use super::super::visitor::{PASSWORD, credentials};
use super::{Browser, World, hidden, link, words};

impl Browser {
    /// Registers with the usual password.
    async fn register(&mut self, email: &str) -> String {
        let fields = [("email", email), ("password", PASSWORD)];
        let answer = self.submit("/register", &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        self.user().await.expect("signed in")
    }
}

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
async fn a_signed_in_user_adds_and_removes_ways_in() {
    let world = World::start("").await;
    let mut browser = world.browser();
    let user = browser.register("carl@example.com").await;
    let page = browser.open("/account").await;
    let add = link(&page, "/login/id?link=");
    let there = browser.begin(&add).await;
    let answer = browser
        .open(&world.provider.walk(&there, "somebody").await)
        .await;
    assert_eq!(answer.location(), Some("/account"));
    let page = browser.open("/account").await;
    assert!(
        words(&page).contains("somebody@example.com"),
        "{}",
        page.body
    );

    let mut by_provider = world.browser();
    by_provider
        .sign_in(&world.provider, "/login/id", "somebody")
        .await;
    assert_eq!(by_provider.user().await.as_deref(), Some(user.as_str()));

    let old = browser.jar.clone();
    let answer = browser
        .submit(
            "/account/unlink",
            &[("identity", &hidden(&page, "identity"))],
        )
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.location()),
        (303, Some("/account"))
    );
    assert_eq!(
        browser.user().await.as_deref(),
        Some(user.as_str()),
        "signed in under a new id"
    );
    assert_eq!(
        by_provider.user().await,
        None,
        "whoever came in that way is out"
    );
    browser.jar = old;
    assert_eq!(browser.user().await, None, "THREATS 16: the old id is dead");
    let mut stranger = world.browser();
    stranger
        .sign_in(&world.provider, "/login/id", "somebody")
        .await;
    assert_ne!(
        stranger.user().await.as_deref(),
        Some(user.as_str()),
        "it leads there no more"
    );
}

#[tokio::test]
async fn the_last_way_in_can_not_be_removed() {
    let world = World::start("").await;
    let mut browser = world.browser();
    browser.sign_in(&world.provider, "/login/id", "ann").await;
    let page = browser.open("/account").await;
    assert!(
        !page.body.contains("name=\"identity\""),
        "no button: {}",
        page.body
    );
    // A second identity makes the first one removable, but both at once go not.
    let there = browser.begin(&link(&page, "/login/id?link=")).await;
    browser
        .open(&world.provider.walk(&there, "second").await)
        .await;
    let page = browser.open("/account").await;
    let handles: Vec<_> = page
        .body
        .split("name=\"identity\" value=\"")
        .skip(1)
        .collect();
    let handles: Vec<_> = handles
        .iter()
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert_eq!(handles.len(), 2, "{}", page.body);
    let url = browser.url("/account/unlink");
    let cookies = browser.jar.line();
    let headers = [("host", "shop.example.com"), ("cookie", cookies.as_str())];
    let removals = handles.iter().map(async |handle| {
        let answer = post_json(&url, &headers, &json!({ "identity": handle })).await;
        answer.status.as_u16()
    });
    let answers = futures_util::future::join_all(removals).await;
    assert!(answers.contains(&200), "{answers:?}");
    assert!(
        answers.iter().any(|status| matches!(status, 401 | 409)),
        "{answers:?}"
    );
    let left = ["ann", "second"].map(async |login| {
        let mut browser = world.browser();
        browser.sign_in(&world.provider, "/login/id", login).await;
        let page = browser.open("/account").await;
        words(&page).contains("Ways to sign in")
    });
    assert!(futures_util::future::join_all(left).await.contains(&true));
}

#[tokio::test]
async fn threat_24_another_site_can_not_begin_to_link() {
    let world = World::start("").await;
    let mut browser = world.browser();
    browser.register("carl@example.com").await;
    let mut other = world.browser();
    other.register("dora@example.com").await;
    let foreign = link(&other.open("/account").await, "/login/id?link=");
    for path in ["/login/id?link=", "/login/id?link=1", &foreign] {
        let answer = browser.open(path).await;
        assert_eq!(answer.status, 403, "{path}");
    }
    assert_eq!(
        world.browser().open(&foreign).await.status,
        403,
        "nobody is signed in"
    );
}

#[tokio::test]
async fn an_identity_belongs_to_one_account() {
    let world = World::start("").await;
    world
        .browser()
        .sign_in(&world.provider, "/login/id", "ann")
        .await;
    let mut browser = world.browser();
    browser.register("carl@example.com").await;
    let add = link(&browser.open("/account").await, "/login/id?link=");
    let there = browser.begin(&add).await;
    let answer = browser
        .open(&world.provider.walk(&there, "ann").await)
        .await;
    assert_eq!(answer.status, 409);
    let said = words(&answer);
    assert!(
        said.contains("already leads to another account here"),
        "{said}"
    );
    assert!(
        said.contains("Ways to sign in"),
        "on the account page: {said}"
    );
}

#[tokio::test]
async fn what_was_to_be_linked_is_not_once_somebody_else_is_signed_in() {
    let world = World::start("").await;
    let mut browser = world.browser();
    browser.register("carl@example.com").await;
    let add = link(&browser.open("/account").await, "/login/id?link=");
    let there = browser.begin(&add).await;
    let back = world.provider.walk(&there, "ann").await;
    browser.submit("/logout", &[]).await;
    let dora = browser.register("dora@example.com").await;
    let answer = browser.open(&back).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert_eq!(browser.user().await.as_deref(), Some(dora.as_str()));
    let page = browser.open("/account").await;
    assert!(!page.body.contains("name=\"identity\""), "{}", page.body);
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

#[tokio::test]
async fn an_operator_takes_a_way_in_from_an_account() {
    let world = World::start("trust_email = true").await;
    let mut browser = world.browser();
    browser.sign_in(&world.provider, "/login/id", "ann").await;
    let shown = world
        .doorward
        .command(&["user", "show", "ann@example.com"])
        .await;
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    let line = shown
        .lines()
        .find(|line| line.contains("providers"))
        .expect("its ways in");
    let handle = line.split_whitespace().nth(1).expect("a handle").to_owned();
    let wrong = world
        .doorward
        .command(&["user", "unlink", "ann@example.com", "0000nothing"])
        .await;
    assert_eq!(wrong.status.code(), Some(1), "{wrong:?}");
    let gone = world
        .doorward
        .command(&["user", "unlink", "ann@example.com", &handle])
        .await;
    let said = String::from_utf8_lossy(&gone.stdout).into_owned();
    assert!(
        said.contains("1 account at providers no longer lead"),
        "{gone:?}"
    );
    eventually("the session to be over", async || {
        browser.user().await.is_none().then_some(())
    })
    .await;
    let none = world
        .doorward
        .command(&["user", "unlink", "ann@example.com", "--all"])
        .await;
    assert!(
        String::from_utf8_lossy(&none.stdout).contains("Nothing was changed"),
        "{none:?}"
    );
}

/// The body of a form may come long after its headers.
#[tokio::test]
async fn threat_18_a_session_that_ended_meanwhile_changes_nothing() {
    for database in [Db::Sqlite, Db::Postgres] {
        let world = World::build("", "", |builder| builder.database(database)).await;
        let mut browser = world.browser();
        browser.register("ann@example.com").await;
        let add = link(&browser.open("/account").await, "/login/id?link=");
        let there = browser.begin(&add).await;
        browser
            .open(&world.provider.walk(&there, "ann").await)
            .await;
        let body = format!(
            "identity={}",
            hidden(&browser.open("/account").await, "identity")
        );
        let head = format!(
            "POST /account/unlink HTTP/1.1\r\nHost: shop.example.com\r\nCookie: {}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
            browser.jar.line(),
            body.len()
        );
        let address = world
            .doorward
            .public()
            .trim_start_matches("http://")
            .to_owned();
        let mut stream = tokio::net::TcpStream::connect(&address)
            .await
            .expect("it listens");
        stream.write_all(head.as_bytes()).await.expect("sent");
        stream.flush().await.expect("sent");
        // So that the session has been looked for.
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let revoked = world
            .doorward
            .command(&["session", "revoke", "ann@example.com", "--all"])
            .await;
        assert!(revoked.status.success(), "{revoked:?}");
        stream.write_all(body.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        assert!(
            answer.starts_with("HTTP/1.1 303") && answer.contains("/login?rd="),
            "{answer}"
        );
        assert!(
            !answer.contains("__Host-SESSION="),
            "no session comes of it: {answer}"
        );
        let shown = world
            .doorward
            .command(&["user", "show", "ann@example.com", "--json"])
            .await;
        let shown: serde_json::Value = serde_json::from_slice(&shown.stdout).expect("JSON");
        assert_eq!(
            shown["identities"].as_array().map(Vec::len),
            Some(1),
            "{shown}"
        );
        assert_eq!(shown["sessions"], json!(0), "{shown}");
    }
}
