//! Caddy, as the distribution packages it.

use std::path::Path;
use std::process::Command;

use crate::support::process::program;

pub(super) const FILES: [&str; 1] = ["Caddyfile"];

pub(super) fn command(folder: &Path) -> Command {
    let mut command = Command::new(program("CADDY", &["caddy"]));
    command.args(["run", "--config", "Caddyfile", "--adapter", "caddyfile"]);
    for home in ["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"] {
        command.env(home, folder);
    }
    // The usual address can be had only once on a machine.
    let socket = folder.join("admin");
    command.env("CADDY_ADMIN", format!("unix/{}", socket.display()));
    command
}
