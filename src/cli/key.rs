//! `doorward key generate`.

use std::io::{IsTerminal, stdout};

use clap::Subcommand;
use zeroize::Zeroizing;

use super::print;
use crate::domain::random::{self, Random, SystemRandom};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print a new key for an app: 32 random bytes as 64 hex digits
    #[command(after_help = "Examples:\n  (umask 077 && doorward key generate > shop.keys)")]
    Generate,
}

/// Runs one of them.
pub(super) fn run(command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Generate => generate(&SystemRandom),
    }
}

fn generate(random: &dyn Random) -> anyhow::Result<()> {
    let key = Zeroizing::new(random::bytes::<32>(random)?);
    print::block(&Zeroizing::new(hex::encode(*key) + "\n"))?;
    if stdout().is_terminal() {
        print::note(
            "Keep it secret. It belongs in keys or keys_file of the app, and in the app itself.",
        );
    }
    Ok(())
}
