//! Envoy, with `ext_authz` over HTTP.
//!
//! One bootstrap file. All sites of a listener are in one connection manager: a browser may use one connection for every
//! host of a certificate, so the request alone can say which of them is meant.

use askama::Template;

use super::certificate::Certificate;
use super::installation::Installation;
use super::site::{AppRoute, Listen, Site};
use super::{Address, File};

#[derive(Debug, Template)]
#[template(path = "proxies/envoy.yaml", escape = "none")]
struct EnvoyYaml<'i> {
    listeners: Vec<Listener<'i>>,
    clusters: Vec<Cluster<'i>>,
    base_path: String,
    cookie: &'i str,
}

/// An address that Envoy listens on.
#[derive(Debug)]
struct Listener<'i> {
    listen: Listen,
    sites: Vec<&'i Site>,
    /// Hosts of https sites, to which plain HTTP leads from here.
    redirected: Vec<&'i str>,
}

/// A server that Envoy connects to.
#[derive(Debug)]
struct Cluster<'i> {
    name: String,
    address: &'i Address,
    patience: Patience,
}

/// For how long an idle connection is kept.
#[derive(Debug, Clone, Copy)]
enum Patience {
    /// As long as Envoy is used to.
    Usual,
    /// For less than Doorward does.
    Short,
    /// The same, as said before.
    AsShort,
}

pub(super) fn files(installation: &Installation) -> anyhow::Result<Vec<File>> {
    let envoy = EnvoyYaml {
        listeners: listeners(installation),
        clusters: clusters(installation),
        base_path: installation.base_path_pattern(),
        cookie: &installation.cookie_name,
    };
    Ok(vec![File::new("envoy.yaml", &envoy)?])
}

fn listeners(installation: &Installation) -> Vec<Listener<'_>> {
    let mut listeners: Vec<_> = installation
        .listeners()
        .into_iter()
        .map(|listen| Listener {
            listen,
            sites: sites_at(installation, listen),
            redirected: Vec::new(),
        })
        .collect();
    let redirected = installation.redirected();
    let redirected = redirected.iter().flat_map(|site| &site.hosts);
    let redirected = unique(redirected.map(String::as_str));
    let plain = Listen {
        ip: None,
        port: 80,
        tls: false,
    };
    match listeners.iter_mut().find(|other| other.listen == plain) {
        _ if redirected.is_empty() => {}
        Some(other) => other.redirected = redirected,
        None => listeners.push(Listener {
            listen: plain,
            sites: Vec::new(),
            redirected,
        }),
    }
    listeners
}

fn sites_at(installation: &Installation, listen: Listen) -> Vec<&Site> {
    let sites = installation.sites.iter();
    sites.filter(|site| site.listen == listen).collect()
}

fn clusters(installation: &Installation) -> Vec<Cluster<'_>> {
    let apps = installation.apps.iter().map(|app| Cluster {
        name: format!("app_{}", app.id),
        address: &app.upstream,
        patience: Patience::Usual,
    });
    let doorward = |name: &str, address, patience| Cluster {
        name: name.to_owned(),
        address,
        patience,
    };
    let doorwards = [
        doorward("doorward", &installation.pages, Patience::Short),
        doorward(
            "doorward_internal",
            &installation.internal,
            Patience::AsShort,
        ),
    ];
    apps.chain(doorwards).collect()
}

impl Listener<'_> {
    fn address(&self) -> String {
        self.listen
            .ip
            .map_or_else(|| "::".to_owned(), |ip| ip.to_string())
    }

    /// The only app here; none where there are several.
    fn app(&self) -> Option<&AppRoute> {
        let mut apps = self.sites.iter().filter_map(|site| site.app());
        let first = apps.next()?;
        apps.all(|other| other.id == first.id).then_some(first)
    }

    /// Each certificate once: Envoy finds the one for a name by itself.
    fn certificates(&self) -> Vec<&Certificate> {
        unique(
            self.sites
                .iter()
                .filter_map(|site| site.certificate.as_ref()),
        )
    }

    /// The host names of a site, as a list; any at all where nothing else is here, so that it is Doorward who refuses one.
    fn domains(&self, site: &Site) -> String {
        if self.takes_any_host() {
            "\"*\"".to_owned()
        } else {
            quoted(&unique(site.hosts.iter().map(String::as_str)))
        }
    }

    fn takes_any_host(&self) -> bool {
        self.sites.len() == 1 && self.redirected.is_empty()
    }
}

impl Cluster<'_> {
    /// Without the brackets of IPv6.
    fn host(&self) -> &str {
        self.address.host.trim_matches(['[', ']'])
    }
}

fn quoted(hosts: &[&str]) -> String {
    let quoted: Vec<_> = hosts.iter().map(|host| format!("\"{host}\"")).collect();
    quoted.join(", ")
}

fn unique<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut unique = Vec::new();
    for one in all {
        if !unique.contains(&one) {
            unique.push(one);
        }
    }
    unique
}
