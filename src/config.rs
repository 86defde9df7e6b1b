//! The configuration: a file, the environment and files of secrets, read and checked before anything starts.
//!
//! One struct per section, each in a file of its own with the declarations its reference is made from. Everything
//! that is wrong is reported together. Only `app` and `cli` read this; services have settings types of their own.

mod apps;
mod checks;
mod database;
mod declaration;
mod env;
mod errors;
mod fields;
mod file;
mod limits;
mod log;
mod pools;
mod providers;
mod reader;
mod reference;
mod registration;
mod secrets;
mod server;
mod sessions;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;

use crate::domain::access::own_pages;
use crate::domain::app::{App, Apps, Realm};
use crate::domain::ids::{AppId, PoolId, ProviderId};

pub use apps::{AppConfig, AppKeys};
pub use database::{DatabaseConfig, DatabaseUrl};
pub use env::process_environment;
pub use errors::{ConfigError, ConfigErrors};
pub use limits::{LimitsConfig, MOST_HASHING_ITERATIONS, MOST_HASHING_MEMORY};
pub use log::{LogConfig, LogFormat, LogLevel};
pub use pools::PoolConfig;
pub use providers::ProviderConfig;
pub use reference::reference;
pub use registration::{RegistrationConfig, RegistrationMode};
pub use secrets::{AppKey, GeneratedKeyError, resolve_generated};
pub use server::ServerConfig;
pub use sessions::{RedisConfig, SessionsConfig};

use declaration::Section;
use errors::Read;
use reader::Reader;

/// Every section, in the order of the reference.
static SECTIONS: [&Section; 9] = [
    &server::SECTION,
    &database::SECTION,
    &sessions::SECTION,
    &apps::SECTION,
    &pools::SECTION,
    &providers::SECTION,
    &registration::SECTION,
    &limits::SECTION,
    &log::SECTION,
];

/// The whole configuration, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Listeners and the proxies in front of them.
    pub server: ServerConfig,
    /// Where everything is kept.
    pub database: DatabaseConfig,
    /// The session cookie and how long a session lasts.
    pub sessions: SessionsConfig,
    /// The protected apps; never empty.
    pub apps: BTreeMap<AppId, AppConfig>,
    /// The pools of users that have a section of their own. A pool without one has only defaults.
    pub pools: BTreeMap<PoolId, PoolConfig>,
    /// Where people may sign in besides.
    pub providers: BTreeMap<ProviderId, ProviderConfig>,
    /// Who may make an account.
    pub registration: RegistrationConfig,
    /// What keeps the work bounded.
    pub limits: LimitsConfig,
    /// What is logged, and how.
    pub log: LogConfig,
}

impl Config {
    /// Reads and checks everything.
    ///
    /// Without `file`, `doorward.toml` in the working directory is read if it is there. Of `environment` only names
    /// that begin with `DOORWARD__` count: see [`process_environment`].
    ///
    /// # Errors
    ///
    /// All that is wrong, together. A file that can't be read or is not TOML is one error that hides the others.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigErrors> {
        let mut reader = Reader::new(file::read(file)?, environment, &SECTIONS);
        match Self::read(&mut reader) {
            Ok(config) if reader.problems.is_empty() => Ok(config),
            _ => Err(reader.problems.into_errors()),
        }
    }

    fn read(reader: &mut Reader) -> Read<Self> {
        let server = ServerConfig::read(reader.section(&server::SECTION));
        let database = DatabaseConfig::read(reader.section(&database::SECTION));
        let sessions = SessionsConfig::read(reader.section(&sessions::SECTION));
        let base_path = server.as_ref().map_or("", |server| &server.base_path);
        let folder = database
            .as_ref()
            .map_or(Path::new(""), |database| database.url.folder());
        let apps = apps::read(reader, base_path, folder);
        let pools = pools::read(reader);
        let providers = providers::read(reader);
        checks::check(&apps, &pools, &mut reader.problems);
        checks::providers_exist(&pools, &providers, &mut reader.problems);
        let registration = RegistrationConfig::read(reader.section(&registration::SECTION));
        let limits = LimitsConfig::read(reader.section(&limits::SECTION));
        let log = LogConfig::read(reader.section(&log::SECTION));
        Ok(Self {
            server: server?,
            database: database?,
            sessions: sessions?,
            apps: apps
                .apps
                .into_iter()
                .map(apps::Draft::finish)
                .collect::<Read<_>>()?,
            pools: pools
                .into_iter()
                .map(pools::Draft::finish)
                .collect::<Read<_>>()?,
            providers: providers
                .into_iter()
                .map(providers::Draft::finish)
                .collect::<Read<_>>()?,
            registration: registration?,
            limits: limits?,
            log: log?,
        })
    }

    /// The apps as the rest of Doorward knows them, without their keys. Doorward's pages are exempt from the rules of
    /// each app whose hosts have them.
    #[must_use]
    pub fn domain_apps(&self) -> Apps {
        Apps::new(
            self.apps
                .iter()
                .map(|(id, app)| self.domain_app(id, app))
                .collect(),
        )
    }

    /// The providers that a pool offers, in the order in which it names them, or of their ids.
    #[must_use]
    pub fn offered_by(&self, pool: &PoolId) -> Vec<ProviderId> {
        let named = self.pools.get(pool).and_then(|pool| pool.providers.clone());
        named.unwrap_or_else(|| self.providers.keys().cloned().collect())
    }

    fn domain_app(&self, id: &AppId, app: &AppConfig) -> App {
        let shared = self
            .pools
            .get(&app.users)
            .and_then(|pool| pool.shared.clone());
        let mut policy = app.policy.clone();
        if shared.is_none() {
            // With a shared sign-in, what is under these names on an app's host is the app's.
            let pages = own_pages(&self.server.base_path).unwrap_or_default();
            policy = policy.exempting(pages);
        }
        App {
            id: id.clone(),
            pool: app.users.clone(),
            hosts: app.hosts.clone(),
            public_url: app.public_url.clone(),
            policy,
            binding: app.binding,
            login_page: app.login_page.clone(),
            realm: shared.map_or(Realm::Own, Realm::Shared),
            upstream: app.upstream.clone(),
        }
    }
}
