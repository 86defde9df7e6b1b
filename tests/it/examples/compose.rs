//! `docker-compose.yml`: judged by the schema of its specification and by what it promises, and all its parts run
//! together on loopback, without an engine: the same configurations, the same script for the secrets, the same app.

mod parts;
mod promises;
mod provider;
mod redis;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use serde_json::Value;
use tempfile::TempDir;

/// The compose file as JSON, with its anchors resolved; the schema has been asked.
static COMPOSE: LazyLock<Value> = LazyLock::new(|| judged("docker-compose.yml"));

/// A compose file as JSON, with its anchors resolved; the schema has been asked.
fn judged(file: &str) -> Value {
    let checks = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("checks");
    assert!(checks.is_dir(), "{}: run scripts/setup", checks.display());
    let mut python = Command::new("python3");
    python.arg(root().join("tests/tools/compose_to_json.py"));
    python
        .env("PYTHONPATH", checks)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    python.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut judge = python.spawn().expect("python3");
    let text = fs::read(root().join(file)).expect("the compose file");
    judge
        .stdin
        .take()
        .expect("a pipe")
        .write_all(&text)
        .expect("read");
    let judged = judge.wait_with_output().expect("own child");
    assert!(judged.status.success(), "the schema refuses it: see above");
    serde_json::from_slice(&judged.stdout).expect("JSON")
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn service(name: &str) -> &'static Value {
    let service = &COMPOSE["services"][name];
    assert!(service.is_object(), "no service {name}");
    service
}

fn services() -> impl Iterator<Item = (&'static str, &'static Value)> {
    let services = COMPOSE["services"].as_object().expect("services");
    services
        .iter()
        .map(|(name, service)| (name.as_str(), service))
}

/// The texts of a list; none where there is no list.
fn texts(list: &Value) -> Vec<&str> {
    let entries = list.as_array().map_or(&[][..], Vec::as_slice);
    entries
        .iter()
        .map(|entry| entry.as_str().expect("a text"))
        .collect()
}

/// What a service mounts: source, place, and whether it may only read.
fn mounts(service: &Value) -> Vec<(&str, &str, bool)> {
    let mount = |text| -> (&str, &str, bool) {
        let parts: Vec<&str> = str::split(text, ':').collect();
        match parts[..] {
            [source, place] => (source, place, false),
            [source, place, "ro"] => (source, place, true),
            _ => panic!("{text}"),
        }
    };
    texts(&service["volumes"]).into_iter().map(mount).collect()
}

/// The volumes of the secrets, as the service that makes them fills them: a folder with a folder for each reader.
struct Secrets(TempDir);

impl Secrets {
    fn make() -> Self {
        let folder = tempfile::tempdir().expect("folder");
        for (source, place, _) in mounts(service("secrets")) {
            if !source.starts_with("./") {
                let below = place.strip_prefix("/secrets/").expect("below its argument");
                fs::create_dir(folder.path().join(below)).expect("own folder");
            }
        }
        let secrets = Self(folder);
        secrets.make_again();
        secrets
    }

    /// As at each later start.
    fn make_again(&self) {
        let entry = texts(&service("secrets")["entrypoint"]);
        let script = mounts(service("secrets"))
            .into_iter()
            .find(|(_, place, _)| *place == entry[1]);
        let (script, _, _) = script.expect("the script is mounted");
        assert_eq!((entry[0], entry[2]), ("/bin/sh", "/secrets"));
        let made = Command::new(entry[0])
            .arg(root().join(script))
            .arg(self.0.path())
            .status();
        assert!(made.expect("a shell").success());
    }

    /// What a reader finds under `/run/secrets`.
    fn of(&self, reader: &str) -> PathBuf {
        let mut mounted = mounts(service(reader)).into_iter();
        let mounted = mounted.find(|(_, place, _)| *place == "/run/secrets");
        let (volume, _, _) = mounted.expect("it reads secrets");
        let filled = mounts(service("secrets"))
            .into_iter()
            .find(|(source, _, _)| *source == volume);
        let (_, place, _) = filled.expect("somebody fills the volume");
        self.0.path().join(place.trim_start_matches("/secrets/"))
    }

    fn read(&self, reader: &str, name: &str) -> String {
        let path = self.of(reader).join(name);
        fs::read_to_string(&path).unwrap_or_else(|_| panic!("{}", path.display()))
    }

    /// The text with the places of a reader's secrets replaced.
    fn placed(&self, reader: &str, text: &str) -> String {
        text.replace("/run/secrets", self.of(reader).to_str().expect("UTF-8"))
    }
}
