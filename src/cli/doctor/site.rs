//! The site that is asked about: what the configuration says of it, where there is one.
//!
//! Must not show or send a key.

use std::path::Path;

use anyhow::bail;
use doorward_verify::{Binding, Key, Verifier};

use super::Arguments;
use crate::app;
use crate::config::{AppConfig, AppKeys, Config, process_environment};
use crate::domain::access::{Access, Method};
use crate::domain::app::{App, Binding as Configured, Realm};
use crate::domain::host::{Authority, HostEntry, Origin, Scheme};
use crate::domain::ids::AppId;
use crate::domain::path::RequestPath;
use crate::domain::random::SystemRandom;

/// The file that is read when no other is named.
const DEFAULT_FILE: &str = "doorward.toml";
/// The name of the session cookie where no configuration says otherwise.
const COOKIE: &str = "SESSION";
/// The port of the internal listener where no configuration says otherwise.
const INTERNAL_PORT: u16 = 8081;

/// What is asked about.
#[derive(Debug)]
pub(super) struct Site {
    /// As visitors name it.
    pub(super) origin: Origin,
    /// A page that somebody says needs a session.
    pub(super) page: Option<String>,
    /// What stands before `/login`.
    pub(super) base_path: String,
    /// The session cookie's base name.
    pub(super) cookie_name: String,
    /// Where the internal listener might be open.
    pub(super) internal_port: u16,
    /// The app, if the configuration has this host.
    pub(super) known: Option<Known>,
}

/// What the configuration says.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) app: App,
    pub(super) entry: HostEntry,
    /// What the app verifies with; none where its key has not been made yet.
    pub(super) verifier: Option<Verifier>,
    /// What its `X-UserId` is bound to.
    pub(super) binding: Configured,
}

/// A page that needs a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Guarded {
    pub(super) path: String,
    /// Whether configuration or operator say so; otherwise it is a guess.
    pub(super) certain: bool,
}

impl Site {
    /// Reads the configuration, where there is one, and finds the app.
    pub(super) fn find(arguments: &Arguments, file: Option<&Path>) -> anyhow::Result<Self> {
        let address = &arguments.url;
        let mut site = Self {
            origin: address.origin.clone(),
            page: address.page.clone(),
            base_path: String::new(),
            cookie_name: COOKIE.to_owned(),
            internal_port: INTERNAL_PORT,
            known: None,
        };
        if !is_configured(file) {
            return match &arguments.app {
                Some(app) => {
                    bail!("there is no configuration, so no app {app}: name its file with --config")
                }
                None => Ok(site),
            };
        }
        let config = crate::cli::load(file)?;
        site.known = known(&config, &site.origin, arguments.app.as_ref())?;
        if site.known.is_some() {
            site.base_path.clone_from(&config.server.base_path);
            config
                .sessions
                .cookie_name
                .as_str()
                .clone_into(&mut site.cookie_name);
            site.internal_port = config.server.internal_listen.port();
        }
        Ok(site)
    }

    /// What the rules ask of GET, where they are known.
    pub(super) fn access(&self, path: &str) -> Option<Access> {
        self.access_of("GET", path)
    }

    /// What the rules ask of a method, where they are known.
    pub(super) fn access_of(&self, method: &str, path: &str) -> Option<Access> {
        let path = RequestPath::parse(path.split('?').next()?).ok()?;
        let policy = &self.known.as_ref()?.app.policy;
        Some(policy.judge(&path, &Method::parse(method).ok()?).access())
    }

    /// A page that needs a session: the one that was named, else one that nobody has, else one that a rule covers.
    pub(super) fn guarded(&self, mark: &str) -> Option<Guarded> {
        let nobodys = format!("/{mark}");
        if let Some(page) = &self.page {
            return Some(Guarded {
                path: page.clone(),
                certain: true,
            });
        }
        if self.known.is_none() {
            return Some(Guarded {
                path: nobodys,
                certain: false,
            });
        }
        let mut candidates = std::iter::once(nobodys).chain(self.covered(mark));
        let path = candidates.find(|path| self.access(path) == Some(Access::User))?;
        Some(Guarded {
            path,
            certain: true,
        })
    }

