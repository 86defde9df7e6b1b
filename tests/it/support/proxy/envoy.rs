//! Envoy, as `scripts/setup` puts it among the tools.

use std::process::Command;

use crate::support::process::tool;

pub(super) const FILES: [&str; 1] = ["envoy.yaml"];

pub(super) fn command() -> Command {
    let mut command = Command::new(tool("ENVOY", "envoy/_bin/envoy"));
    command.args(["-c", "envoy.yaml", "--disable-hot-restart"]);
    command.args(["--concurrency", "1", "--log-level", "warning"]);
    command
}
