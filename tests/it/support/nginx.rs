//! A real nginx, started from a given configuration.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use super::ports::on_free_ports;
use super::process::{Process, eventually, program};

/// A running nginx; its files lie in a temporary folder.
pub(crate) struct Nginx {
    port: u16,
    _process: Process,
}

impl Nginx {
    /// Starts nginx with the configuration that `config` makes for a free port.
    ///
    /// The configuration is used as it is, except that everything nginx writes is sent to a temporary folder.
    pub(crate) async fn start(config: impl Fn(u16) -> String) -> Self {
        on_free_ports(async |[port]| start(port, &config(port)).await).await
    }

    /// `127.0.0.1:port`.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }
}

async fn start(port: u16, config: &str) -> Result<Nginx, String> {
    let folder = tempfile::Builder::new().prefix("doorward-nginx-").tempdir();
    let folder = folder.expect("folder").keep();
    // Workers of a master that runs as root are somebody else.
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("own folder");
    let file = folder.join("nginx.conf");
    fs::write(&file, with_own_folders(config, &folder)).expect("written");

    let mut command = Command::new(program("NGINX", &["nginx"]));
    let globals = format!(
        "daemon off; error_log stderr; pid {}/pid;",
        folder.display()
    );
    command
        .arg("-p")
        .arg(&folder)
        .arg("-c")
        .arg(&file)
        .arg("-g")
        .arg(globals);
    command.current_dir(&folder);
    let log = folder.join("log");
    let mut process = Process::start_removing(&command, "TERM", &log, Some(&folder));
    let running = eventually("nginx", async || {
        if process.ended().is_some() {
            return Some(false);
        }
        tokio::net::TcpStream::connect(("127.0.0.1", port))
            .await
            .ok()
            .map(|_| true)
    })
    .await;
    if running {
        Ok(Nginx {
            port,
            _process: process,
        })
    } else {
        Err(process.log())
    }
}

/// Adds to the `http` block where nginx keeps its logs and buffers.
fn with_own_folders(config: &str, folder: &Path) -> String {
    let folder = folder.display();
    let mut own = format!("http {{\n    access_log {folder}/access.log;\n");
    for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
        own += &format!("    {kind}_temp_path {folder}/{kind};\n");
    }
    with_replaced(config, &[("http {\n", &own)])
}

/// The text with each `from` replaced by its `to`. Each has to be there exactly once, so that an example
/// that changes cannot leave its test behind.
pub(crate) fn with_replaced(text: &str, pairs: &[(&str, &str)]) -> String {
    pairs.iter().fold(text.to_owned(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "{from:?} once in:\n{text}");
        text.replacen(from, to, 1)
    })
}
