//! Traefik has no command that checks a configuration. It is started, and asked by its API what it made of it.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::{CASES, Case, files};
use crate::support::http::try_get;
use crate::support::ports::free_port;
use crate::support::process::{Process, eventually, tool};

#[tokio::test]
async fn traefik_accepts_it() {
    for case in CASES {
        let folder = tempfile::tempdir().expect("folder");
        let names = ["doorward.yaml", "traefik.yaml"];
        let printed = files(case, "traefik", &names, folder.path());
        let port = free_port();
        let traefik = on_free_ports(&printed[1], port);
        for (name, text) in names.iter().zip([&printed[0], &traefik]) {
            fs::write(folder.path().join(name), text).expect("written");
        }
        check(case, folder.path(), port).await;
    }
}

/// Everything that was printed is there and in use, and Traefik complains of nothing.
async fn check(case: &Case, folder: &Path, port: u16) {
    let mut command = Command::new(tool("TRAEFIK", "bin/traefik"));
    command.arg("--configFile=traefik.yaml").current_dir(folder);
    let mut traefik = Process::start(&command, "KILL", &folder.join("log"));
    let url = format!("http://127.0.0.1:{port}/api/rawdata");
    let known = eventually(case.name, async || {
        assert_eq!(traefik.ended(), None, "{}: {}", case.name, traefik.log());
        let answer = try_get(&url).await?;
        let known: Value = serde_json::from_str(&answer.body).ok()?;
        let ready = known["routers"].get("doorward-internal@file").is_some();
        ready.then_some(known)
    })
    .await;
    let said = traefik.log();
    for kind in ["routers", "services", "middlewares"] {
        for (name, entry) in known[kind].as_object().expect("an object") {
            let usable = entry["status"] == "enabled" && entry.get("error").is_none();
            assert!(usable, "{}: {name}: {entry}\n{said}", case.name);
            let used = kind == "routers" || entry["usedBy"].is_array() || !name.ends_with("@file");
            assert!(used, "{}: {name} is for nothing", case.name);
        }
    }
    let complains = said.contains(" WRN ") || said.contains(" ERR ");
    assert!(!complains, "{}: {said}", case.name);
}

/// The file with ports that nobody has, and one for the API.
fn on_free_ports(text: &str, api: u16) -> String {
    let own = |line: &str| match line.split_once("address: \"") {
        Some((before, _)) => format!("{before}address: \"127.0.0.1:{}\"\n", free_port()),
        None => format!("{line}\n"),
    };
    let text: String = text.lines().map(own).collect();
    let entry = format!(
        "entryPoints:\n  traefik:\n    address: \"127.0.0.1:{api}\"\n    http: {{aliasHeadersStrategy: delete}}\n"
    );
    text.replacen("entryPoints:\n", &entry, 1) + "\napi: {insecure: true}\n"
}
