//! nginx, as the distribution packages it.

use std::path::Path;
use std::process::Command;

use super::with_replaced;
use crate::support::process::program;

pub(super) const FILES: [&str; 2] = ["nginx.conf", "doorward.conf"];

pub(super) fn command(folder: &Path) -> Command {
    let mut command = Command::new(program("NGINX", &["nginx"]));
    let globals = format!(
        "daemon off; error_log stderr; pid {}/pid;",
        folder.display()
    );
    command.arg("-p").arg(folder);
    command.arg("-c").arg(folder.join("nginx.conf"));
    command.arg("-g").arg(globals);
    command
}

/// Adds to the `http` block where nginx keeps its logs and buffers.
pub(super) fn with_own_folders(config: &str, folder: &Path) -> String {
    let folder = folder.display();
    let mut own = format!("http {{\n    access_log {folder}/access.log;\n");
    for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
        own += &format!("    {kind}_temp_path {folder}/{kind};\n");
    }
    with_replaced(config, &[("http {\n", &own)])
}
