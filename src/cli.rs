//! The command line: one file for each command.
//!
//! Commands parse their words, call a service and print. Must not know SQL.

mod serve;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Config, ConfigErrors, process_environment};

/// A small auth server beside the reverse proxy you already have.
#[derive(Debug, Parser)]
#[command(name = "doorward", version, propagate_version = true)]
struct Arguments {
    /// The configuration file [default: doorward.toml, if there is one]
    #[arg(long, global = true, env = "DOORWARD_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve pages and verification (the default)
    Serve,
}

/// Runs the command that the process was started with.
///
/// Exit codes: 0 done, 1 failed, 2 wrong configuration or wrong words.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    match dispatch(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report(&error),
    }
}

fn dispatch(arguments: Arguments) -> anyhow::Result<()> {
    let file = arguments.config.as_deref();
    match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(&load(file)?),
    }
}

/// The configuration, from the file and the environment.
fn load(file: Option<&Path>) -> Result<Config, ConfigErrors> {
    Config::load(file, process_environment())
}

#[expect(clippy::print_stderr, reason = "the error of a command is for the person who typed it")]
fn report(error: &anyhow::Error) -> ExitCode {
    if let Some(errors) = error.downcast_ref::<ConfigErrors>() {
        eprintln!("doorward: {errors}");
        return ExitCode::from(2);
    }
    eprintln!("doorward: {error:#}");
    ExitCode::FAILURE
}

/// A runtime for commands that wait.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}
