//! HAProxy, with a Lua action of ours: it has no directive for a question to another server.
//!
//! `haproxy.cfg` is whole. Its sections name their defaults, so that it can also be a second file beside one's own.

use askama::Template;

use super::installation::Installation;
use super::site::{AppRoute, Listen, Site};
use super::{Address, File};

/// Where HAProxy looks for certificates that nobody named: it wants each in one file with its key.
const CERTIFICATES: &str = "/etc/haproxy/certs/";
/// Doorward's pages, after the base path.
const PAGES: [&str; 4] = ["/login", "/logout", "/register", "/account"];
/// Plain HTTP on all addresses, which leads to https.
const PLAIN: Listen = Listen {
    ip: None,
    port: 80,
    tls: false,
};

#[derive(Debug, Template)]
#[template(path = "proxies/haproxy/haproxy.cfg", escape = "none", ext = "txt")]
struct HaproxyCfg<'i> {
    frontends: Vec<Frontend<'i>>,
    apps: &'i [AppRoute],
    pages: &'i Address,
    internal: &'i Address,
    base_path: &'i str,
}

#[derive(Debug, Template)]
#[template(path = "proxies/haproxy/doorward.lua", escape = "none", ext = "txt")]
struct DoorwardLua<'i> {
    cookie_name: &'i str,
}

/// All sites on one listener.
#[derive(Debug)]
struct Frontend<'i> {
    name: String,
    listen: Listen,
    bind: String,
    keys: Keys,
    sites: Vec<&'i Site>,
    routes: Vec<Route<'i>>,
    /// Whether what is for no site is led to https.
    redirects: bool,
}

/// Hosts of one site, as a named condition.
#[derive(Debug)]
struct Route<'i> {
    site: &'i Site,
    acl: String,
    matches: String,
}

/// Where the private keys are, if that needs a word.
#[derive(Debug)]
enum Keys {
    /// In the certificate's file, beside it, or there are none.
    Beside,
    /// In the files of a folder.
    Folder,
    /// In a file that HAProxy does not look for: this is the certificate's.
    Elsewhere(String),
}

pub(super) fn files(installation: &Installation) -> anyhow::Result<Vec<File>> {
    let haproxy = HaproxyCfg {
        frontends: frontends(installation),
        apps: &installation.apps,
        pages: &installation.pages,
        internal: &installation.internal,
        base_path: &installation.base_path,
    };
    let lua = DoorwardLua {
        cookie_name: &installation.cookie_name,
    };
    Ok(vec![
        File::new("haproxy.cfg", &haproxy)?,
        File::new("doorward.lua", &lua)?,
    ])
}

fn frontends(installation: &Installation) -> Vec<Frontend<'_>> {
    let redirects = !installation.redirected().is_empty();
    let mut listeners = installation.listeners();
    if redirects && !listeners.contains(&PLAIN) {
        listeners.insert(0, PLAIN);
    }
    let several = |listen: Listen| {
        let same = listeners.iter().filter(|other| other.port == listen.port);
        same.count() > 1
    };
    let frontend = |listen: &Listen| {
        let sites = installation.sites.iter();
        let sites: Vec<_> = sites.filter(|site| site.listen == *listen).collect();
        let scheme = if listen.tls { "https" } else { "http" };
        let ip = listen.ip.filter(|_| several(*listen));
        let ip = ip.map_or_else(String::new, |ip| format!("_{ip}"));
        Frontend {
            name: format!("{scheme}_{}{ip}", listen.port),
            listen: *listen,
            bind: bind(*listen, &sites),
            keys: keys(&sites),
            routes: routes(&sites),
            redirects: redirects && *listen == PLAIN,
            sites,
        }
    };
    listeners.iter().map(frontend).collect()
}

impl<'i> Frontend<'i> {
    fn is_tls(&self) -> bool {
        self.listen.tls
    }

    fn has_pages(&self) -> bool {
        self.sites.iter().any(|site| site.has_pages())
    }

    /// The site that every request here is for: Doorward refuses hosts that are not its own.
    fn only_site(&self) -> Option<&'i Site> {
        match self.sites[..] {
            [site] if !self.redirects => Some(site),
            _ => None,
        }
    }
}

/// What a site's requests are for, if not for the pages.
fn backend(site: &Site) -> String {
    site.app()
        .map_or_else(|| "doorward".to_owned(), |app| format!("app_{}", app.id))
}

/// Conditions for the hosts of these sites. A name of its own comes before a wildcard, which could be another app's.
fn routes<'i>(sites: &[&'i Site]) -> Vec<Route<'i>> {
    let mut routes = Vec::new();
    for is_wildcard in [false, true] {
        for site in sites {
            let hosts = site.hosts.iter();
            let hosts: Vec<_> = hosts
                .filter(|host| host.starts_with("*.") == is_wildcard)
                .map(|host| host.trim_start_matches("*."))
                .collect();
            if hosts.is_empty() {
                continue;
            }
            let (prefix, matches) = if is_wildcard {
                let names = hosts.join("|").replace('.', "[.]");
                ("under", format!("-m reg ^[^.]+[.]({names})$"))
            } else {
                ("at", hosts.join(" "))
            };
            routes.push(Route {
                site,
                acl: format!("{prefix}_{}", site.name),
                matches,
            });
        }
    }
    routes
}

/// What follows `bind`: both families where it listens on all addresses.
fn bind(listen: Listen, sites: &[&Site]) -> String {
    let mut bind = match listen.ip {
        Some(_) => listen.short(),
        None => format!(":::{} v4v6", listen.port),
    };
    if listen.tls {
        bind += " ssl";
        for file in certificates(sites) {
            bind += &format!(" crt {file}");
        }
        bind += " alpn h2,http/1.1";
    }
    bind
}

/// Each file or folder once.
fn certificates<'i>(sites: &[&'i Site]) -> Vec<&'i str> {
    let mut files = Vec::new();
    for certificate in sites.iter().filter_map(|site| site.certificate.as_ref()) {
        let file = if certificate.named {
            certificate.chain.as_str()
        } else {
            CERTIFICATES
        };
        if !files.contains(&file) {
            files.push(file);
        }
    }
    files
}

fn keys(sites: &[&Site]) -> Keys {
    let mut certificates = sites.iter().filter_map(|site| site.certificate.as_ref());
    match certificates.next() {
        Some(certificate) if !certificate.named => Keys::Folder,
        Some(certificate) => {
            let beside = format!("{}.key", certificate.chain);
            if certificate.key == beside || certificate.key == certificate.chain {
                Keys::Beside
            } else {
                Keys::Elsewhere(certificate.chain.clone())
            }
        }
        None => Keys::Beside,
    }
}
