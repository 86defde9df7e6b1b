//! What would be answered? Asked of Doorward itself, in this process, without touching anything that is configured.
//!
//! A [`Rehearsal`] serves the very routes of the internal listener, over an empty database in memory and with keys that
//! nobody has, and sends them what each proxy would send. Must not answer a question by any other way.

mod exchange;
mod subrequest;
#[cfg(test)]
mod warm;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Context;

use super::{System, door};
use crate::config::Config;
use crate::domain::access::Method;
use crate::domain::app::App;
use crate::domain::email::Email;
use crate::domain::host::HostEntry;
use crate::domain::ids::{AppId, Role};
use crate::domain::session::Factor;
use crate::http::{self, Shared};
use crate::services::gate::Gate;
use crate::services::sessions::{Entrance, Proven};
use crate::storage::users;
use exchange::Wire;
pub use exchange::{Answer, Body};
pub use subrequest::{Proxy, Visit};

/// A visitor's request, each part as it goes over the wire.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The method.
    pub method: Method,
    /// `http` or `https`, as the proxy would report it.
    pub scheme: String,
    /// Host, and a port where one was named.
    pub host: String,
    /// Path and query, byte for byte.
    pub uri: String,
}

/// What one visitor would be answered, through every proxy.
#[derive(Debug, Clone)]
pub struct Answers {
    /// How they come.
    pub visit: Visit,
    /// The roles of somebody who is signed in.
    pub roles: Option<Vec<Role>>,
    /// One answer for each proxy.
    pub by_proxy: Vec<(Proxy, Answer)>,
}

/// Doorward as the configuration has it, on data of its own.
#[derive(Debug)]
pub struct Rehearsal {
    door: Shared,
    wire: Wire,
}

impl Rehearsal {
    /// Builds it. Of the configuration everything counts but the database and the keys.
    ///
    /// # Errors
    ///
    /// When Doorward could not start with it either.
    pub async fn build(config: &Config) -> anyhow::Result<Self> {
        let system = System::default();
        let services = super::services::rehearsed(config, system.clone())?;
        let migrated = services.database.migrate().await;
        migrated.context("the database in memory could not be made")?;
        let door = door(config, services, system, None)?;
        let wire = Wire::to(http::internal(&door).router(peer(config)));
        Ok(Self { door, wire })
    }

    /// What judges requests, and knows the apps.
    #[must_use]
    pub fn gate(&self) -> &Gate {
        &self.door.services.gate
    }

    /// Asks for nobody, for a user without roles, and where there are `roles` for a user who has them. Without an
    /// app nobody can be signed in.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub async fn answers(
        &self,
        asked: &Asked,
        app: Option<(&Arc<App>, &HostEntry)>,
        roles: &[Role],
    ) -> anyhow::Result<Vec<Answers>> {
        let visits = Visit::with(&asked.method);
        let mut rows = Vec::new();
        for visit in visits {
            rows.push(self.ask(asked, app, (*visit, None)).await?);
        }
        let (Some((app, entry)), Some(visit)) = (app, visits.first()) else {
            return Ok(rows);
        };
        let groups = [&[][..], roles];
        let groups = groups.iter().take(if roles.is_empty() { 1 } else { 2 });
        for roles in groups {
            let cookie = self.sign_in(app, entry, roles).await?;
            let who = (*visit, Some((cookie.as_str(), *roles)));
            rows.push(self.ask(asked, Some((app, entry)), who).await?);
        }
        Ok(rows)
    }

    async fn ask(
        &self,
        asked: &Asked,
        app: Option<(&Arc<App>, &HostEntry)>,
        (visit, user): (Visit, Option<(&str, &[Role])>),
    ) -> anyhow::Result<Answers> {
        let pinned = app.map(|(app, _)| &app.id);
        let cookie = user.map(|(cookie, _)| cookie);
        let mut by_proxy = Vec::new();
        for proxy in Proxy::ALL {
            let pinned = pinned.or_else(|| self.any_app(proxy));
            let bytes = proxy.subrequest(asked, pinned, (visit, cookie));
            let answer = self.wire.ask(&bytes).await?;
            by_proxy.push((proxy, answer));
        }
        Ok(Answers {
            visit,
            roles: user.map(|(_, roles)| roles.to_vec()),
            by_proxy,
        })
    }

    /// Envoy's endpoint always names an app; where none has the host, any will say so.
    fn any_app(&self, proxy: Proxy) -> Option<&AppId> {
        let mut apps = self.gate().apps.iter();
        let first = || apps.next().map(|app| &app.id);
        (proxy == Proxy::Envoy).then(first).flatten()
    }

    /// A new account with a session, as the browser sends it to the hosts of `entry`.
    async fn sign_in(
        &self,
        app: &App,
        entry: &HostEntry,
        roles: &[Role],
    ) -> anyhow::Result<String> {
        let services = &self.door.services;
        let email = Email::parse(&format!("visitor-{}@doorward.invalid", roles.len()))?;
        let accounts = &services.accounts;
        let user = accounts.add(app.pool.clone(), email, roles.to_vec(), None);
        let user = user.await?.id;
        let mut db = services.database.acquire().await?;
        let account = users::by_id(&mut db, user).await?;
        drop(db);
        let proven = Proven {
            user,
            epoch: account.context("the account was just made")?.epoch,
            factors: vec![Factor::Password],
            continues: None,
        };
        let entrance = Entrance {
            pool: app.pool.clone(),
            app: app.id.clone(),
            device: String::new(),
            remember: false,
            previous: Vec::new(),
            client: IpAddr::V4(Ipv4Addr::LOCALHOST),
            devices: Vec::new(),
        };
        let begun = services.sessions.begin(proven, entrance).await?;
        let name = self.door.session_cookie(app, entry);
        Ok(format!("{name}={}", begun.token.reveal()))
    }
}

/// A proxy that is trusted; where none is, one that is not.
fn peer(config: &Config) -> SocketAddr {
    let nets = config.server.trusted_proxies.nets();
    let ip = nets.first().map(|net| net.network());
    SocketAddr::new(ip.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)), 40_000)
}
