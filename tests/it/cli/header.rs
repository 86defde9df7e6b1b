//! `doorward header …` and `doorward key generate`: no server, no database.

use std::fs;

use tempfile::TempDir;

use super::Said;
use crate::support::doorward;
use crate::support::identity::{Binding, check, now};

const USER: &str = "3f0c9a52-7d41-4b8e-9c66-1e5a0b2d7f83";
const URL: &str = "https://shop.example.com/orders?page=2";

async fn run(config: Option<&str>, words: &[&str]) -> Said {
    doorward::run(config, words).await.into()
}

/// A new key, and a file that holds it.
async fn keys() -> (String, TempDir, String) {
    let key = run(None, &["key", "generate"]).await.done();
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("shop.keys");
    fs::write(&file, &key).expect("own folder");
    (
        key.trim_end().to_owned(),
        folder,
        file.display().to_string(),
    )
}

async fn sign(file: &str, more: &[&str]) -> String {
    let words = [
        "header",
        "sign",
        "--app",
        "shop",
        "--user",
        USER,
        "--keys-file",
        file,
    ];
    let value = run(None, &[&words, more].concat()).await.done();
    value.strip_suffix('\n').expect("one line").to_owned()
}

async fn verify(file: &str, value: &str, more: &[&str]) -> Said {
    let words = [
        "header",
        "verify",
        "--app",
        "shop",
        "--keys-file",
        file,
        value,
    ];
    run(None, &[&words, more].concat()).await
}

#[tokio::test]
async fn keys_are_long_and_never_the_same() {
    let (one, two) = (keys().await.0, keys().await.0);
    assert_eq!((one.len(), hex::decode(&one).expect("hex").len()), (64, 32));
    assert_ne!(one, two);
}

#[tokio::test]
async fn what_is_signed_holds_for_others_too() {
    let (key, _folder, file) = keys().await;
    let value = sign(&file, &[]).await;
    let identity = check(&value, &key, "shop", Binding::App).expect("well signed");
    assert_eq!(identity.subject, USER);
    let said = verify(&file, &value, &[]).await.done();
    assert!(said.contains(USER), "{said}");

    let request = ["--method", "GET", "--url", URL];
    let value = sign(&file, &request).await;
    let bound = Binding::Request {
        method: "GET",
        host: "shop.example.com",
        uri: "/orders?page=2",
    };
    check(&value, &key, "shop", bound).expect("well signed");
    verify(&file, &value, &request).await.done();
}

#[tokio::test]
async fn threat_12_what_was_not_signed_for_this_is_refused_with_the_reason() {
    let (_key, _folder, file) = keys().await;
    let (_other_key, _other_folder, other_file) = keys().await;
    let good = sign(&file, &[]).await;
    let old = sign(&file, &["--at", &(now() - 100).to_string()]).await;
    let early = sign(&file, &["--at", &(now() + 100).to_string()]).await;
    let bound = sign(&file, &["--method", "GET", "--url", URL]).await;
    let another = good.replace(USER, "00000000-0000-4000-8000-000000000000");
    let post = ["--method", "POST", "--url", URL];
    for (value, file, more, reason) in [
        (
            another.as_str(),
            &file,
            &[][..],
            "not signed with one of our keys",
        ),
        (&good, &other_file, &[], "not signed with one of our keys"),
        (&old, &file, &[], "the limit is 60 s"),
        (&early, &file, &[], "the limit is 10 s"),
        (
            &good,
            &file,
            &["--max-age", "5", "--at", &(now() + 20).to_string()],
            "the limit is 5 s",
        ),
        (&bound, &file, &[], "not signed with one of our keys"),
        (&bound, &file, &post, "not signed with one of our keys"),
        (&good, &file, &post, "not signed with one of our keys"),
        ("anonymous", &file, &[], "fewer than three fields"),
        (&format!("{good},{good}"), &file, &[], "list"),
    ] {
        let refused = verify(file, value, more).await.failed(1);
        assert!(refused.contains(reason), "{value} {more:?}: {refused}");
    }
    verify(&file, &old, &["--max-age", "200"]).await.done();
    verify(&file, &early, &["--max-lead", "200"]).await.done();
}

#[tokio::test]
async fn nobody_is_told_from_somebody() {
    let (_key, _folder, file) = keys().await;
    let words = [
        "header",
        "sign",
        "--app",
        "shop",
        "--user",
        "anonymous",
        "--keys-file",
        &file,
    ];
    let value = run(None, &words).await.done();
    let said = verify(&file, value.trim_end(), &[]).await.done();
    assert!(said.contains("anonymous: nobody is signed in"), "{said}");
}

#[tokio::test]
async fn without_a_file_of_keys_the_configuration_says_what_holds() {
    let (key, _folder, file) = keys().await;
    let config = format!(
        "[apps.shop]\nhosts = [\"shop.example.com\"]\nkeys = [\"{key}\"]\nbinding = \"request\"\n"
    );
    let words = ["header", "sign", "--app", "shop", "--user", USER];
    let refused = run(Some(&config), &words).await.failed(1);
    assert!(
        refused.contains("is \"request\": name the request"),
        "{refused}"
    );
    let request = ["--method", "GET", "--url", URL];
    let value = run(Some(&config), &[&words[..], &request].concat())
        .await
        .done();
    verify(&file, value.trim_end(), &request).await.done();
    let words = ["header", "sign", "--app", "wiki", "--user", USER];
    let refused = run(Some(&config), &words).await.failed(1);
    assert_eq!(
        refused,
        "doorward: the configuration has no app wiki; it has shop\n"
    );
}
