//! The real reverse proxies, each started from given configuration files.

mod caddy;
mod envoy;
mod haproxy;
mod nginx;
mod traefik;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use tempfile::{NamedTempFile, TempPath};
use tokio::net::TcpStream;

use super::ports::on_free_ports;
use super::process::{Process, eventually};

/// The proxies that Doorward has an example for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Nginx,
    Traefik,
    Caddy,
    Haproxy,
    Envoy,
}

impl Kind {
    /// As in `examples/NAME` and `doorward proxy-config NAME`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Traefik => "traefik",
            Self::Caddy => "caddy",
            Self::Haproxy => "haproxy",
            Self::Envoy => "envoy",
        }
    }

    /// The files of a complete configuration.
    pub(crate) fn files(self) -> &'static [&'static str] {
        match self {
            Self::Nginx => &nginx::FILES,
            Self::Traefik => &traefik::FILES,
            Self::Caddy => &caddy::FILES,
            Self::Haproxy => &haproxy::FILES,
            Self::Envoy => &envoy::FILES,
        }
    }

    /// The program, to be run in a folder that has the files.
    fn command(self, folder: &Path) -> Command {
        match self {
            Self::Nginx => nginx::command(folder),
            Self::Traefik => traefik::command(),
            Self::Caddy => caddy::command(folder),
            Self::Haproxy => haproxy::command(),
            Self::Envoy => envoy::command(),
        }
    }

    /// The configuration with what keeps a proxy of a test apart from others on the same machine.
    fn kept_apart(self, file: &str, text: &str, folder: &Path) -> String {
        match self {
            Self::Nginx if file == "nginx.conf" => nginx::with_own_folders(text, folder),
            Self::Traefik if self.files().contains(&file) => traefik::with_own_port(text, folder),
            _ => text.to_owned(),
        }
    }
}

/// Configuration files: name and text.
pub(crate) type Files = Vec<(String, String)>;

/// A running proxy; its files lie in a temporary folder.
pub(crate) struct Proxy {
    port: u16,
    process: Process,
    /// Not in its folder, which is gone as soon as it has ended.
    _log: TempPath,
}

impl Proxy {
    /// Starts a proxy with the files that `files` makes for a folder and a free port, and waits until it
    /// accepts connections. That it knows all its routes by then is not said.
    pub(crate) async fn start(kind: Kind, files: impl AsyncFn(&Path, u16) -> Files) -> Self {
        on_free_ports(async |[port]| {
            let folder = folder(kind);
            for (name, text) in files(&folder, port).await {
                let text = kind.kept_apart(&name, &text, &folder);
                fs::write(folder.join(name), text).expect("own folder");
            }
            start(kind, &folder, port).await
        })
        .await
    }

    /// `127.0.0.1:port`.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// All it has written so far.
    pub(crate) fn log(&self) -> String {
        self.process.log()
    }
}

fn folder(kind: Kind) -> std::path::PathBuf {
    let prefix = format!("doorward-{}-", kind.name());
    let folder = tempfile::Builder::new().prefix(&prefix).tempdir();
    let folder = folder.expect("folder").keep();
    // Workers of a master that runs as root are somebody else.
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("own folder");
    folder
}

/// The error is the log.
async fn start(kind: Kind, folder: &Path, port: u16) -> Result<Proxy, String> {
    if accepts(port).await {
        fs::remove_dir_all(folder).expect("own folder");
        return Err("the port is in use by somebody else".to_owned());
    }
    let mut command = kind.command(folder);
    command.current_dir(folder);
    let log = NamedTempFile::new().expect("folder").into_temp_path();
    let stop = if kind == Kind::Nginx { "TERM" } else { "KILL" };
    let mut process = Process::start_removing(&command, stop, &log, Some(folder));
    let running = eventually(kind.name(), async || {
        if process.ended().is_some() {
            return Some(false);
        }
        accepts(port).await.then_some(true)
    })
    .await;
    if running {
        Ok(Proxy {
            port,
            process,
            _log: log,
        })
    } else {
        Err(process.log())
    }
}

async fn accepts(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).await.is_ok()
}

/// The text with each `from` replaced by its `to`. Each has to be there exactly once, so that an example
/// that changes cannot leave its test behind.
pub(crate) fn with_replaced(text: &str, pairs: &[(&str, &str)]) -> String {
    pairs.iter().fold(text.to_owned(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "{from:?} once in:\n{text}");
        text.replacen(from, to, 1)
    })
}
