//! GitHub, Facebook and X, against stand-ins that speak their documented wire format.

use std::sync::Mutex;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::super::support::provider::{CLIENT_SECRET, parameter};
use super::super::support::stand_in::{Said, Seen, StandIn};
use super::super::visitor::SHOP_TOML;
use super::{Browser, Doorward, SHOP, words};

/// Doorward with a stand-in for a provider of this kind.
struct Plain {
    doorward: Doorward,
    there: StandIn,
    kind: &'static str,
}

impl Plain {
    async fn start(
        kind: &'static str,
        more: &str,
        script: impl Fn(&Seen) -> Said + Send + Sync + 'static,
    ) -> Self {
        let there = StandIn::start(script).await;
        let section = format!(
            "[providers.{kind}]\nkind = {kind:?}\nissuer = {:?}\nclient_id = \"doorward\"\n{more}\n",
            there.base()
        );
        let doorward = Doorward::builder()
            .toml(&format!("{SHOP_TOML}{section}"))
            .start()
            .await;
        Self {
            doorward,
            there,
            kind,
        }
    }

    fn browser(&self) -> Browser {
        Browser::at(&self.doorward, "shop.example.com")
    }

    /// A sign-in whose callback has these parameters beside the state; what the browser is answered.
    async fn come_back(&self, browser: &mut Browser, parameters: &str) -> (u16, String) {
        let there = browser
            .begin(&format!("/login/{}?rd=%2Faccount", self.kind))
            .await;
        assert!(there.starts_with(self.there.base()), "{there}");
        assert_eq!(
            parameter(&there, "code_challenge_method").as_deref(),
            Some("S256")
        );
        let redirect = format!("{SHOP}/login/{}/callback", self.kind);
        assert_eq!(parameter(&there, "redirect_uri"), Some(redirect.clone()));
        let state = parameter(&there, "state").expect("a state");
        let answer = browser
            .open(&format!("{redirect}?state={state}&{parameters}"))
            .await;
        if answer.status == 303 {
            assert_eq!(answer.location(), Some("/account"), "{answer:?}");
            return (200, words(&browser.open("/account").await));
        }
        (answer.status.as_u16(), words(&answer))
    }

    /// The challenge that the browser was sent with is that of the verifier in the token request.
    async fn assert_pkce(&self) {
        let mut browser = self.browser();
        let there = browser.begin(&format!("/login/{}", self.kind)).await;
        let state = parameter(&there, "state").expect("a state");
        self.there.take_seen();
        browser
            .open(&format!(
                "{SHOP}/login/{}/callback?state={state}&code=good",
                self.kind
            ))
            .await;
        let seen = self.there.take_seen();
        let verifier = seen[0].form["code_verifier"].clone();
        use base64::Engine as _;
        let challenge =
            base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
        assert_eq!(parameter(&there, "code_challenge"), Some(challenge));
    }
}

fn secret() -> String {
    format!("client_secret = {CLIENT_SECRET:?}")
}

/// GitHub's token endpoint refuses with status 200.
fn github(seen: &Seen, id: u64, emails: Value) -> Said {
    let bearer = seen.header("authorization") == "Bearer gho_token";
    match (seen.method.as_str(), seen.path.as_str()) {
        ("POST", "/login/oauth/access_token") if seen.form["code"] != "good" => (
            200,
            json!({ "error": "bad_verification_code", "error_description": "<b>expired</b>" }),
        ),
        ("POST", "/login/oauth/access_token") => {
            assert_eq!(seen.header("accept"), "application/json");
            assert_eq!(
                (
                    seen.form["client_id"].as_str(),
                    seen.form["client_secret"].as_str()
                ),
                ("doorward", CLIENT_SECRET)
            );
            assert_eq!(seen.form["grant_type"], "authorization_code");
            (
                200,
                json!({ "access_token": "gho_token", "scope": "user:email,read:org", "token_type": "bearer" }),
            )
        }
        ("GET", _) if !bearer || seen.header("user-agent").is_empty() => {
            (403, json!({ "message": "Forbidden" }))
        }
        ("GET", "/api/v3/user") => (
            200,
            json!({ "id": id, "login": "ann", "email": "public@example.com" }),
        ),
        ("GET", "/api/v3/user/emails") if emails.is_null() => {
            (404, json!({ "message": "Not Found" }))
        }
        ("GET", "/api/v3/user/emails") => {
            assert_eq!(seen.header("accept"), "application/vnd.github+json");
            assert_eq!(seen.header("x-github-api-version"), "2022-11-28");
            (200, emails)
        }
        other => panic!("{other:?}"),
    }
}