    /// A path below a rule that is stricter than what holds elsewhere: there a misread path would pass.
    pub(super) fn strict(&self, mark: &str) -> Option<String> {
        let elsewhere = self.access(&format!("/{mark}"))?;
        let stricter = |path: &String| {
            let access = self.access(path);
            access > Some(elsewhere) && access >= Some(Access::User)
        };
        self.covered(mark).find(stricter)
    }

    /// A path that each rule covers.
    fn covered<'s>(&'s self, mark: &'s str) -> impl Iterator<Item = String> + 's {
        let rules = self.known.iter().flat_map(|known| known.app.policy.rules());
        rules.map(move |rule| rule.pattern.to_string().replace('*', mark))
    }

    /// Whether anything here is asked by https.
    pub(super) fn needs_certificates(&self) -> bool {
        [&self.origin, self.sign_in_origin()]
            .iter()
            .any(|origin| origin.scheme() == Scheme::Https)
    }

    /// Where the sign-in pages are, as far as the configuration says.
    pub(super) fn sign_in_origin(&self) -> &Origin {
        match self.known.as_ref().map(|known| &known.app.realm) {
            Some(Realm::Shared(shared)) => &shared.login_origin,
            _ => &self.origin,
        }
    }

    /// The page that visitors are sent to, where that is known.
    pub(super) fn sign_in_page(&self) -> Option<String> {
        let known = self.known.as_ref()?;
        Some(match &known.app.login_page {
            Some(page) => format!("{}{page}", self.origin),
            None => format!("{}{}/login", self.sign_in_origin(), self.base_path),
        })
    }

    /// The full name of the session cookie, and its domain.
    pub(super) fn cookie(&self) -> (String, Option<String>) {
        let realm = self.known.as_ref().map(|known| &known.app.realm);
        let domain = match realm {
            Some(Realm::Shared(shared)) => Some(shared.cookie_domain.as_str().to_owned()),
            _ => None,
        };
        let prefix = match (self.origin.scheme(), &domain) {
            (Scheme::Http, _) => "",
            (Scheme::Https, None) => "__Host-",
            (Scheme::Https, Some(_)) => "__Secure-",
        };
        (format!("{prefix}{}", self.cookie_name), domain)
    }
}

/// Without a file and without settings there is only the default for local use, which says nothing of a site.
fn is_configured(file: Option<&Path>) -> bool {
    file.is_some()
        || Path::new(DEFAULT_FILE).exists()
        || process_environment()
            .iter()
            .any(|(name, _)| name.starts_with("DOORWARD__"))
}

fn known(
    config: &Config,
    origin: &Origin,
    wanted: Option<&AppId>,
) -> anyhow::Result<Option<Known>> {
    let Ok(authority) = Authority::parse(&origin.host()) else {
        return Ok(None);
    };
    let apps = config.domain_apps();
    let found = match wanted {
        None => apps.at(&authority),
        Some(id) => {
            let Some(app) = apps.get(id.as_str()) else {
                let known: Vec<_> = config.apps.keys().map(AppId::as_str).collect();
                bail!(
                    "the configuration has no app {id}; it has {}",
                    known.join(", ")
                );
            };
            let Some(entry) = app.entry_for(&authority) else {
                let hosts: Vec<_> = app.hosts.iter().map(ToString::to_string).collect();
                bail!(
                    "the app {id} has no host {authority}; it has {}",
                    hosts.join(", ")
                );
            };
            Some((app, entry))
        }
    };
    let Some((app, entry)) = found else {
        return Ok(None);
    };
    let verifier = match config.apps.get(&app.id) {
        Some(settings) => verifier(&app.id, settings)?,
        None => None,
    };
    Ok(Some(Known {
        binding: app.binding,
        app: App::clone(app),
        entry: entry.clone(),
        verifier,
    }))
}

/// What the app verifies with. A key that was not made yet is not made now.
fn verifier(id: &AppId, settings: &AppConfig) -> anyhow::Result<Option<Verifier>> {
    if let AppKeys::Generated(path) = &settings.keys
        && !path.exists()
    {
        return Ok(None);
    }
    let keys: Vec<Key> = app::keys(settings, &SystemRandom)?;
    let binding = match settings.binding {
        Configured::App => Binding::App,
        Configured::Request => Binding::Request,
    };
    let verifier = Verifier::builder(id.as_str()).keys(keys).binding(binding);
    Ok(Some(verifier.build()?))
}
