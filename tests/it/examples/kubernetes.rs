//! `examples/kubernetes`: every manifest is one that Kubernetes and the proxies' definitions know, they agree with each
//! other and with the other examples, and Doorward takes the configuration and serves what they ask for.

mod agreement;
mod questions;
mod schemas;
mod served;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use serde_json::{Map, Value};

const FILES: [&str; 6] = [
    "doorward.yaml",
    "secret.yaml",
    "kustomization.yaml",
    "ingress-nginx.yaml",
    "traefik.yaml",
    "envoy-gateway.yaml",
];

/// The documents of each file; the schemas have been asked.
static MANIFESTS: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    let judged = judge(&folder(), &FILES);
    let said = String::from_utf8_lossy(&judged.stderr);
    assert!(judged.status.success(), "{said}");
    serde_json::from_slice(&judged.stdout).expect("JSON")
});

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn folder() -> PathBuf {
    root().join("examples/kubernetes")
}

/// Has files of a folder judged by the schemas.
fn judge(folder: &Path, files: &[&str]) -> Output {
    let checks = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("checks");
    let schemas = checks.join("kubernetes_validate");
    assert!(schemas.is_dir(), "{}: run scripts/setup", schemas.display());
    let mut python = Command::new("python3");
    python
        .arg(root().join("tests/tools/kubernetes.py"))
        .args(files);
    python
        .env("PYTHONPATH", checks)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    python.current_dir(folder).output().expect("python3")
}

/// The documents of a kind in a file.
fn all(file: &str, kind: &str) -> Vec<&'static Value> {
    let documents = MANIFESTS[file].as_array().expect("documents");
    documents
        .iter()
        .filter(|document| document["kind"] == kind)
        .collect()
}

/// The only document of a kind in a file.
fn only(file: &str, kind: &str) -> &'static Value {
    let found = all(file, kind);
    let [document] = found[..] else {
        panic!("one {kind} in {file}, not {}", found.len())
    };
    document
}

/// What is there, or the test fails.
fn at(value: &'static Value, pointer: &str) -> &'static Value {
    value
        .pointer(pointer)
        .unwrap_or_else(|| panic!("{pointer} in {value}"))
}

fn text(value: &'static Value, pointer: &str) -> &'static str {
    at(value, pointer)
        .as_str()
        .unwrap_or_else(|| panic!("{pointer} is a text"))
}

fn list(value: &'static Value, pointer: &str) -> &'static [Value] {
    at(value, pointer)
        .as_array()
        .unwrap_or_else(|| panic!("{pointer} is a list"))
}

/// The pods of Doorward.
fn pod() -> &'static Value {
    at(only("doorward.yaml", "Deployment"), "/spec/template/spec")
}

fn container() -> &'static Value {
    at(pod(), "/containers/0")
}

/// `doorward.toml` of the ConfigMap.
fn config() -> &'static str {
    text(only("doorward.yaml", "ConfigMap"), "/data/doorward.toml")
}
