//! `doorward user unlink`.

use anyhow::{bail, ensure};
use clap::Args;

use super::ended;
use crate::cli::layout::counted;
use crate::cli::print;
use crate::cli::who::Who;
use crate::config::Config;
use crate::services::Services;

/// clap would put the user last.
pub(super) const USAGE: &str = "doorward user unlink [OPTIONS] <USER> <IDENTITY|--all>";
pub(super) const EXAMPLES: &str = "\
The last way in can be taken away too: the account then waits for a password, or for a provider that confirms its address.

Examples:
  doorward user unlink ada@example.com 9f86d081884c
  doorward user unlink ada@example.com --all";

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
    /// The account at a provider, as `doorward user show` shows it; fewer digits do if they fit one alone
    #[arg(value_name = "IDENTITY")]
    handle: Option<String>,
    /// All of them
    #[arg(long)]
    all: bool,
}

/// Takes them away.
pub(super) async fn run(
    arguments: &Arguments,
    config: &Config,
    services: &Services,
) -> anyhow::Result<()> {
    let user = arguments.who.find(config, services).await?;
    let name = user.label();
    let handle = arguments.which.handle.as_deref();
    if let Some(handle) = handle {
        let known = services.identities.of_user(user.id).await?;
        let fitting = known
            .iter()
            .filter(|identity| identity.handle().starts_with(handle))
            .count();
        ensure!(
            fitting < 2,
            "{handle} fits {fitting} accounts of {name}: write more digits"
        );
        if handle.is_empty() || fitting == 0 {
            bail!("{name} has no account {handle:?} at a provider");
        }
    }
    let (removed, sessions) = services.identities.evict(user.id, handle).await?;
    Ok(print::line(match removed {
        0 => format!("{name} had no account at a provider. Nothing was changed."),
        _ => format!(
            "{} at providers no longer lead to {name}. {}",
            counted(removed, "account"),
            ended(sessions)
        ),
    })?)
}
