//! What the compose file promises, read from it.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use serde_json::{Value, json};

use super::{COMPOSE, Secrets, mounts, root, service, services, texts};

/// The services that visitors reach.
const PROXIES: [&str; 2] = ["nginx", "traefik"];

fn names(section: &str) -> BTreeSet<&str> {
    let section = COMPOSE[section].as_object().expect("a section");
    section.keys().map(String::as_str).collect()
}

/// Who is on a network, in the order of the alphabet.
fn members(network: &str) -> Vec<&'static str> {
    let on = |(name, service): (&'static str, &Value)| {
        texts(&service["networks"])
            .contains(&network)
            .then_some(name)
    };
    let mut members: Vec<_> = services().filter_map(on).collect();
    members.sort_unstable();
    members
}

#[test]
fn all_that_is_named_is_there_and_all_that_is_there_is_named() {
    let (mut volumes, mut networks) = (BTreeSet::new(), BTreeSet::new());
    for (name, service) in services() {
        networks.extend(texts(&service["networks"]));
        for (source, place, reads_only) in mounts(service) {
            if let Some(file) = source.strip_prefix("./") {
                assert!(root().join(file).is_file(), "{name} mounts {file}");
                assert!(reads_only, "{name} may write {place}");
            } else {
                volumes.insert(source);
            }
        }
        for (needed, how) in service["depends_on"].as_object().into_iter().flatten() {
            let other = self::service(needed);
            let is_checked = other["healthcheck"]["test"].is_array();
            let possible = match how["condition"].as_str() {
                Some("service_healthy") => is_checked,
                Some("service_completed_successfully") => other["restart"].is_null(),
                _ => false,
            };
            assert!(
                possible,
                "{name} would wait for {needed} without an end: {how}"
            );
        }
    }
    assert_eq!(volumes, names("volumes"));
    assert_eq!(networks, names("networks"));
}

#[test]
fn every_container_is_kept_small() {
    for (name, service) in services() {
        assert_eq!(service["read_only"], true, "{name}");
        assert_eq!(service["cap_drop"], json!(["ALL"]), "{name}");
        assert_eq!(service["cap_add"], Value::Null, "{name}");
        assert_eq!(service["privileged"], Value::Null, "{name}");
        assert_eq!(
            service["security_opt"],
            json!(["no-new-privileges:true"]),
            "{name}"
        );
        let image = service["image"].as_str().unwrap_or_default();
        let (_, tag) = image.split_once(':').unwrap_or_default();
        let is_ours = service["build"] == ".";
        assert_eq!(
            image.is_empty(),
            is_ours,
            "{name}: a registry would come first"
        );
        assert!(is_ours || tag.contains(['.', '-']), "{name}: {image}");
        // Two images say by themselves that they run as somebody without rights.
        let is_meek = is_ours || image.contains("unprivileged") || name == "secrets";
        assert!(
            is_meek || service["user"].is_string(),
            "{name} would run as root"
        );
    }
    assert_eq!(
        service("secrets")["network_mode"],
        "none",
        "root, but alone"
    );
}

#[test]
fn threat_43_nobody_but_the_proxies_reaches_doorward_or_the_app() {
    assert_eq!(members("outside"), PROXIES);
    assert_eq!(members("door"), ["doorward", "nginx", "traefik"]);
    assert_eq!(members("shop"), ["app", "nginx", "traefik"]);
    assert_eq!(members("store"), ["database", "doorward", "redis"]);
    for network in ["door", "shop", "store"] {
        assert_eq!(COMPOSE["networks"][network]["internal"], true, "{network}");
    }
    for (name, service) in services() {
        let ports = texts(&service["ports"]);
        assert_eq!(
            ports.is_empty(),
            !PROXIES.contains(&name),
            "{name}: {ports:?}"
        );
        assert!(
            ports.iter().all(|port| port.starts_with("127.0.0.1:")),
            "{name}: {ports:?}"
        );
    }
}

#[test]
fn threat_04_doorward_believes_the_network_of_the_proxies_alone() {
    let environment = &service("doorward")["environment"];
    let trusted = &environment["DOORWARD__SERVER__TRUSTED_PROXIES"];
    let subnets = &COMPOSE["networks"]["door"]["ipam"]["config"];
    assert_eq!(*subnets, json!([{ "subnet": trusted }]));
}

