//! `doorward migrate`: for those who bring the tables up to date before they start the new version.

use super::database::database;
use super::{print, work};
use crate::config::Config;

/// Migrates.
pub(super) fn run(config: &Config) -> anyhow::Result<()> {
    work::with_services(config, async |_| Ok(()))?;
    let database = database(&config.database.url);
    Ok(print::line(format!(
        "The tables are up to date: {database}."
    ))?)
}
