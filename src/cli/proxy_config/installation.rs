//! What the templates are filled with: the hosts, addresses and names of this installation.

use std::fmt::Write as _;

use anyhow::bail;

use super::site::{AppRoute, Listen, Place, Site, by_listener};
use super::{Address, Arguments, Certificate, Upstream};
use crate::config::{AppConfig, Config};
use crate::domain::app::SharedLogin;
use crate::domain::ids::{AppId, PoolId};

/// Where an app is expected that names no `upstream`.
const APP: &str = "127.0.0.1:3000";

/// Everything that a proxy has to know.
#[derive(Debug)]
pub(super) struct Installation {
    /// Every app, in the order of the configuration.
    pub(super) apps: Vec<AppRoute>,
    /// What the proxy answers to: an app's hosts on one listener, or a shared sign-in host.
    pub(super) sites: Vec<Site>,
    /// Doorward's pages.
    pub(super) pages: Address,
    /// Doorward's verify endpoints.
    pub(super) internal: Address,
    /// What stands before `/login`: empty, or a path without a slash behind.
    pub(super) base_path: String,
    /// The name of the session cookie, before the prefix that https adds.
    pub(super) cookie_name: String,
    /// Whether plain HTTP on port 80 leads to the https sites.
    pub(super) redirects_http: bool,
}

impl Installation {
    /// Brings together the configuration and what the operator said.
    pub(super) fn new(arguments: &Arguments, config: &Config) -> anyhow::Result<Self> {
        let chosen = chosen(&arguments.apps, config)?;
        check_upstreams(&arguments.upstreams, &chosen)?;
        let alone = chosen.len() == 1;
        let host = arguments.doorward.as_ref();
        let mut installation = Self {
            apps: Vec::new(),
            sites: Vec::new(),
            pages: Address::of_listener(config.server.listen, host),
            internal: Address::of_listener(config.server.internal_listen, host),
            base_path: config.server.base_path.clone(),
            cookie_name: config.sessions.cookie_name.clone(),
            redirects_http: arguments.listen.is_none(),
        };
        let mut pools: Vec<(&PoolId, &SharedLogin)> = Vec::new();
        for (id, app) in chosen {
            let route = AppRoute {
                id: id.to_string(),
                upstream: upstream(id, app, (arguments, alone))?,
            };
            let shared = shared(config, app);
            for hosts in by_listener(&app.hosts, arguments.listen) {
                let place = Place::App {
                    app: route.clone(),
                    pages: shared.is_none(),
                };
                installation.add(id.as_str(), place, hosts, arguments);
            }
            installation.apps.push(route);
            if let Some(shared) = shared
                && !pools.iter().any(|(pool, _)| **pool == app.users)
            {
                pools.push((&app.users, shared));
            }
        }
        for (_, shared) in pools {
            let entry = std::slice::from_ref(&shared.login_host);
            for hosts in by_listener(entry, arguments.listen) {
                installation.add("login", Place::Login, hosts, arguments);
            }
        }
        Ok(installation)
    }

    fn add(
        &mut self,
        name: &str,
        place: Place,
        (listen, hosts): (Listen, Vec<String>),
        arguments: &Arguments,
    ) {
        let mut unique = name.to_owned();
        let mut number = 1;
        while self.sites.iter().any(|site| site.name == unique) {
            number += 1;
            unique = format!("{name}-{number}");
        }
        let certificate = listen.tls.then(|| {
            match (
                &arguments.certificate,
                &arguments.certificate_key,
                hosts.first(),
            ) {
                (Some(chain), Some(key), _) => Certificate::named(chain, key),
                (_, _, host) => Certificate::of(host.map_or("", String::as_str)),
            }
        });
        self.sites.push(Site {
            name: unique,
            place,
            hosts,
            listen,
            certificate,
        });
    }