#[test]
fn threat_40_no_secret_is_in_the_file_or_in_an_environment() {
    for (name, service) in services() {
        for (variable, value) in service["environment"].as_object().into_iter().flatten() {
            let is_secret = ["PASSWORD", "KEY", "SECRET", "URL"]
                .iter()
                .any(|word| variable.contains(word));
            let value = value.as_str().expect("a text");
            assert!(
                !is_secret || value.starts_with("/run/secrets/"),
                "{name}: {variable}"
            );
        }
    }
    // Each volume of secrets has one reader, who can't write it.
    for volume in names("volumes")
        .into_iter()
        .filter(|volume| volume.ends_with("-secrets"))
    {
        let mounted = services().flat_map(|(name, service)| {
            mounts(service)
                .into_iter()
                .map(move |(source, place, reads_only)| (name, source, place, reads_only))
        });
        let readers = mounted.filter(|(name, source, ..)| *source == volume && *name != "secrets");
        let readers: Vec<_> = readers
            .map(|(_, _, place, reads_only)| (place, reads_only))
            .collect();
        assert_eq!(readers, [("/run/secrets", true)], "{volume}");
    }
}

#[test]
fn the_secrets_are_made_once_and_fit_together() {
    let secrets = Secrets::make();
    let all = || {
        let password = secrets.read("database", "password");
        let url = secrets.read("doorward", "database-url");
        [
            secrets.read("doorward", "shop.keys"),
            secrets.read("app", "shop.keys"),
            password,
            url,
        ]
    };
    let [key, of_app, password, url] = all();
    assert_eq!(key, of_app);
    for secret in [&key, &password] {
        assert_eq!(
            hex::decode(secret.trim_end()).map(|bytes| bytes.len()),
            Ok(32),
            "{secret}"
        );
    }
    let user = service("database")["environment"]["POSTGRES_USER"]
        .as_str()
        .expect("a user");
    assert_eq!(
        url.trim_end(),
        format!(
            "postgres://{user}:{}@database:5432/{user}",
            password.trim_end()
        )
    );

    let key_file = secrets.of("doorward").join("shop.keys");
    let mode = fs::metadata(&key_file)
        .expect("a file")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o444, "for a reader who is somebody else");
    secrets.make_again();
    assert_eq!(all(), [key.clone(), of_app, password, url]);
    assert_ne!(Secrets::make().read("doorward", "shop.keys"), key);

    let next = "0b6f2c94d1e873a5b80f47c2e9d6135a7f0c8e2b4d9a6153f7e0c8b2a4d69513";
    fs::remove_file(&key_file).expect("own file");
    fs::write(&key_file, format!("{key}{next}\n")).expect("own file");
    secrets.make_again();
    assert_eq!(
        secrets.read("app", "shop.keys"),
        format!("{key}{next}\n"),
        "a changed key reaches the app"
    );
}

#[test]
fn doorward_accepts_its_configuration() {
    let secrets = Secrets::make();
    let folder = tempfile::tempdir().expect("folder");
    for (source, place, _) in mounts(service("doorward")) {
        if let (Some(file), Some(name)) =
            (source.strip_prefix("./"), place.strip_prefix("/doorward/"))
        {
            let text = fs::read_to_string(root().join(file)).expect("the configuration");
            fs::write(folder.path().join(name), secrets.placed("doorward", &text))
                .expect("own folder");
        }
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_doorward"));
    command
        .arg("check-config")
        .current_dir(folder.path())
        .env_clear();
    for (name, value) in service("doorward")["environment"]
        .as_object()
        .expect("variables")
    {
        command.env(
            name,
            secrets.placed("doorward", value.as_str().expect("a text")),
        );
    }
    let checked = command.output().expect("the binary starts");
    let (said, error) = (
        String::from_utf8_lossy(&checked.stdout),
        String::from_utf8_lossy(&checked.stderr),
    );
    assert!(checked.status.success(), "{error}");
    for line in [
        "  pages on         0.0.0.0:8080",
        "  verify on        0.0.0.0:8081",
        "  trusted proxies  10.231.80.0/28",
        "  kept in          PostgreSQL at database:5432, the database doorward",
        "app shop",
    ] {
        assert!(said.lines().any(|shown| shown == line), "{line}\n{said}");
    }
}