fn address(email: &str, primary: bool, verified: bool) -> Value {
    json!({ "email": email, "primary": primary, "verified": verified, "visibility": null })
}

#[tokio::test]
async fn github_names_people_by_number_and_vouches_for_the_primary_address() {
    let emails = json!([
        address("old@example.com", false, true),
        address("ann@example.com", true, true)
    ]);
    let more = format!(
        "{}
trust_email = true",
        secret()
    );
    let plain = Plain::start("github", &more, move |seen| {
        github(seen, 583_231, emails.clone())
    })
    .await;
    let mut browser = plain.browser();
    let (status, said) = plain.come_back(&mut browser, "code=good").await;
    assert_eq!(status, 200, "{said}");
    assert!(
        said.contains("ann@example.com") && !said.contains("old@") && !said.contains("public@"),
        "{said}"
    );
    let user = browser.user().await;
    plain.assert_pkce().await;

    // Another number is somebody else, whatever the login and the address.
    let emails = json!([address("ann@example.com", true, true)]);
    plain
        .there
        .follow(move |seen| github(seen, 7, emails.clone()));
    let mut other = plain.browser();
    let there = other.begin("/login/github").await;
    let state = parameter(&there, "state").expect("a state");
    let answer = other
        .open(&format!(
            "{SHOP}/login/github/callback?state={state}&code=good"
        ))
        .await;
    assert!(
        answer.location().is_some_and(|to| to.contains("claim=")),
        "verified: its owner is asked"
    );
    // And the same number the same, whatever they are.
    plain
        .there
        .follow(|seen| github(seen, 583_231, Value::Null));
    let mut again = plain.browser();
    assert_eq!(
        plain.come_back(&mut again, "code=good").await.0,
        200,
        "no list of addresses is no failure"
    );
    assert_eq!(again.user().await, user);
}

#[tokio::test]
async fn threat_38_github_says_what_is_verified() {
    let emails = json!([
        address("ann@example.com", true, false),
        address("ok@example.com", false, true)
    ]);
    let plain = Plain::start(
        "github",
        &format!("{}\ntrust_email = true", secret()),
        move |seen| github(seen, 1, emails.clone()),
    )
    .await;
    let fields = [
        ("email", "ann@example.com"),
        ("password", super::super::visitor::PASSWORD),
    ];
    plain.browser().submit("/register", &fields).await;
    let (status, said) = plain.come_back(&mut plain.browser(), "code=good").await;
    assert_eq!(status, 409, "{said}");
    assert!(said.contains("does not confirm"), "{said}");
}

#[tokio::test]
async fn github_refuses_in_its_own_way() {
    let plain = Plain::start("github", &secret(), |seen| github(seen, 1, json!([]))).await;
    for (parameters, status, said) in [
        ("code=bad", 502, "could not tell us who you are"),
        (
            "error=access_denied&error_description=The+user+has+denied+your+application+access.",
            403,
            "nothing has changed",
        ),
        (
            "error=application_suspended",
            502,
            "could not tell us who you are",
        ),
        (
            "code=good&iss=https%3A%2F%2Fevil.example",
            502,
            "could not tell us who you are",
        ),
    ] {
        let mut browser = plain.browser();
        let (got, shown) = plain.come_back(&mut browser, parameters).await;
        assert_eq!(got, status, "{parameters}: {shown}");
        assert!(
            shown.contains(said) && !shown.contains("expired</b>"),
            "{parameters}: {shown}"
        );
        assert_eq!(browser.user().await, None);
    }
    let own = format!(
        "code=good&iss={}",
        super::urlencoded(&format!("{}/login/oauth", plain.there.base()))
    );
    assert_eq!(plain.come_back(&mut plain.browser(), &own).await.0, 200);
    assert!(
        plain.doorward.log().contains("bad_verification_code"),
        "{}",
        plain.doorward.log()
    );
    for broken in [
        (500, json!({})),
        (200, json!("?")),
        (200, json!({ "access_token": 1 })),
        (404, json!({})),
    ] {
        plain.there.follow(move |_| broken.clone());
        let (status, _) = plain.come_back(&mut plain.browser(), "code=good").await;
        assert!(matches!(status, 502 | 503), "{status}");
    }
}

