//! The protected apps and the hosts they answer to.
//!
//! Must not know the configuration file: `app` builds these from it.

use std::sync::Arc;

use crate::domain::access::Policy;
use crate::domain::host::{Authority, CookieDomain, HostEntry, Origin};
use crate::domain::ids::{AppId, PoolId};

/// What an app's `X-UserId` is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// The app alone: any request of the last minute may carry it.
    App,
    /// One method, host and URI.
    Request,
}

/// How far a session reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Realm {
    /// The app's own host, where the pages live too; the cookie is host-only.
    Own,
    /// All apps of the pool; the pages live on a host of their own.
    Shared(SharedLogin),
}

/// Where the pages of a pool with a shared cookie live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedLogin {
    /// The `Domain` of the cookie.
    pub cookie_domain: CookieDomain,
    /// The host of the pages.
    pub login_host: HostEntry,
    /// The same as a visitor's browser names it.
    pub login_origin: Origin,
}

/// One protected app.
#[derive(Debug, Clone)]
pub struct App {
    /// Its id, part of every signature.
    pub id: AppId,
    /// The pool of users that may sign in.
    pub pool: PoolId,
    /// The hosts it answers to.
    pub hosts: Vec<HostEntry>,
    /// Where a visitor finds it: for links and for returns that name no place.
    pub public_url: Origin,
    /// Who may see what.
    pub policy: Policy,
    /// What its identity header is bound to.
    pub binding: Binding,
    /// A sign-in page of the app's own, as a path.
    pub login_page: Option<String>,
    /// How far its sessions reach.
    pub realm: Realm,
    /// Where the built-in gateway finds it, as `http://host:port`.
    pub upstream: Option<String>,
}

impl App {
    /// The entry that `authority` matches, the most specific first.
    #[must_use]
    pub fn entry_for(&self, authority: &Authority) -> Option<&HostEntry> {
        let matching = self.hosts.iter().filter(|entry| entry.matches(authority));
        matching.max_by_key(|entry| entry.specificity())
    }
}

/// Where a request for a page arrived: at an app's host, or at the sign-in host that several apps share.
#[derive(Debug, Clone)]
pub struct Place {
    /// The app that sessions begun here are recorded for.
    pub app: Arc<App>,
    /// Scheme, host and port as the visitor knows them.
    pub origin: Origin,
    /// The entry that matched: scheme and cookie follow it.
    pub entry: HostEntry,
    /// Every entry that a return address may name.
    pub return_hosts: Vec<HostEntry>,
    /// Whether this is the shared sign-in host, which is no app itself.
    pub shared_host: bool,
}

/// All apps.
#[derive(Debug, Clone, Default)]
pub struct Apps(Vec<Arc<App>>);

impl Apps {
    /// The apps of an installation. No host may belong to two of them: the configuration sees to that.
    #[must_use]
    pub fn new(apps: Vec<App>) -> Self {
        Self(apps.into_iter().map(Arc::new).collect())
    }

    /// Every app, in the order of the configuration.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<App>> {
        self.0.iter()
    }

    /// The app with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Arc<App>> {
        self.0.iter().find(|app| app.id.as_str() == id)
    }

    /// The app whose hosts match, with the entry that did: the most specific of all apps.
    #[must_use]
    pub fn at(&self, authority: &Authority) -> Option<(&Arc<App>, &HostEntry)> {
        let matching = self
            .0
            .iter()
            .filter_map(|app| Some((app, app.entry_for(authority)?)));
        matching.max_by_key(|(_, entry)| entry.specificity())
    }

    /// Where a page request for `authority` belongs.
    #[must_use]
    pub fn place(&self, authority: &Authority) -> Option<Place> {
        let shared = self.0.iter().find_map(|app| match &app.realm {
            Realm::Shared(login) if login.login_host.matches(authority) => {
                Some((app, &login.login_host))
            }
            _ => None,
        });
        let (app, entry) = shared.or_else(|| self.at(authority))?;
        Some(Place {
            app: Arc::clone(app),
            origin: entry.origin(authority),
            entry: entry.clone(),
            return_hosts: self.return_hosts(app),
            shared_host: shared.is_some(),
        })
    }

    fn return_hosts(&self, app: &App) -> Vec<HostEntry> {
        match &app.realm {
            Realm::Own => app.hosts.clone(),
            Realm::Shared(_) => {
                let pool = self.0.iter().filter(|other| other.pool == app.pool);
                pool.flat_map(|other| other.hosts.iter().cloned()).collect()
            }
        }
    }
}
