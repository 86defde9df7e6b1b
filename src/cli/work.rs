//! What every command that works on the database does before and after.

use anyhow::Context;

use super::database::database;
use crate::app::{System, services};
use crate::config::Config;
use crate::services::Services;

/// Brings the tables up to date as `serve` does, does the work, and closes the database.
pub(super) fn with_services<T>(
    config: &Config,
    work: impl AsyncFnOnce(&Services) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    super::runtime()?.block_on(async {
        let services = services(config, System::default())?;
        let migrated = services.database.migrate().await;
        let outcome = match migrated
            .with_context(|| format!("can't work with {}", database(&config.database.url)))
        {
            Ok(()) => work(&services).await,
            Err(error) => Err(error),
        };
        services.database.close().await;
        outcome
    })
}
