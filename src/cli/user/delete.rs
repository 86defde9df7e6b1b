//! `doorward user delete`.

use std::io::{IsTerminal, stdin};

use anyhow::{bail, ensure};
use clap::Args;

use super::ended;
use crate::cli::print;
use crate::cli::who::Who;
use crate::config::Config;
use crate::domain::user::User;
use crate::services::Services;

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    who: Who,
    /// Do not ask; needed where standard input is no terminal
    #[arg(long)]
    yes: bool,
}

/// Deletes the user.
pub(super) async fn run(
    arguments: &Arguments,
    config: &Config,
    services: &Services,
) -> anyhow::Result<()> {
    let user = arguments.who.find(config, services).await?;
    if !arguments.yes {
        confirm(&user)?;
    }
    let sessions = services.accounts.delete(user.id).await?;
    Ok(print::line(format!(
        "Deleted {}. {}",
        user.label(),
        ended(sessions)
    ))?)
}

fn confirm(user: &User) -> anyhow::Result<()> {
    let email = user.label();
    if !stdin().is_terminal() {
        bail!("nobody can be asked whether to delete {email}: add --yes");
    }
    let question = format!("Delete {email} from the pool {} for good? [y/N]", user.pool);
    let answer = print::ask(&question)?.to_ascii_lowercase();
    ensure!(answer == "y" || answer == "yes", "nothing was deleted");
    Ok(())
}
