//! Logs: to standard error, as lines for people or as JSON. Spans: to a collector, if there is one.
//!
//! Must not be given a secret: what is logged is named field by field.

mod traces;

use std::io::IsTerminal;

use anyhow::Context;
use tracing_subscriber::EnvFilter;

pub(crate) use traces::Traces;

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Starts logging for the whole process, Doorward's own from `level` up. Libraries are kept to warnings.
///
/// # Errors
///
/// When it was started before.
pub(crate) fn start(format: Format, level: &str) -> anyhow::Result<()> {
    // What the forwarder says, the gateway says again with the app's name. What the client of Redis says at each attempt,
    // the link says once.
    let filter = format!("warn,axum_reverse_proxy=off,fred=off,doorward={level}");
    let filter = EnvFilter::try_new(filter).context("log.level")?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = match format {
        Format::Json => lines
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .try_init(),
        Format::Text => lines
            .with_ansi(std::io::stderr().is_terminal())
            .with_target(false)
            .try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("logging can't be started: {error}"))
}
