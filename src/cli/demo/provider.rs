//! `doorward demo provider`: the pretend provider alone, beside a Doorward that runs elsewhere on this machine.

use std::net::SocketAddr;

use anyhow::Context;
use clap::Args;
use tokio::net::TcpListener;

use crate::cli::print;
use crate::cli::serve::stop_signal;
use crate::demo::provider::{CLIENT_ID, NAME, serve};

pub(super) const EXAMPLES: &str = "\
It lets everybody be whoever they like, and sends browsers back to loopback names alone: never trust it with anything.

Examples:
  doorward demo provider
  doorward demo provider --listen 0.0.0.0:9000 --issuer http://town-id.localhost:9000";

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Where to listen
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9000")]
    listen: SocketAddr,
    /// Its address as browsers and Doorward know it [default: http:// and where it listens]
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
}

/// Runs it until SIGINT or SIGTERM.
pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    crate::cli::runtime()?.block_on(serve_alone(arguments))
}

async fn serve_alone(arguments: &Arguments) -> anyhow::Result<()> {
    let stop = stop_signal()?;
    let listener = TcpListener::bind(arguments.listen).await;
    let listener = listener.with_context(|| format!("can't listen on {}", arguments.listen))?;
    let own = format!("http://{}", listener.local_addr()?);
    let issuer = arguments.issuer.clone().unwrap_or(own);
    let issuer = issuer.trim_end_matches('/').to_owned();
    print::block(&format!(
        r#"
  {NAME}, a pretend provider: it lets everybody be whoever they like.
  In the doorward.toml of a Doorward on this machine:

      [providers.town-id]
      kind = "oidc"
      name = "{NAME}"
      issuer = "{issuer}"
      client_id = "{CLIENT_ID}"
      trust_email = true

  Stop it with Ctrl-C.

"#
    ))?;
    Ok(serve(listener, issuer, stop).await?)
}
