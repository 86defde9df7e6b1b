//! `doorward session …`: what an operator sees and ends of somebody's sessions.

mod device;
mod handle;
mod list;
mod revoke;

use clap::Subcommand;

use super::work;
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the live sessions of a user, the latest first
    List(list::Arguments),
    /// End sessions of a user; their cookies are dead at once
    #[command(override_usage = revoke::USAGE, after_help = revoke::EXAMPLES)]
    Revoke(revoke::Arguments),
}

/// Runs one of them.
pub(super) fn run(command: Command, config: &Config) -> anyhow::Result<()> {
    work::with_services(config, async |services| match command {
        Command::List(arguments) => list::run(&arguments, config, services).await,
        Command::Revoke(arguments) => revoke::run(&arguments, config, services).await,
    })
}
