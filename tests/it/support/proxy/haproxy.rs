//! HAProxy, as the distribution packages it.

use std::process::Command;

use crate::support::process::program;

pub(super) const FILES: [&str; 2] = ["haproxy.cfg", "doorward.lua"];

pub(super) fn command() -> Command {
    let mut command = Command::new(program("HAPROXY", &["haproxy"]));
    command.args(["-db", "-f", "haproxy.cfg"]);
    command
}
