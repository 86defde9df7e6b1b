//! `doorward user set-password`.

use super::ended;
use crate::cli::who::Who;
use crate::cli::{password, print};
use crate::config::Config;
use crate::services::Services;

pub(super) const EXAMPLES: &str = "\
The password is asked for twice, or is the first line of standard input if that is no terminal.

Examples:
  doorward user set-password ada@example.com
  doorward user set-password ada@example.com < password.txt";

/// Sets it.
pub(super) async fn run(who: &Who, config: &Config, services: &Services) -> anyhow::Result<()> {
    let user = who.find(config, services).await?;
    let password = password::read_for(&user.email)?;
    let sessions = services.accounts.set_password(user.id, password).await?;
    let email = user.email.as_str();
    Ok(print::line(format!(
        "{email} has a new password. {}",
        ended(sessions)
    ))?)
}
