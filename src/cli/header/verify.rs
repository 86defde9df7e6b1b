//! `doorward header verify`.

use std::path::Path;
use std::time::Duration;

use clap::Args;
use doorward_verify::{UserId, Verifier};

use super::terms::{BindingWord, Settled, Terms};
use crate::cli::layout::Facts;
use crate::cli::{moment, print};
use crate::domain::clock::{Clock, SystemClock, Timestamp};

pub(super) const EXAMPLES: &str = "\
Exit code 0: the header holds. Exit code 1: it does not, and standard error says why.

Examples:
  doorward header verify --app shop --keys-file shop.keys \"$X_USERID\"
  doorward header verify --app shop --method GET --url 'https://shop.example.com/orders?page=2' \"$X_USERID\"";

#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The value of the header
    value: String,
    #[command(flatten)]
    terms: Terms,
    /// What the app expects [default: as configured; with --keys-file, request if --url is given]
    #[arg(
        long,
        value_enum,
        hide_possible_values = true,
        value_name = "app|request"
    )]
    binding: Option<BindingWord>,
    /// How old it may be, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    max_age: u64,
    /// How far ahead of our clock it may be, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    max_lead: u64,
    /// The moment at which it is verified, in Unix seconds [default: now]
    #[arg(long, value_name = "SECONDS")]
    at: Option<u64>,
}

/// Verifies.
pub(super) fn run(arguments: &Arguments, config: Option<&Path>) -> anyhow::Result<()> {
    let Arguments {
        value,
        terms,
        binding,
        ..
    } = arguments;
    let Settled { keys, binding } = terms.settle(*binding, config)?;
    let verifier = Verifier::builder(terms.app.as_str())
        .keys(keys)
        .binding(binding)
        .max_age(Duration::from_secs(arguments.max_age))
        .max_lead(Duration::from_secs(arguments.max_lead))
        .build()?;
    let request = terms.target.request()?;
    let now = arguments
        .at
        .unwrap_or_else(|| SystemClock.now().unix_seconds());
    let user = verifier.optional_user([value], request.as_ref(), now)?;
    let user = user
        .as_ref()
        .map_or("anonymous: nobody is signed in", UserId::as_str);
    let facts = Facts::default()
        .add("user", user)
        .add("signed", signed(value, now));
    Ok(print::block(&facts.under(
        &format!("This X-UserId holds for the app {}.", terms.app),
        0,
    ))?)
}

/// When a verified value was signed.
fn signed(value: &str, now: u64) -> String {
    let seconds = value
        .split('.')
        .nth(1)
        .and_then(|time| time.parse::<u64>().ok())
        .unwrap_or_default();
    let moment = Timestamp::from_seconds(i64::try_from(seconds).unwrap_or(i64::MAX));
    let distance = match (now.checked_sub(seconds), seconds.saturating_sub(now)) {
        (Some(0), _) => "this second".to_owned(),
        (Some(age), _) => format!("{age} s ago"),
        (None, lead) => format!("{lead} s ahead"),
    };
    format!("{}, {distance}", moment::for_people(moment))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moment_of_signing_is_told_with_its_distance() {
        for (now, text) in [
            (1_795_348_865, "this second"),
            (1_795_348_870, "5 s ago"),
            (1_795_348_863, "2 s ahead"),
        ] {
            assert_eq!(
                signed("anonymous.1795348865.x", now),
                format!("2026-11-22 12:01 UTC, {text}")
            );
        }
    }
}
