//! `doorward header …`: what an app's developer needs in order to work and test without any server.
//!
//! Signs and verifies with the crate that apps use. Must not open the database.

mod sign;
mod target;
mod terms;
mod verify;

use std::path::Path;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print an X-UserId as Doorward would sign it
    #[command(after_help = sign::EXAMPLES)]
    Sign(sign::Arguments),
    /// Say whom an X-UserId names, or why an app must refuse it
    #[command(after_help = verify::EXAMPLES)]
    Verify(verify::Arguments),
}

/// Runs one of them. The configuration is read only where no file of keys is given.
pub(super) fn run(command: &Command, config: Option<&Path>) -> anyhow::Result<()> {
    match command {
        Command::Sign(arguments) => sign::run(arguments, config),
        Command::Verify(arguments) => verify::run(arguments, config),
    }
}
