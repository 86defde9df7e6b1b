//! `doorward user set-roles`.

use clap::Args;

use super::listed;
use crate::cli::print;
use crate::cli::who::Who;
use crate::config::Config;
use crate::domain::ids::Role;
use crate::services::Services;

pub(super) const EXAMPLES: &str = "\
Roles count from the user's next request on.

Examples:
  doorward user set-roles ada@example.com admin staff
  doorward user set-roles ada@example.com";

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    who: Who,
    /// The roles that the user has from now on
    #[arg(value_name = "ROLE")]
    roles: Vec<Role>,
}

/// Sets them.
pub(super) async fn run(
    arguments: Arguments,
    config: &Config,
    services: &Services,
) -> anyhow::Result<()> {
    let user = arguments.who.find(config, services).await?;
    services
        .accounts
        .set_roles(user.id, arguments.roles)
        .await?;
    let user = services.accounts.by_id(user.id).await?.user;
    let email = user.label();
    Ok(print::line(match user.roles.as_slice() {
        [] => format!("{email} has no role."),
        [role] => format!("{email} has the role {role}."),
        roles => format!("{email} has the roles {}.", listed(roles)),
    })?)
}
