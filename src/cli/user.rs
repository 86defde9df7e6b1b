//! `doorward user …`: what an operator does to accounts.

mod access;
mod add;
mod delete;
mod list;
mod prove_email;
mod record;
mod set_password;
mod set_roles;
mod show;
mod unlink;

use clap::Subcommand;

use super::layout::counted;
use super::who::Who;
use super::work;
use crate::config::Config;
use crate::domain::ids::Role;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a user
    #[command(after_help = add::EXAMPLES)]
    Add(add::Arguments),
    /// List the users of a pool, by e-mail address
    List(list::Arguments),
    /// Show one user
    Show(show::Arguments),
    /// Keep a user out: nobody can sign in to the account, and its sessions end
    Disable(Who),
    /// Let a disabled user sign in again
    Enable(Who),
    /// Delete a user with all their sessions
    Delete(delete::Arguments),
    /// Give a user a new password; their sessions end
    #[command(after_help = set_password::EXAMPLES)]
    SetPassword(Who),
    /// Note that a user's address is theirs; what was set before without that proof is taken away
    #[command(after_help = prove_email::EXAMPLES)]
    ProveEmail(Who),
    /// Take accounts at providers from a user; their sessions end
    #[command(after_help = unlink::EXAMPLES, override_usage = unlink::USAGE)]
    Unlink(unlink::Arguments),
    /// Replace a user's roles; without any role, take all away
    #[command(after_help = set_roles::EXAMPLES)]
    SetRoles(set_roles::Arguments),
}

/// Runs one of them.
pub(super) fn run(command: Command, config: &Config) -> anyhow::Result<()> {
    work::with_services(config, async |services| match command {
        Command::Add(arguments) => add::run(arguments, config, services).await,
        Command::List(arguments) => list::run(&arguments, config, services).await,
        Command::Show(arguments) => show::run(&arguments, config, services).await,
        Command::Disable(who) => access::disable(&who, config, services).await,
        Command::Enable(who) => access::enable(&who, config, services).await,
        Command::Delete(arguments) => delete::run(&arguments, config, services).await,
        Command::SetPassword(who) => set_password::run(&who, config, services).await,
        Command::ProveEmail(who) => prove_email::run(&who, config, services).await,
        Command::Unlink(arguments) => unlink::run(&arguments, config, services).await,
        Command::SetRoles(arguments) => set_roles::run(arguments, config, services).await,
    })
}

/// How many sessions ended, as a sentence.
fn ended(sessions: u64) -> String {
    match sessions {
        0 => "There was no session to end.".to_owned(),
        _ => format!("{} ended.", counted(sessions, "session")),
    }
}

/// Roles as people read them.
fn listed(roles: &[Role]) -> String {
    roles
        .iter()
        .map(Role::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}
