//! Logs: to standard error, as lines for people or as JSON.
//!
//! Must not be given a secret: what is logged is named field by field.

use std::io::IsTerminal;

use anyhow::Context;
use tracing_subscriber::EnvFilter;

use crate::config::{LogConfig, LogFormat};

/// Starts logging for the whole process. Libraries are kept to warnings.
///
/// # Errors
///
/// When it was started before.
pub fn start(config: &LogConfig) -> anyhow::Result<()> {
    let level = config.level.as_str();
    let filter = EnvFilter::try_new(format!("warn,doorward={level}")).context("log.level")?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match config.format {
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init(),
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).with_target(false).try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("logging can't be started: {error}"))
}
