//! Whether an account exists is nobody's business (THREATS 28): equal answers after equal work.

use doorward::app::System;
use doorward::services::Services;
use doorward::services::login::LoginError;
use doorward::services::register::RegisterError;

use super::in_process::{self, chosen, entrance, given};
use super::operator::operate;
use super::support::doorward::Doorward;
use super::support::http::{Answer, post_form, post_json};
use super::visitor::{PASSWORD, registered};

const KNOWN: &str = "known@example.com";
const DISABLED: &str = "frozn@example.com";
const UNKNOWN: &str = "ghost@example.com";
const WRONG: &str = "another-orbit-lantern";

/// Everything of an answer that a client can see, but for the time.
fn visible(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let lines = answer.headers.iter().filter(|(name, _)| *name != "date");
    let lines =
        lines.map(|(name, value)| (name.to_string(), value.to_str().expect("ASCII").to_owned()));
    (answer.status.as_u16(), lines.collect(), answer.body.clone())
}

#[tokio::test]
async fn threat_28_unknown_wrong_and_disabled_look_the_same() {
    let doorward = Doorward::builder().start().await;
    registered(&doorward, KNOWN).await;
    registered(&doorward, DISABLED).await;
    operate(&doorward, &["user", "disable", DISABLED]).await;
    let url = format!("{}/login", doorward.public());
    let id = ("x-request-id", "the-same");
    let mut json = Vec::new();
    let mut form = Vec::new();
    for (email, password) in [
        (UNKNOWN, WRONG),
        (KNOWN, WRONG),
        (DISABLED, PASSWORD),
        (DISABLED, WRONG),
    ] {
        let body = serde_json::json!({ "email": email, "password": password, "remember": true });
        json.push(visible(&post_json(&url, &[id], &body).await));
        let fields = [("email", email), ("password", password), ("rd", "/x")];
        let (status, lines, body) = visible(&post_form(&url, &[id], &fields).await);
        form.push((status, lines, body.replace(email, "what was typed")));
    }
    assert_eq!((json[0].0, form[0].0), (401, 401));
    for answers in [json, form] {
        for answer in &answers {
            assert_eq!(answer, &answers[0]);
        }
    }
}

/// The services of a fresh installation, with the least hashing that is allowed.
async fn fresh() -> (tempfile::TempDir, Services) {
    let folder = tempfile::tempdir().expect("folder");
    let database = in_process::sqlite(folder.path());
    let services = in_process::services(folder.path(), &database, "", System::default());
    services.database.migrate().await.expect("migrated");
    (folder, services)
}

async fn register(services: &Services, email: &str) -> Result<(), RegisterError> {
    let email = email.parse().expect("an address");
    services
        .register
        .register(email, chosen(PASSWORD), entrance(services))
        .await
        .map(drop)
}

async fn sign_in(services: &Services, email: &str, password: &str) -> Result<(), LoginError> {
    let email = email.parse().expect("an address");
    services
        .login
        .sign_in(&email, given(password), entrance(services))
        .await
        .map(drop)
}

#[tokio::test]
async fn threat_28_every_failed_sign_in_costs_one_hash() {
    let (_folder, services) = fresh().await;
    for email in [KNOWN, DISABLED] {
        register(&services, email).await.expect("registered");
    }
    let pool = entrance(&services).pool;
    let email = DISABLED.parse().expect("an address");
    let disabled = services
        .accounts
        .by_email(&pool, &email)
        .await
        .expect("an account")
        .user
        .id;
    services
        .accounts
        .set_disabled(disabled, true)
        .await
        .expect("disabled");
    let nobodys = "empty@example.com";
    let email = nobodys.parse().expect("an address");
    services
        .accounts
        .add(pool, email, Vec::new(), None)
        .await
        .expect("added");
    let hashes = || services.login.passwords.hashes();
    for (email, password) in [
        (UNKNOWN, WRONG),
        (KNOWN, WRONG),
        (DISABLED, WRONG),
        (DISABLED, PASSWORD),
        (nobodys, WRONG),
    ] {
        let before = hashes();
        let refused = sign_in(&services, email, password).await;
        assert!(
            matches!(refused, Err(LoginError::InvalidCredentials)),
            "{email}"
        );
        assert_eq!(hashes() - before, 1, "{email}");
    }
    let before = hashes();
    sign_in(&services, KNOWN, PASSWORD)
        .await
        .expect("signed in");
    assert_eq!(hashes() - before, 1, "a success costs the same");
}

#[tokio::test]
async fn threat_28_a_taken_address_costs_as_much_as_a_free_one() {
    let (_folder, services) = fresh().await;
    let hashes = || services.register.passwords.hashes();
    for (email, free) in [
        (KNOWN, true),
        (KNOWN, false),
        (UNKNOWN, true),
        (KNOWN, false),
    ] {
        let before = hashes();
        match register(&services, email).await {
            Ok(()) => assert!(free, "{email}"),
            Err(error) => assert!(
                !free && matches!(error, RegisterError::EmailTaken),
                "{email}: {error}"
            ),
        }
        assert_eq!(hashes() - before, 1, "{email}");
    }
}
