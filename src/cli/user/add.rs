//! `doorward user add`.

use anyhow::bail;
use clap::Args;

use crate::cli::pool::PoolChoice;
use crate::cli::{password, print};
use crate::config::Config;
use crate::domain::email::Email;
use crate::domain::ids::Role;
use crate::services::Services;
use crate::services::accounts::AccountError;

pub(super) const EXAMPLES: &str = "\
The password is asked for twice, or is the first line of standard input if that is no terminal.

Examples:
  doorward user add ada@example.com --role admin
  doorward user add ada@example.com --pool staff < password.txt";

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The e-mail address to sign in with
    email: Email,
    #[command(flatten)]
    pool: PoolChoice,
    /// A role for the user; may be given several times
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<Role>,
    /// Ask for no password: nobody can sign in until the user is given one, or comes from a trusted provider
    #[arg(long)]
    no_password: bool,
}

/// Adds the user.
pub(super) async fn run(
    arguments: Arguments,
    config: &Config,
    services: &Services,
) -> anyhow::Result<()> {
    let Arguments {
        email,
        pool,
        roles,
        no_password,
    } = arguments;
    let pool = pool.of(config)?;
    let password = if no_password {
        None
    } else {
        Some(password::read_for(&email)?)
    };
    match services
        .accounts
        .add(pool.clone(), email.clone(), roles, password)
        .await
    {
        Err(AccountError::EmailTaken) => {
            bail!("the pool {pool} already has a user {}", email.as_str())
        }
        added => {
            let user = added?;
            print::line(format!(
                "Added {} to the pool {pool}, with the id {}.",
                email.as_str(),
                user.id
            ))?;
        }
    }
    if no_password {
        print::note(if config.providers.is_empty() {
            "Nobody can sign in to it yet: doorward user set-password gives it a password."
        } else {
            "It has no password. Whoever comes from a provider that is trusted with addresses, with this one, has the account."
        });
    }
    Ok(())
}
