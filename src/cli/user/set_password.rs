//! `doorward user set-password`.

use anyhow::bail;

use super::{counted, ended};
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
    let Some(email) = &user.email else {
        bail!(
            "{} has no address to sign in with: its way in is a provider",
            user.label()
        )
    };
    let password = password::read_for(email)?;
    let sessions = services.accounts.set_password(user.id, password).await?;
    let email = user.label();
    print::line(format!("{email} has a new password. {}", ended(sessions)))?;
    let others = services.identities.of_user(user.id).await?.len();
    if others > 0 {
        let others = counted(others as u64, "account");
        print::note(format!(
            "{others} at providers still lead in: doorward user unlink takes them away."
        ));
    }
    Ok(())
}
