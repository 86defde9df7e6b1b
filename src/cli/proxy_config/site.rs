//! What the proxy answers to, and where it listens for it.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use super::{Address, Certificate};
use crate::domain::host::{HostEntry, Scheme};

/// Where a proxy listens for loopback names without a port.
const LOCAL_PORT: u16 = 8000;

/// An app and where it is.
#[derive(Debug, Clone)]
pub(super) struct AppRoute {
    /// Its id.
    pub(super) id: String,
    /// Where it listens.
    pub(super) upstream: Address,
}

/// Hosts that are answered alike, on one listener.
#[derive(Debug, Clone)]
pub(super) struct Site {
    /// A name that no other site has, of the signs of an app's id.
    pub(super) name: String,
    /// What is there.
    pub(super) place: Place,
    /// The host names, without ports; `*.example.com` for a wildcard.
    pub(super) hosts: Vec<String>,
    /// Where the proxy listens for them.
    pub(super) listen: Listen,
    /// The certificate, on https.
    pub(super) certificate: Option<Certificate>,
}

/// What is at a site.
#[derive(Debug, Clone)]
pub(super) enum Place {
    /// An app; `pages` where Doorward's are on its hosts too.
    App {
        /// The app.
        app: AppRoute,
        /// Whether Doorward's pages are on the same hosts: the first shape.
        pages: bool,
    },
    /// The sign-in host of a pool: nothing but Doorward's pages.
    Login,
}

/// An address that the proxy listens on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Listen {
    /// One address of the machine, or all of IPv4; none for all of both families.
    pub(super) ip: Option<IpAddr>,
    /// The port.
    pub(super) port: u16,
    /// Whether it speaks TLS.
    pub(super) tls: bool,
}

impl Site {
    /// The app here, if it is not a sign-in host.
    pub(super) fn app(&self) -> Option<&AppRoute> {
        match &self.place {
            Place::App { app, .. } => Some(app),
            Place::Login => None,
        }
    }

    /// Whether Doorward's pages are on these hosts beside an app.
    pub(super) fn has_pages(&self) -> bool {
        matches!(self.place, Place::App { pages: true, .. })
    }
}

impl Listen {
    /// `ip:port`, or the port alone where it listens on all addresses.
    pub(super) fn short(self) -> String {
        self.ip.map_or_else(
            || self.port.to_string(),
            |ip| SocketAddr::new(ip, self.port).to_string(),
        )
    }
}

/// The hosts under each address that the proxy listens on, in their order.
pub(super) fn by_listener(
    entries: &[HostEntry],
    listen: Option<SocketAddr>,
) -> Vec<(Listen, Vec<String>)> {
    let mut sites: Vec<(Listen, Vec<String>)> = Vec::new();
    for entry in entries {
        let (listen, host) = (listener(entry, listen), host(entry));
        match sites.iter_mut().find(|(other, _)| *other == listen) {
            Some((_, hosts)) => hosts.push(host),
            None => sites.push((listen, vec![host])),
        }
    }
    sites
}

fn listener(entry: &HostEntry, listen: Option<SocketAddr>) -> Listen {
    let tls = entry.scheme() == Scheme::Https;
    if let Some(listen) = listen {
        let every = IpAddr::V6(Ipv6Addr::UNSPECIFIED);
        let ip = (listen.ip() != every).then_some(listen.ip());
        return Listen {
            ip,
            port: listen.port(),
            tls,
        };
    }
    let local = entry.name().is_loopback() && !tls;
    let usual = if local {
        LOCAL_PORT
    } else {
        entry.scheme().default_port()
    };
    Listen {
        ip: local.then_some(IpAddr::from([127, 0, 0, 1])),
        port: entry.port().unwrap_or(usual),
        tls,
    }
}

fn host(entry: &HostEntry) -> String {
    let name = entry.name().as_str();
    if entry.is_wildcard() {
        format!("*.{name}")
    } else {
        name.to_owned()
    }
}
