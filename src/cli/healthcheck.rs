//! `doorward healthcheck`: asks the server of this very installation whether it is well.
//!
//! For a container's health check and for scripts: the image holds no shell and no other program. Must not open the
//! database, and asks nobody but the internal listener of this machine.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, anyhow, bail, ensure};
use clap::Args;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::layout::harmless;
use super::print;
use crate::config::{Config, ConfigErrors};

pub(super) const HELP: &str = "\
Without --ready a server whose database is down is healthy: starting it again would not help, and public pages go on.
The exit code is 0 or 1, also where the configuration is wrong: container engines keep 2 for themselves.";

/// How long the whole question may take. Readiness waits up to three seconds for a connection to the database.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest answer that is read, in bytes. A real one is a few lines.
const MAX_ANSWER: u64 = 8 * 1024;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Ask whether requests may be sent here: not while the database is down, nor while the server is stopping
    #[arg(long)]
    ready: bool,
}

/// Asks, and fails unless the answer is 200.
pub(super) fn run(
    arguments: &Arguments,
    config: Result<Config, ConfigErrors>,
) -> anyhow::Result<()> {
    // As a text alone, so that the exit code is 1.
    let config = config.map_err(|errors| anyhow!("{errors}"))?;
    let (path, state) = if arguments.ready {
        ("/readyz", "ready")
    } else {
        ("/healthz", "healthy")
    };
    let server = reachable(config.server.internal_listen);
    let url = format!("http://{server}{path}");
    let asked = super::runtime()?.block_on(ask(path, server));
    asked.with_context(|| format!("not {state}: {url}"))?;
    Ok(print::line(format!("Doorward is {state}: {url} says so."))?)
}

async fn ask(path: &str, server: SocketAddr) -> anyhow::Result<()> {
    ensure!(
        server.port() != 0,
        "the server takes a free port at each start; give server.internal_listen a number"
    );
    let answer = timeout(PATIENCE, exchange(path, server)).await;
    let answer = answer.map_err(|_| anyhow!("no answer within {} seconds", PATIENCE.as_secs()))?;
    judge(&answer?)
}

/// Sends the request and reads what comes back to its end.
async fn exchange(path: &str, server: SocketAddr) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(server).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(MAX_ANSWER).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Where a listener is reached from its own machine: one on every address is reached on loopback.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

/// Fails unless the answer is 200, with what it says.
fn judge(answer: &str) -> anyhow::Result<()> {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
    let status = head
        .strip_prefix("HTTP/1.1 ")
        .and_then(|rest| rest.get(..3));
    match (status, body.lines().next()) {
        (Some("200"), _) => Ok(()),
        (Some(status), Some(reason)) => bail!("{status}, {}", harmless(reason)),
        (Some(status), None) => bail!("{status}"),
        (None, _) => bail!("what answers there does not speak HTTP"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_on_every_address_is_asked_on_loopback() {
        for (listen, asked) in [
            ("0.0.0.0:8081", "127.0.0.1:8081"),
            ("[::]:8081", "[::1]:8081"),
            ("127.0.0.1:9", "127.0.0.1:9"),
            ("10.0.0.2:8081", "10.0.0.2:8081"),
        ] {
            assert_eq!(reachable(listen.parse().unwrap()).to_string(), asked);
        }
    }

    #[test]
    fn only_200_is_good() {
        assert!(judge("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok\n").is_ok());
        for (answer, said) in [
            (
                "HTTP/1.1 503 Service Unavailable\r\n\r\ndatabase unavailable\n",
                "503, database unavailable",
            ),
            ("HTTP/1.1 404 Not Found\r\n\r\n", "404"),
            ("HTTP/1.1 204 No Content\r\n\r\n", "204"),
            ("HTTP/1.1 500 X\r\n\r\n\u{1b}[2Jx\n", "500, \u{fffd}[2Jx"),
            ("", "what answers there does not speak HTTP"),
            (
                "SSH-2.0-OpenSSH_9.2\r\n",
                "what answers there does not speak HTTP",
            ),
        ] {
            assert_eq!(judge(answer).unwrap_err().to_string(), said);
        }
    }
}
