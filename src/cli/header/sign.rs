//! `doorward header sign`.

use std::path::Path;
use std::str::FromStr;

use anyhow::Context;
use clap::Args;
use doorward_verify::{ANONYMOUS, sign};

use super::terms::{Settled, Terms};
use crate::cli::print;
use crate::domain::clock::{Clock, SystemClock};
use crate::domain::ids::UserId;

pub(super) const EXAMPLES: &str = "\
Examples:
  doorward header sign --app shop --user 3f0c9a52-7d41-4b8e-9c66-1e5a0b2d7f83
  doorward header sign --app shop --user anonymous --keys-file shop.keys
  curl -H \"X-UserId: $(doorward header sign --app shop --user anonymous)\" http://localhost:3000/";

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The id of a user, or `anonymous`
    #[arg(long)]
    user: Subject,
    #[command(flatten)]
    terms: Terms,
    /// When it is signed, in Unix seconds [default: now]
    #[arg(long, value_name = "SECONDS")]
    at: Option<u64>,
}

/// Whom a header names.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Subject(String);

impl FromStr for Subject {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse::<UserId>() {
            Ok(id) => Ok(Self(id.to_string())),
            Err(_) if text == ANONYMOUS => Ok(Self(text.to_owned())),
            Err(_) => Err("a user is a UUID, as `doorward user list` shows them, or anonymous"),
        }
    }
}

/// Signs.
pub(super) fn run(arguments: &Arguments, config: Option<&Path>) -> anyhow::Result<()> {
    let Arguments { user, terms, at } = arguments;
    let Settled { keys, .. } = terms.settle(None, config)?;
    let key = keys.first().context("the app has no key")?;
    let request = terms.target.request()?;
    let at = at.unwrap_or_else(|| SystemClock.now().unix_seconds());
    let value = sign(key, terms.app.as_str(), &user.0, at, request.as_ref())?;
    Ok(print::line(value)?)
}
