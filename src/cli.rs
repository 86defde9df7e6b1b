//! The command line: one file for each command.
//!
//! Commands parse their words, call a service and print. Must not know SQL.

mod check_config;
mod database;
mod demo;
mod doctor;
mod explain;
mod header;
mod healthcheck;
mod json;
mod key;
mod layout;
mod migrate;
mod moment;
mod password;
mod pool;
mod print;
mod proxy_config;
mod reference;
mod serve;
mod session;
mod user;
mod who;
mod work;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Config, ConfigErrors, process_environment};

pub use reference::reference;

/// A small auth server beside the reverse proxy you already have.
#[derive(Debug, Parser)]
#[command(name = "doorward", version)]
struct Arguments {
    /// The configuration file [default: doorward.toml, if there is one]
    #[arg(long, global = true, env = "DOORWARD_CONFIG", value_name = "FILE")]
    #[arg(hide_env_values = true, display_order = 100)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve pages and verification (the default)
    Serve,
    /// Show it all on this machine: Doorward, its gateway and a sample app
    Demo(demo::Arguments),
    /// Say what the configuration means, or all that is wrong with it
    CheckConfig,
    /// Bring the tables of the database up to date
    Migrate,
    /// Ask the server of this installation whether it is well
    #[command(after_help = healthcheck::HELP)]
    Healthcheck(healthcheck::Arguments),
    /// Print what to write into the reverse proxy
    #[command(after_help = proxy_config::EXAMPLES)]
    ProxyConfig(proxy_config::Arguments),
    /// Say which rule a request meets, and what every proxy would be answered
    #[command(after_help = explain::EXAMPLES)]
    Explain(explain::Arguments),
    /// Ask an app's public address as a stranger would, and say what is wrong and what mends it
    #[command(after_help = doctor::HELP)]
    Doctor(doctor::Arguments),
    /// Add, list and change users
    #[command(subcommand)]
    User(user::Command),
    /// List and end the sessions of a user
    #[command(subcommand)]
    Session(session::Command),
    /// Make keys
    #[command(subcommand)]
    Key(key::Command),
    /// Sign and verify X-UserId, without any server
    #[command(subcommand)]
    Header(header::Command),
}

/// Runs the command that the process was started with.
///
/// Exit codes: 0 done, 1 failed, 2 wrong configuration or wrong words.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    match dispatch(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if print::nobody_reads(&error) => ExitCode::SUCCESS,
        Err(error) => {
            print::error(&error);
            let wrong_configuration = error.is::<ConfigErrors>();
            ExitCode::from(if wrong_configuration { 2 } else { 1 })
        }
    }
}

fn dispatch(arguments: Arguments) -> anyhow::Result<()> {
    let file = arguments.config.as_deref();
    match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(&load(file)?),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::CheckConfig => check_config::run(&load(file)?),
        Command::Migrate => migrate::run(&load(file)?),
        Command::Healthcheck(arguments) => healthcheck::run(&arguments, load(file)),
        Command::ProxyConfig(arguments) => proxy_config::run(&arguments, &load(file)?),
        Command::Explain(arguments) => explain::run(arguments, &load(file)?),
        Command::Doctor(arguments) => doctor::run(&arguments, file),
        Command::User(command) => user::run(command, &load(file)?),
        Command::Session(command) => session::run(command, &load(file)?),
        Command::Key(command) => key::run(&command),
        Command::Header(command) => header::run(&command, file),
    }
}

/// The configuration, from the file and the environment.
fn load(file: Option<&Path>) -> Result<Config, ConfigErrors> {
    Config::load(file, process_environment())
}

/// A runtime for commands that wait.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?)
}
