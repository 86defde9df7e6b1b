//! `doorward user show`.

use clap::Args;
use serde::Serialize;

use super::listed;
use super::record::{Record, state};
use crate::cli::layout::Facts;
use crate::cli::who::Who;
use crate::cli::{moment, print};
use crate::config::Config;
use crate::services::Services;
use crate::services::accounts::Found;

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    who: Who,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    user: Record<'a>,
    has_password: bool,
    sessions: usize,
}

/// Shows the user.
pub(super) async fn run(
    arguments: &Arguments,
    config: &Config,
    services: &Services,
) -> anyhow::Result<()> {
    let Found { user, has_password } = arguments.who.find_account(config, services).await?;
    let sessions = services.sessions.of_user(user.id).await?.len();
    if arguments.json {
        let shown = Shown {
            user: Record::from(&user),
            has_password,
            sessions,
        };
        return Ok(print::line(serde_json::to_string_pretty(&shown)?)?);
    }
    let or_none = |text: String| {
        if text.is_empty() {
            "none".to_owned()
        } else {
            text
        }
    };
    let facts = Facts::default()
        .add("id", user.id.to_string())
        .add("pool", user.pool.as_str())
        .add("state", state(&user))
        .add("roles", or_none(listed(&user.roles)))
        .add(
            "password",
            if has_password {
                "set"
            } else {
                "none: nobody can sign in"
            },
        )
        .add("created", moment::for_people(user.created_at))
        .add("sessions", sessions.to_string());
    Ok(print::block(&facts.under(&user.label(), 0))?)
}
