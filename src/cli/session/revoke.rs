//! `doorward session revoke`.

use anyhow::bail;
use clap::Args;

use super::handle::Handle;
use crate::cli::layout::counted;
use crate::cli::print;
use crate::cli::who::Who;
use crate::config::Config;
use crate::services::Services;

/// clap would put the user last.
pub(super) const USAGE: &str = "doorward session revoke [OPTIONS] <USER> <SESSION|--all>";
pub(super) const EXAMPLES: &str = "\
Examples:
  doorward session revoke ada@example.com 9f86d081884c
  doorward session revoke ada@example.com --all";

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    who: Who,
    #[command(flatten)]
    which: Which,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// The session, as `doorward session list` shows it; fewer digits do if they fit one alone
    #[arg(value_name = "SESSION")]
    handle: Option<Handle>,
    /// End all sessions of the user
    #[arg(long)]
    all: bool,
}

/// Ends them.
pub(super) async fn run(
    arguments: &Arguments,
    config: &Config,
    services: &Services,
) -> anyhow::Result<()> {
    let user = arguments.who.find(config, services).await?;
    let email = user.label();
    let Some(handle) = &arguments.which.handle else {
        let ended = services.sessions.revoke_all(user.id).await?;
        let text = match ended {
            0 => format!("{email} had no session."),
            _ => format!("{} of {email} ended.", counted(ended, "session")),
        };
        return Ok(print::line(text)?);
    };
    let listed = services.sessions.of_user(user.id).await?;
    let hashes: Vec<_> = listed.iter().map(|entry| entry.id_hash).collect();
    let hash = handle.select(&hashes)?;
    if !services.sessions.revoke_by_hash(&hash).await? {
        bail!(
            "the session {} of {email} had just ended",
            Handle::of(&hash)
        );
    }
    Ok(print::line(format!(
        "The session {} of {email} ended.",
        Handle::of(&hash)
    ))?)
}
