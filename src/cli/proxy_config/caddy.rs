//! Caddy, with `forward_auth`.
//!
//! Caddy sees to certificates and to plain HTTP by itself, so there is a line for either only where it is told otherwise.

use askama::Template;

use super::certificate::Certificate;
use super::installation::Installation;
use super::site::{Listen, Site};
use super::{Address, File};

#[derive(Debug, Template)]
#[template(path = "proxies/Caddyfile", escape = "none", ext = "txt")]
struct Caddyfile<'i> {
    sites: &'i [Site],
    pages: &'i Address,
    internal: &'i Address,
    base_path: String,
    cookie: String,
    has_tls: bool,
    /// Whether Caddy would listen for plain HTTP without being asked.
    keeps_from_http: bool,
    /// Where hosts of no site have to be turned away.
    strangers: &'i [Listen],
}

pub(super) fn files(installation: &Installation) -> anyhow::Result<Vec<File>> {
    let mut strangers = installation.listeners();
    strangers.retain(|listen| !takes_every_host(*listen, &installation.sites));
    let caddyfile = Caddyfile {
        sites: &installation.sites,
        pages: &installation.pages,
        internal: &installation.internal,
        base_path: installation.base_path_pattern(),
        cookie: installation.cookie_pattern(),
        has_tls: installation.has_tls(),
        keeps_from_http: installation.has_tls() && !installation.redirects_http,
        strangers: &strangers,
    };
    Ok(vec![File::new("Caddyfile", &caddyfile)?])
}

/// Whether the only site at this address is given every request there, so that Doorward refuses unknown hosts: on plain
/// HTTP on one address of the machine, where no other site of this Caddy can be.
fn takes_every_host(listen: Listen, sites: &[Site]) -> bool {
    let here = sites.iter().filter(|site| site.listen == listen);
    here.count() == 1 && listen.ip.is_some() && !listen.tls
}

/// The addresses of a site's block.
fn addresses(site: &Site, strangers: &[Listen]) -> Vec<String> {
    if !strangers.contains(&site.listen) {
        return vec![address(&site.listen, "")];
    }
    let hosts = site.hosts.iter();
    hosts.map(|host| address(&site.listen, host)).collect()
}

/// One address of a block; without a host it stands for all that have no block of their own.
fn address(listen: &Listen, host: &str) -> String {
    match (listen.tls, listen.port) {
        (true, 443) => format!("https://{host}"),
        (true, port) => format!("https://{host}:{port}"),
        (false, 80) => format!("http://{host}"),
        (false, port) => format!("http://{host}:{port}"),
    }
}

/// The certificate, where Caddy can't get one by itself: an operator has one, or there is a wildcard.
fn own_certificate(site: &Site) -> Option<&Certificate> {
    let wildcard = site.hosts.iter().any(|host| host.starts_with('*'));
    let certificate = site.certificate.as_ref()?;
    (certificate.named || wildcard).then_some(certificate)
}
