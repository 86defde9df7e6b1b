//! The services, built from the configuration: for the listeners and for the commands alike.
//!
//! Services define their own settings; here they are filled in.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context;
use doorward_verify::Key;
use zeroize::Zeroizing;

use super::System;
use crate::config::{AppConfig, AppKeys, Config, RegistrationMode, resolve_generated};
use crate::domain::ids::AppId;
use crate::domain::random::{self, Random};
use crate::services::Services;
use crate::services::accounts::Accounts;
use crate::services::assertion::Assertion;
use crate::services::gate::Gate;
use crate::services::login::Login;
use crate::services::passwords::{self, Passwords};
use crate::services::register::{self, Register};
use crate::services::sessions::{Lifetimes, Sessions};
use crate::sessions::{SqlSessions, Touches};
use crate::storage::{self, Database};

/// Builds them. Nothing is connected yet.
///
/// # Errors
///
/// When the database URL, a key or the hashing parameters are unusable.
pub fn services(config: &Config, system: System) -> anyhow::Result<Services> {
    let random = Arc::clone(&system.random);
    let database = open(config)?;
    let keys = config
        .apps
        .iter()
        .map(|(id, app)| Ok((id.clone(), signing_key(app, random.as_ref())?)));
    let keys = keys.collect::<anyhow::Result<_>>()?;
    assemble(config, system, database, keys)
}

/// The same on an empty database in memory and with keys that nobody has: for asking what would be answered, without
/// touching what is configured.
pub(super) fn rehearsed(config: &Config, system: System) -> anyhow::Result<Services> {
    let random = Arc::clone(&system.random);
    let throwaway = || {
        let bytes = Zeroizing::new(random::bytes::<32>(random.as_ref())?);
        Key::from_bytes(bytes.as_slice()).context("a key is unusable")
    };
    let keys = config.apps.keys().map(|id| Ok((id.clone(), throwaway()?)));
    let keys = keys.collect::<anyhow::Result<_>>()?;
    assemble(config, system, Database::in_memory()?, keys)
}

fn assemble(
    config: &Config,
    system: System,
    database: Database,
    keys: HashMap<AppId, Key>,
) -> anyhow::Result<Services> {
    let System { clock, random } = system;
    let apps = Arc::new(config.domain_apps());
    let passwords = Arc::new(hashing_pool(config, &random)?);
    let sessions = Arc::new(Sessions {
        store: Arc::new(SqlSessions::new(database.clone(), Arc::clone(&random))),
        database: database.clone(),
        touches: Touches::default(),
        clock: Arc::clone(&clock),
        random: Arc::clone(&random),
        lifetimes: Lifetimes {
            idle: config.sessions.idle_timeout,
            absolute: config.sessions.absolute_timeout,
        },
    });
    let assertion = Assertion::new(keys, Arc::clone(&clock));
    Ok(Services {
        login: Login {
            database: database.clone(),
            passwords: Arc::clone(&passwords),
            sessions: Arc::clone(&sessions),
        },
        register: Register {
            settings: registration(config),
            database: database.clone(),
            passwords: Arc::clone(&passwords),
            sessions: Arc::clone(&sessions),
            clock: Arc::clone(&clock),
            random: Arc::clone(&random),
        },
        accounts: Accounts {
            database: database.clone(),
            passwords,
            clock,
            random,
        },
        gate: Gate {
            apps: Arc::clone(&apps),
            sessions: Arc::clone(&sessions),
            assertion,
        },
        apps,
        sessions,
        database,
    })
}

fn open(config: &Config) -> anyhow::Result<Database> {
    let settings = storage::Settings {
        url: config.database.url.expose().into(),
        max_connections: config.database.max_connections,
    };
    Database::open(&settings).context("database.url")
}

fn hashing_pool(config: &Config, random: &Arc<dyn Random>) -> anyhow::Result<Passwords> {
    let limits = &config.limits;
    let settings = passwords::Settings {
        memory: limits.hashing_memory,
        iterations: limits.hashing_iterations,
        concurrency: usize::try_from(limits.hashing_concurrency)?,
        queue: usize::try_from(limits.hashing_queue)?,
    };
    Ok(Passwords::start(settings, Arc::clone(random))?)
}

fn registration(config: &Config) -> register::Settings {
    let allowed = config.registration.allowed_domains.iter();
    register::Settings {
        open: config.registration.mode == RegistrationMode::Open,
        allowed_domains: allowed.map(|domain| domain.as_str().to_owned()).collect(),
    }
}

/// The keys of an app, the signing one first; a generated one is made when it is first needed.
///
/// # Errors
///
/// When a generated key can't be read or made.
pub fn keys(app: &AppConfig, random: &dyn Random) -> anyhow::Result<Vec<Key>> {
    let usable = |bytes: &[u8]| Key::from_bytes(bytes).context("a key is unusable");
    match &app.keys {
        AppKeys::Given(keys) => keys.iter().map(|key| usable(key.expose())).collect(),
        AppKeys::Generated(path) => Ok(vec![usable(resolve_generated(path, random)?.expose())?]),
    }
}

/// The key that signs for an app.
///
/// # Errors
///
/// As [`keys`].
pub fn signing_key(app: &AppConfig, random: &dyn Random) -> anyhow::Result<Key> {
    keys(app, random)?
        .into_iter()
        .next()
        .context("the app has no key")
}
