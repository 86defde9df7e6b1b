//! `doorward session list`.

use clap::Args;
use serde::Serialize;

use super::device::described;
use super::handle::Handle;
use crate::cli::json::Array;
use crate::cli::layout::Table;
use crate::cli::who::Who;
use crate::cli::{moment, print};
use crate::config::Config;
use crate::domain::clock::Timestamp;
use crate::domain::session::Session;
use crate::services::Services;

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    who: Who,
    /// Print a JSON array
    #[arg(long)]
    json: bool,
}

/// One JSON object; keys are only ever added.
#[derive(Debug, Serialize)]
struct Record<'a> {
    session: String,
    app: &'a str,
    signed_in_at: String,
    last_seen_at: String,
    ends_at: String,
    remembered: bool,
    device: &'a str,
}

const TITLES: [&str; 7] = [
    "SESSION",
    "APP",
    "SIGNED IN",
    "LAST SEEN",
    "ENDS",
    "REMEMBERED",
    "DEVICE",
];

/// Lists them.
pub(super) async fn run(
    arguments: &Arguments,
    config: &Config,
    services: &Services,
) -> anyhow::Result<()> {
    let user = arguments.who.find(config, services).await?;
    let listed = services.sessions.of_user(user.id).await?;
    let sessions = listed.iter().map(|entry| {
        let ends_at = services
            .sessions
            .ends_at(&entry.session, entry.session.last_seen_at);
        (Handle::of(&entry.id_hash), &entry.session, ends_at)
    });
    if arguments.json {
        let mut array = Array::default();
        print::block(&(array.more(sessions.map(record))? + array.end()))?;
    } else if listed.is_empty() {
        print::note(format!("{} has no live session.", user.label()));
    } else {
        print::block(&Table::new(TITLES).lines(sessions.map(row).collect()))?;
    }
    Ok(())
}

fn record((handle, session, ends_at): (Handle, &Session, Timestamp)) -> Record<'_> {
    Record {
        session: handle.to_string(),
        app: session.app.as_str(),
        signed_in_at: session.signed_in_at.to_rfc3339(),
        last_seen_at: session.last_seen_at.to_rfc3339(),
        ends_at: ends_at.to_rfc3339(),
        remembered: session.remembered,
        device: &session.device,
    }
}

fn row((handle, session, ends_at): (Handle, &Session, Timestamp)) -> [String; 7] {
    [
        handle.to_string(),
        session.app.to_string(),
        moment::for_people(session.signed_in_at),
        moment::for_people(session.last_seen_at),
        moment::for_people(ends_at),
        if session.remembered { "yes" } else { "no" }.to_owned(),
        described(&session.device),
    ]
}