fn facebook(seen: &Seen, me: Value) -> Said {
    let version = "/v26.0";
    match (seen.method.as_str(), seen.path.strip_prefix(version)) {
        ("POST", Some("/oauth/access_token")) if seen.form["code"] != "good" => {
            let error = json!({ "message": "This authorization code has been used.", "type": "OAuthException", "code": 100 });
            (400, json!({ "error": error }))
        }
        ("POST", Some("/oauth/access_token")) => {
            assert_eq!(
                (
                    seen.form["client_id"].as_str(),
                    seen.form["client_secret"].as_str()
                ),
                ("doorward", CLIENT_SECRET)
            );
            assert_eq!(seen.header("authorization"), "");
            (
                200,
                json!({ "access_token": "EAAG", "token_type": "bearer", "expires_in": 5_183_944 }),
            )
        }
        ("GET", Some("/me")) => {
            let mut mac =
                Hmac::<Sha256>::new_from_slice(CLIENT_SECRET.as_bytes()).expect("any length");
            mac.update(b"EAAG");
            assert_eq!(
                seen.query["appsecret_proof"],
                hex::encode(mac.finalize().into_bytes())
            );
            assert_eq!(seen.query["fields"], "id,email");
            assert_eq!(seen.header("authorization"), "Bearer EAAG");
            (200, me)
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn facebook_names_people_for_each_client_and_vouches_for_nothing() {
    let me = json!({ "id": "10158", "email": "ann@example.com" });
    let plain = Plain::start("facebook", &secret(), move |seen| {
        facebook(seen, me.clone())
    })
    .await;
    let mut browser = plain.browser();
    let (status, said) = plain.come_back(&mut browser, "code=good#_=_").await;
    assert_eq!(status, 200, "{said}");
    let user = browser.user().await.expect("signed in");
    plain.assert_pkce().await;
    let shown = plain
        .doorward
        .command(&["user", "show", &user, "--json"])
        .await;
    let shown: Value = serde_json::from_slice(&shown.stdout).expect("JSON");
    assert_eq!(
        shown["identities"][0]["client"],
        json!("doorward"),
        "{shown}"
    );
    assert_eq!(shown["email_proven_at"], Value::Null, "{shown}");
    // Somebody by telephone has no address.
    plain
        .there
        .follow(|seen| facebook(seen, json!({ "id": "10159" })));
    assert_eq!(
        plain.come_back(&mut plain.browser(), "code=good").await.0,
        200
    );
    for (parameters, status) in [
        (
            "error=access_denied&error_code=200&error_description=Permissions+error&error_reason=user_denied",
            403,
        ),
        ("error_code=901&error_message=App+in+development", 502),
        ("code=used", 502),
    ] {
        assert_eq!(
            plain.come_back(&mut plain.browser(), parameters).await.0,
            status,
            "{parameters}"
        );
    }
    for me in [
        json!({ "id": 1 }),
        json!({ "id": "" }),
        json!({}),
        json!({ "id": "x".repeat(300) }),
    ] {
        plain.there.follow(move |seen| facebook(seen, me.clone()));
        assert_eq!(
            plain.come_back(&mut plain.browser(), "code=good").await.0,
            502
        );
    }
}

#[tokio::test]
async fn threat_38_facebook_counts_where_the_operator_says_so() {
    let me = json!({ "id": "10158", "email": "ann@example.com" });
    let more = format!("{}\ntrust_email = true", secret());
    let plain = Plain::start("facebook", &more, move |seen| facebook(seen, me.clone())).await;
    let mut browser = plain.browser();
    plain.come_back(&mut browser, "code=good").await;
    let user = browser.user().await.expect("signed in");
    let shown = plain
        .doorward
        .command(&["user", "show", &user, "--json"])
        .await;
    let shown: Value = serde_json::from_slice(&shown.stdout).expect("JSON");
    assert!(shown["email_proven_at"].is_string(), "{shown}");
}

fn x(seen: &Seen, public: bool, me: Value) -> Said {
    match (seen.method.as_str(), seen.path.as_str()) {
        ("POST", "/2/oauth2/token") if seen.form["code"] != "good" => (
            400,
            json!({ "error": "invalid_request", "error_description": "Value passed for the token was invalid." }),
        ),
        ("POST", "/2/oauth2/token") if public => {
            assert_eq!(
                (
                    seen.form["client_id"].as_str(),
                    seen.header("authorization")
                ),
                ("doorward", "")
            );
            (
                200,
                json!({ "token_type": "bearer", "expires_in": 7200, "access_token": "X", "scope": "users.read" }),
            )
        }
        ("POST", "/2/oauth2/token") => {
            use base64::Engine as _;
            let pair = format!("doorward:{CLIENT_SECRET}");
            let basic = base64::engine::general_purpose::STANDARD.encode(pair);
            assert_eq!(seen.header("authorization"), format!("Basic {basic}"));
            assert!(!seen.form.contains_key("client_secret"));
            (
                200,
                json!({ "token_type": "bearer", "expires_in": 7200, "access_token": "X", "scope": "users.read" }),
            )
        }
        ("GET", "/2/users/me") => {
            assert_eq!(seen.query["user.fields"], "confirmed_email");
            assert_eq!(seen.header("authorization"), "Bearer X");
            (200, me)
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn x_names_people_by_number() {
    for public in [false, true] {
        let more = if public { String::new() } else { secret() };
        let me = json!({ "data": { "id": "2244994945", "name": "Ann", "username": "ann", "confirmed_email": "ann@example.com" } });
        let plain = Plain::start("x", &more, move |seen| x(seen, public, me.clone())).await;
        let mut browser = plain.browser();
        let there = browser.begin("/login/x").await;
        assert_eq!(
            parameter(&there, "scope").as_deref(),
            Some("users.read tweet.read users.email")
        );
        let (status, said) = plain.come_back(&mut browser, "code=good").await;
        assert_eq!(status, 200, "{said}");
        assert!(said.contains("ann@example.com"), "{said}");
        let user = browser.user().await;
        plain.assert_pkce().await;
        // Without the right to ask for it there is no address, and it is the same person.
        plain
            .there
            .follow(move |seen| x(seen, public, json!({ "data": { "id": "2244994945" } })));
        let mut again = plain.browser();
        assert_eq!(plain.come_back(&mut again, "code=good").await.0, 200);
        assert_eq!(again.user().await, user);
        assert_eq!(
            plain.come_back(&mut plain.browser(), "code=used").await.0,
            502
        );
        assert_eq!(
            plain
                .come_back(&mut plain.browser(), "error=access_denied")
                .await
                .0,
            403
        );
        for (status, expected) in [(429, 503), (402, 503), (500, 503), (403, 502)] {
            plain.there.follow(move |seen| match seen.path.as_str() {
                "/2/users/me" => (status, json!({ "title": "no" })),
                _ => x(seen, public, Value::Null),
            });
            assert_eq!(
                plain.come_back(&mut plain.browser(), "code=good").await.0,
                expected,
                "{status}"
            );
        }
    }
}

/// What a provider tells may come after the session that asked has ended.
#[tokio::test(flavor = "multi_thread")]
async fn threat_18_nothing_is_linked_for_a_session_that_has_ended_meanwhile() {
    let (reached, waiting) = std::sync::mpsc::channel::<()>();
    let (go_on, may) = std::sync::mpsc::channel::<()>();
    let (reached, may) = (Mutex::new(reached), Mutex::new(may));
    let plain = Plain::start("github", &secret(), move |seen| {
        if seen.path == "/api/v3/user" {
            reached
                .lock()
                .expect("no panic inside")
                .send(())
                .expect("somebody waits");
            let patience = std::time::Duration::from_secs(30);
            let _ = may.lock().expect("no panic inside").recv_timeout(patience);
        }
        github(seen, 7, json!([]))
    })
    .await;
    let mut browser = plain.browser();
    let fields = [
        ("email", "ann@example.com"),
        ("password", super::super::visitor::PASSWORD),
    ];
    browser.submit("/register", &fields).await;
    let add = super::link(&browser.open("/account").await, "/login/github?link=");
    let there = browser.begin(&add).await;
    let state = parameter(&there, "state").expect("a state");
    let back = format!("{SHOP}/login/github/callback?state={state}&code=good");
    let callback = tokio::spawn(async move { browser.open(&back).await });
    tokio::task::spawn_blocking(move || waiting.recv())
        .await
        .expect("no panic")
        .expect("it was asked");
    let revoked = plain
        .doorward
        .command(&["session", "revoke", "ann@example.com", "--all"])
        .await;
    assert!(revoked.status.success(), "{revoked:?}");
    go_on.send(()).expect("it waits");
    let answer = callback.await.expect("no panic");
    assert_eq!(answer.status, 400, "{}", words(&answer));
    let shown = plain
        .doorward
        .command(&["user", "show", "ann@example.com", "--json"])
        .await;
    let shown: Value = serde_json::from_slice(&shown.stdout).expect("JSON");
    assert_eq!(shown["identities"], json!([]), "{shown}");
}
