//! The services, built from the configuration: for the listeners and for the commands alike.
//!
//! Services define their own settings; here they are filled in.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context;
use doorward_verify::Key;
use zeroize::Zeroizing;

use super::System;
use crate::config::{
    AppConfig, AppKeys, Config, MOST_HASHING_ITERATIONS, MOST_HASHING_MEMORY, RegistrationMode,
    resolve_generated,
};
use crate::domain::clock::Clock;
use crate::domain::ids::AppId;
use crate::domain::random::{self, Random};
use crate::services::Services;
use crate::services::accounts::Accounts;
use crate::services::assertion::Assertion;
use crate::services::common_clock::CommonClock;
use crate::services::devices::Devices;
use crate::services::gate::Gate;
use crate::services::identities::Identities;
use crate::services::login::Login;
use crate::services::oauth_login::OauthLogin;
use crate::services::passwords::{self, Passwords};
use crate::services::provider_logout::ProviderLogout;
use crate::services::register::{self, Register};
use crate::services::sessions::{Lifetimes, Sessions};
use crate::services::throttle::Throttle;
use crate::sessions::{Cache, Loader, RedisSessions, RedisSettings, SqlSessions, Store, Touches};
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
    let store = session_store(config, &database, &random)?;
    assemble(config, system, (database, store), keys)
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
    let database = Database::in_memory()?;
    let store = Arc::new(SqlSessions::new(database.clone(), random));
    assemble(config, system, (database, store), keys)
}

fn assemble(
    config: &Config,
    system: System,
    (database, store): (Database, Arc<dyn Store>),
    keys: HashMap<AppId, Key>,
) -> anyhow::Result<Services> {
    let System { clock, random } = system;
    let apps = Arc::new(config.domain_apps());
    let passwords = Arc::new(hashing_pool(config, &random)?);
    let common_clock = Arc::new(CommonClock::new(Arc::clone(&clock), database.clone()));
    let of_all: Arc<dyn Clock> = common_clock.clone();
    let clocks = (&clock, &of_all);
    let sessions = Arc::new(sessions(config, clocks, &random, (&database, store)));
    let assertion = Assertion::new(keys, Arc::clone(&clock));
    let throttle = Arc::new(Throttle::new(database.clone(), Arc::clone(&of_all)));
    let common = (&database, &sessions, &of_all);
    let at_providers = at_providers(config, (&clock, &random), common)?;
    let devices = Arc::new(Devices {
        database: database.clone(),
        clock: Arc::clone(&clock),
        random: Arc::clone(&random),
    });
    Ok(Services {
        login: Login {
            database: database.clone(),
            passwords: Arc::clone(&passwords),
            sessions: Arc::clone(&sessions),
            throttle: Arc::clone(&throttle),
            devices: Arc::clone(&devices),
        },
        register: Register {
            settings: registration(config),
            database: database.clone(),
            passwords: Arc::clone(&passwords),
            sessions: Arc::clone(&sessions),
            devices: Arc::clone(&devices),
            clock: Arc::clone(&clock),
            random: Arc::clone(&random),
        },
        oauth_login: at_providers.login,
        provider_logout: at_providers.logout,
        identities: at_providers.identities,
        accounts: Accounts {
            database: database.clone(),
            passwords,
            sessions: Arc::clone(&sessions),
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
        common_clock,
        throttle,
        devices,
        database,
    })
}

/// What has to do with providers of identities.
struct AtProviders {
    login: OauthLogin,
    logout: ProviderLogout,
    identities: Arc<Identities>,
}

fn at_providers(
    config: &Config,
    (clock, random): (&Arc<dyn Clock>, &Arc<dyn Random>),
    (database, sessions, common_clock): (&Database, &Arc<Sessions>, &Arc<dyn Clock>),
) -> anyhow::Result<AtProviders> {
    let providers = Arc::new(super::providers::providers(config, clock)?);
    let identities = Arc::new(Identities {
        providers: Arc::clone(&providers),
        database: database.clone(),
        sessions: Arc::clone(sessions),
        common_clock: Arc::clone(common_clock),
    });
    Ok(AtProviders {
        login: OauthLogin {
            providers: Arc::clone(&providers),
            registration: registration(config),
            identities: Arc::clone(&identities),
            database: database.clone(),
            sessions: Arc::clone(sessions),
            common_clock: Arc::clone(common_clock),
            random: Arc::clone(random),
        },
        logout: ProviderLogout {
            providers,
            database: database.clone(),
            sessions: Arc::clone(sessions),
        },
        identities,
    })
}

fn sessions(
    config: &Config,
    (clock, common_clock): (&Arc<dyn Clock>, &Arc<dyn Clock>),
    random: &Arc<dyn Random>,
    (database, store): (&Database, Arc<dyn Store>),
) -> Sessions {
    let cache = Arc::new(Cache::new(
        config.sessions.cache_capacity,
        config.sessions.outage_grace,
    ));
    Sessions {
        loader: Loader::new(Arc::clone(&store), Arc::clone(&cache)),
        store,
        cache,
        database: database.clone(),
        touches: Touches::default(),
        clock: Arc::clone(clock),
        common_clock: Arc::clone(common_clock),
        random: Arc::clone(random),
        lifetimes: Lifetimes {
            idle: config.sessions.idle_timeout,
            absolute: config.sessions.absolute_timeout,
        },
    }
}

fn session_store(
    config: &Config,
    database: &Database,
    random: &Arc<dyn Random>,
) -> anyhow::Result<Arc<dyn Store>> {
    let Some(redis) = &config.sessions.redis else {
        return Ok(Arc::new(SqlSessions::new(
            database.clone(),
            Arc::clone(random),
        )));
    };
    let settings = RedisSettings {
        url: redis.url().clone(),
        authorities: redis.authorities.clone(),
        idle: config.sessions.idle_timeout,
    };
    let store = RedisSessions::new(&settings, database.clone(), Arc::clone(random));
    Ok(Arc::new(store.context("sessions.redis_url")?))
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
        largest: passwords::Cost {
            memory: MOST_HASHING_MEMORY,
            iterations: MOST_HASHING_ITERATIONS,
        },
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