    /// Every address that the proxy listens on, once.
    pub(super) fn listeners(&self) -> Vec<Listen> {
        let mut listeners = Vec::new();
        for site in &self.sites {
            if !listeners.contains(&site.listen) {
                listeners.push(site.listen);
            }
        }
        listeners
    }

    /// The https sites that plain HTTP on port 80 leads to.
    pub(super) fn redirected(&self) -> Vec<&Site> {
        let usual = |site: &&Site| site.listen.tls && site.listen.port == 443;
        let sites = self.sites.iter().filter(usual);
        if self.redirects_http {
            sites.collect()
        } else {
            Vec::new()
        }
    }

    /// Whether some site is on https.
    pub(super) fn has_tls(&self) -> bool {
        self.sites.iter().any(|site| site.listen.tls)
    }

    /// The base path as a regular expression.
    pub(super) fn base_path_pattern(&self) -> String {
        literal(&self.base_path)
    }

    /// The base name of the cookie as a regular expression.
    pub(super) fn cookie_pattern(&self) -> String {
        literal(&self.cookie_name)
    }
}

/// The apps that were asked for, or all.
fn chosen<'c>(
    ids: &[String],
    config: &'c Config,
) -> anyhow::Result<Vec<(&'c AppId, &'c AppConfig)>> {
    let known: Vec<_> = config.apps.keys().map(AppId::as_str).collect();
    for id in ids {
        if !known.contains(&id.as_str()) {
            bail!(
                "there is no app {id:?} in the configuration; there is {}",
                known.join(", ")
            );
        }
    }
    let asked = |(id, _): &(&AppId, &AppConfig)| {
        ids.is_empty() || ids.iter().any(|asked| asked == id.as_str())
    };
    Ok(config.apps.iter().filter(asked).collect())
}

/// An upstream has to be for an app that is written, and without an id there may be only one.
fn check_upstreams(upstreams: &[Upstream], apps: &[(&AppId, &AppConfig)]) -> anyhow::Result<()> {
    for upstream in upstreams {
        match &upstream.app {
            Some(id) if !apps.iter().any(|(other, _)| *other == id) => {
                bail!("--upstream names the app {id}, which this configuration is not for");
            }
            None if apps.len() > 1 => {
                bail!(
                    "--upstream needs the id of its app, because there are several: --upstream ID={}",
                    upstream.address
                );
            }
            _ => {}
        }
    }
    Ok(())
}

/// Where an app is. One that is alone may go without saying; several would be taken for each other.
fn upstream(
    id: &AppId,
    app: &AppConfig,
    (arguments, alone): (&Arguments, bool),
) -> anyhow::Result<Address> {
    let for_it = |given: &&Upstream| given.app.as_ref().is_none_or(|given| given == id);
    if let Some(given) = arguments.upstreams.iter().rfind(for_it) {
        return Ok(given.address.clone());
    }
    let configured = app
        .upstream
        .as_deref()
        .map(|url| url.trim_start_matches("http://"));
    let address = match configured {
        Some(url) if url.ends_with(']') || !url.contains(':') => format!("{url}:80"),
        Some(url) => url.to_owned(),
        None if alone => APP.to_owned(),
        None => bail!("where is the app {id}? There are several, so say --upstream {id}=HOST:PORT"),
    };
    address
        .parse()
        .map_err(|error| anyhow::anyhow!("apps.{id}.upstream: {error}"))
}

fn shared<'c>(config: &'c Config, app: &AppConfig) -> Option<&'c SharedLogin> {
    config.pools.get(&app.users)?.shared.as_ref()
}

/// A regular expression for exactly this text, in the syntax that all proxies share and without a backslash but before `^`.
fn literal(text: &str) -> String {
    let mut pattern = String::new();
    for sign in text.chars() {
        // Writing to a text can't fail.
        let _ = match sign {
            '^' => write!(pattern, "\\^"),
            '.' | '$' | '*' | '+' | '|' | '?' | '(' | ')' => write!(pattern, "[{sign}]"),
            _ => write!(pattern, "{sign}"),
        };
    }
    pattern
}
