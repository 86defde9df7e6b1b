//! `doorward user show`.

use clap::Args;
use serde::Serialize;

use super::listed;
use super::record::{Record, state};
use crate::cli::layout::{Facts, harmless};
use crate::cli::who::Who;
use crate::cli::{moment, print};
use crate::config::Config;
use crate::domain::user::User;
use crate::services::Services;
use crate::services::accounts::Found;
use crate::services::identities;

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
    identities: Vec<Identity<'a>>,
    sessions: usize,
}

/// An account at a provider.
#[derive(Serialize)]
struct Identity<'a> {
    handle: String,
    provider: &'a str,
    issuer: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    client: &'a str,
    subject: &'a str,
    email: Option<&'a str>,
    linked_at: String,
    last_used_at: String,
}

impl<'a> From<&'a identities::Identity> for Identity<'a> {
    fn from(identity: &'a identities::Identity) -> Self {
        Self {
            handle: identity.handle(),
            provider: identity.provider.as_str(),
            issuer: &identity.subject.issuer,
            client: &identity.subject.client,
            subject: &identity.subject.name,
            email: identity.email.as_deref(),
            linked_at: identity.linked_at.to_rfc3339(),
            last_used_at: identity.last_used_at.to_rfc3339(),
        }
    }
}

/// Shows the user.
pub(super) async fn run(
    arguments: &Arguments,
    config: &Config,
    services: &Services,
) -> anyhow::Result<()> {
    let Found { user, has_password } = arguments.who.find_account(config, services).await?;
    let sessions = services.sessions.of_user(user.id).await?.len();
    let identities = services.identities.of_user(user.id).await?;
    if arguments.json {
        let shown = Shown {
            user: Record::from(&user),
            has_password,
            identities: identities.iter().map(Identity::from).collect(),
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
            } else if identities.is_empty() {
                "none: nobody can sign in"
            } else {
                "none"
            },
        )
        .add_all("providers", identities.iter().map(known_there).collect())
        .add("address", proven(&user))
        .add("created", moment::for_people(user.created_at))
        .add("sessions", sessions.to_string());
    Ok(print::block(&facts.under(&user.label(), 0))?)
}

/// An account at a provider, on one line.
fn known_there(identity: &identities::Identity) -> String {
    let address = identity.email.as_deref().unwrap_or("no address");
    let since = moment::for_people(identity.linked_at);
    let handle: String = identity.handle().chars().take(12).collect();
    let provider = &identity.provider;
    format!("{handle}  {provider}, {}, since {since}", harmless(address))
}

fn proven(user: &User) -> String {
    match (&user.email, user.email_proven_at) {
        (None, _) => "none".to_owned(),
        (Some(_), None) => "not proven".to_owned(),
        (Some(_), Some(moment)) => format!("proven {}", moment::for_people(moment)),
    }
}
