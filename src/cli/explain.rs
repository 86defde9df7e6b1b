//! `doorward explain`: which rule a request meets, and what every proxy would be answered.
//!
//! The answers are Doorward's own, given by a rehearsal of it in this process; only the reasons are put together here.
//! Must not write anything, and must not touch the configured database or keys.

mod address;
mod answers;
mod json;
mod nearest;
mod notes;
#[cfg(test)]
mod tests;
mod text;
mod verdict;

use clap::Args;

use super::print;
use crate::app::{Asked, Rehearsal};
use crate::config::Config;
use crate::domain::access::Method;
use crate::domain::ids::Role;
use address::{Address, AddressParser};
use notes::notes;
use text::Report;
use verdict::Verdict;

pub(super) const EXAMPLES: &str = "\
The answers come from Doorward's own code, asked in this process over an empty database in memory and with keys made
for it: no server needs to run, nothing is written, and neither the database nor a key of the configuration is touched.
The path is taken byte for byte. Put the URL in single quotes: a shell keeps & ; \\ and others for itself.

Examples:
  doorward explain GET https://shop.example.com/admin
  doorward explain POST 'https://shop.example.com/form?step=2' --role editor
  doorward explain GET 'https://shop.example.com/news/..;/admin' --json";

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The method of the visitor's request, such as GET
    #[arg(value_parser = method)]
    method: Method,
    /// The address that the visitor asks for, such as https://shop.example.com/admin
    #[arg(value_name = "URL", value_parser = AddressParser)]
    url: Address,
    /// Ask for a user with this role too; may be given several times
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<Role>,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
}

fn method(text: &str) -> Result<Method, String> {
    let upper = text.to_ascii_uppercase();
    match Method::parse(text) {
        Ok(method) if method.as_str() == "CONNECT" => {
            Err("a WebSocket over HTTP/2 is judged as GET: ask about that".to_owned())
        }
        Err(_) if upper != text && Method::parse(&upper).is_ok() => Err(format!(
            "methods are in capitals: write {upper} (a request with {text} is refused)"
        )),
        parsed => parsed.map_err(|error| error.to_string()),
    }
}

/// Explains.
pub(super) fn run(arguments: Arguments, config: &Config) -> anyhow::Result<()> {
    let explained = super::runtime()?.block_on(explain(arguments, config))?;
    Ok(print::block(&explained)?)
}

async fn explain(arguments: Arguments, config: &Config) -> anyhow::Result<String> {
    let Arguments {
        method,
        url,
        roles,
        json,
    } = arguments;
    let rehearsal = Rehearsal::build(config).await?;
    let asked = Asked {
        method,
        scheme: url.scheme,
        host: url.host,
        uri: url.uri,
    };
    let verdict = Verdict::of(rehearsal.gate(), &asked, &url.authority);
    let app = verdict.app();
    let answers = rehearsal.answers(&asked, app, &roles).await?;
    let report = Report {
        notes: notes(&verdict, (&asked, &roles), &answers, config),
        asked: &asked,
        verdict: &verdict,
        answers: &answers,
    };
    if json {
        return Ok(report.json()? + "\n");
    }
    Ok(report.text())
}
