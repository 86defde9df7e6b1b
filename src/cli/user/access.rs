//! `doorward user disable` and `enable`: whether somebody can sign in.

use super::ended;
use crate::cli::print;
use crate::cli::who::Who;
use crate::config::Config;
use crate::services::Services;

/// Keeps the user out.
pub(super) async fn disable(who: &Who, config: &Config, services: &Services) -> anyhow::Result<()> {
    let user = who.find(config, services).await?;
    let email = user.label();
    let sessions = services.accounts.set_disabled(user.id, true).await?;
    let said = if user.disabled {
        "was disabled already"
    } else {
        "is disabled"
    };
    Ok(print::line(format!("{email} {said}. {}", ended(sessions)))?)
}

/// Lets the user in again.
pub(super) async fn enable(who: &Who, config: &Config, services: &Services) -> anyhow::Result<()> {
    let user = who.find(config, services).await?;
    let email = user.label();
    if !user.disabled {
        return Ok(print::line(format!(
            "{email} was not disabled. Nothing was changed."
        ))?);
    }
    services.accounts.set_disabled(user.id, false).await?;
    Ok(print::line(format!("{email} is enabled again."))?)
}
