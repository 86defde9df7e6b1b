//! `doorward user prove-email`.

use anyhow::bail;

use crate::cli::layout::counted;
use crate::cli::print;
use crate::cli::who::Who;
use crate::config::Config;
use crate::services::Services;

pub(super) const EXAMPLES: &str = "\
For an account that somebody else may have made with this address: the password and the accounts at providers that were
set before are taken away, and all sessions end. The owner comes in by a provider that confirms the address, or with a
new password of yours. Nothing is changed if the address was proven before.

Examples:
  doorward user prove-email ada@example.com";

/// Notes it.
pub(super) async fn run(who: &Who, config: &Config, services: &Services) -> anyhow::Result<()> {
    let user = who.find(config, services).await?;
    let name = user.label();
    if user.email.is_none() {
        bail!("{name} has no address");
    }
    Ok(print::line(
        match services.identities.prove_email(user.id).await? {
            None => format!("The address of {name} was proven before. Nothing was changed."),
            Some((identities, sessions)) => {
                let identities = counted(identities, "account");
                let sessions = counted(sessions, "session");
                format!(
                    "The address of {name} counts as proven. Its password, {identities} at providers and {sessions} are gone."
                )
            }
        },
    )?)
}
