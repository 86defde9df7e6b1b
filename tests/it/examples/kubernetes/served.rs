//! What the manifests ask of Doorward, Doorward does.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::{at, config, container, only, text};
use crate::support::doorward::{Db, Doorward};
use crate::support::http::get;
use crate::support::proxy::with_replaced;

/// Has the binary check the ConfigMap's configuration, with these two secrets where they are mounted.
fn check(keys: &str, database: &str) -> Output {
    let folder = tempfile::tempdir().expect("folder");
    let here = folder.path().display().to_string();
    fs::write(folder.path().join("shop.keys"), keys).expect("written");
    fs::write(folder.path().join("database-url"), database).expect("written");
    let file = folder.path().join("doorward.toml");
    fs::write(&file, config().replace("/run/secrets/doorward", &here)).expect("written");
    let mut command = doorward(folder.path());
    command.env(text(container(), "/env/0/name"), &file);
    command.arg("check-config").output().expect("the binary")
}

fn doorward(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_doorward"));
    command.current_dir(folder).env_clear();
    command
}

#[test]
fn doorward_accepts_the_configuration_of_the_config_map() {
    let folder = tempfile::tempdir().expect("folder");
    let key = doorward(folder.path()).args(["key", "generate"]).output();
    let key = String::from_utf8(key.expect("the binary").stdout).expect("text");
    let accepted = check(
        &key,
        "postgres://doorward:aP7q-Zr0t.w2@postgres.example.com/doorward\n",
    );
    let said = String::from_utf8_lossy(&accepted.stderr);
    assert!(accepted.status.success(), "{said}");
}

#[test]
fn the_secret_does_not_start_as_it_stands() {
    let secret = only("secret.yaml", "Secret");
    let value = |key: &str| secret["stringData"][key].as_str().expect("a text");
    let refused = check(value("shop.keys"), value("database-url"));
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("apps.shop.keys_file: line 1"), "{said}");
}

/// With the configuration of the ConfigMap, but asked from this machine.
async fn started() -> Doorward {
    let without_secrets = config()
        .lines()
        .filter(|line| !line.contains("/run/secrets/"));
    let toml = without_secrets.collect::<Vec<_>>().join("\n");
    let toml = with_replaced(&toml, &[("10.0.0.0/8", "127.0.0.0/8")]);
    Doorward::builder()
        .toml(&toml)
        .database(Db::Postgres)
        .start()
        .await
}

#[tokio::test]
async fn the_probes_ask_what_is_answered_on_the_internal_listener_alone() {
    let doorward = started().await;
    for probe in ["startupProbe", "readinessProbe", "livenessProbe"] {
        let asked = at(container(), &format!("/{probe}/httpGet"));
        assert_eq!(asked["port"], "internal");
        let path = asked["path"].as_str().expect("a path");
        let answer = get(&format!("{}{path}", doorward.internal()), &[]).await;
        assert_eq!(answer.status, 200, "{path}");
        let answer = get(&format!("{}{path}", doorward.public()), &[]).await;
        assert_ne!(answer.status, 200, "{path}");
    }
}

/// The file system is read-only.
#[tokio::test]
async fn with_a_database_and_keys_of_its_own_nothing_is_written() {
    let doorward = started().await;
    let entries = fs::read_dir(doorward.data_folder()).expect("folder");
    let written: Vec<_> = entries.map(|entry| entry.expect("entry").path()).collect();
    assert!(written.is_empty(), "{written:?}");
}

#[tokio::test]
async fn the_proxies_questions_are_answered_for_the_app_of_the_config_map() {
    let doorward = started().await;
    let ask = async |path: &str, headers: &[(&str, &str)]| {
        get(&format!("{}{path}", doorward.internal()), headers).await
    };
    let host = "shop.example.com";
    let [app, ..] = super::all("ingress-nginx.yaml", "Ingress")[..] else {
        panic!("two Ingresses")
    };
    assert_eq!(text(app, "/spec/rules/0/host"), host);
    let original = [
        ("x-original-method", "GET"),
        ("x-original-url", "https://shop.example.com/"),
    ];
    let forwarded = [
        ("x-forwarded-method", "GET"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", host),
        ("x-forwarded-uri", "/"),
    ];
    for answer in [
        ask("/verify/nginx/shop", &original).await,
        ask("/verify/traefik/shop", &forwarded).await,
        ask("/verify/envoy/shop/", &[("host", host)]).await,
    ] {
        assert_eq!(answer.status, 200, "{}", answer.body);
        let identity = answer.header("x-userid").expect("an identity");
        assert!(identity.starts_with("anonymous."), "{identity}");
    }
}
