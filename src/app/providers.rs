//! The providers of identities, built from the configuration.

use std::sync::Arc;

use anyhow::Context;

use crate::config::{Config, ProviderConfig};
use crate::domain::clock::Clock;
use crate::providers::{Settings, provider};
use crate::services::oauth_login::{Offered, Providers};

/// Builds them. None is asked anything yet: one that is down does not stop the start.
pub(super) fn providers(config: &Config, clock: &Arc<dyn Clock>) -> anyhow::Result<Providers> {
    let all = config.providers.iter().map(|(id, provider)| {
        let offered = offered(provider, clock).with_context(|| format!("providers.{id}"))?;
        Ok((id.clone(), offered))
    });
    let pools = config.apps.values().map(|app| &app.users);
    Ok(Providers {
        all: all.collect::<anyhow::Result<_>>()?,
        by_pool: pools
            .map(|pool| (pool.clone(), config.offered_by(pool)))
            .collect(),
    })
}

fn offered(config: &ProviderConfig, clock: &Arc<dyn Clock>) -> anyhow::Result<Offered> {
    let settings = Settings {
        kind: config.kind,
        issuer: config.issuer.clone(),
        client_id: config.client_id.clone(),
        client_secret: config.client_secret.clone(),
        scopes: config.scopes.clone(),
    };
    Ok(Offered {
        name: config.name.clone(),
        issuer: config.issuer.clone(),
        trust_email: config.trust_email,
        sign_out: config.sign_out,
        provider: provider(settings, Arc::clone(clock))?,
    })
}
