//! Traefik, as `scripts/setup` puts it among the tools.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::ports::free_port;
use crate::support::process::tool;

/// What Traefik is started with, and what its file provider reads.
pub(super) const FILES: [&str; 2] = ["traefik.yaml", "doorward.yaml"];

pub(super) fn command() -> Command {
    let mut command = Command::new(tool("TRAEFIK", "bin/traefik"));
    command.arg("--configFile=traefik.yaml");
    command
}

/// Both files name the entry point by which Traefik asks Doorward; a port of its own can be had only once.
pub(super) fn with_own_port(config: &str, folder: &Path) -> String {
    let note = folder.join("entry-point");
    let port = fs::read_to_string(&note).unwrap_or_else(|_| {
        let port = free_port().to_string();
        fs::write(&note, &port).expect("own folder");
        port
    });
    let mut own = String::new();
    let mut rest = config;
    for mark in [
        "  doorward:\n    address: \"127.0.0.1:",
        "address: \"http://127.0.0.1:",
    ] {
        while let Some((before, after)) = rest.split_once(mark) {
            own += &format!("{before}{mark}{port}");
            rest = after.trim_start_matches(|digit: char| digit.is_ascii_digit());
        }
    }
    own + rest
}
