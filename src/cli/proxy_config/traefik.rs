//! Traefik, with `forwardAuth`.
//!
//! `doorward.yaml` is for the file provider; `traefik.yaml` is what Traefik is started with. Traefik answers 500 when it
//! can't reach the server that `forwardAuth` names. So it asks by an entry point of its own, where that can become a 503.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use askama::Template;

use super::certificate::Certificate;
use super::installation::Installation;
use super::site::{AppRoute, Listen, Site};
use super::{Address, File};

/// The port of plain HTTP, which leads to https.
const HTTP: u16 = 80;

#[derive(Debug, Template)]
#[template(path = "proxies/traefik/doorward.yaml", escape = "none")]
struct DoorwardYaml<'i> {
    apps: &'i [AppRoute],
    sites: Vec<Routed<'i>>,
    pages: &'i Address,
    internal: &'i Address,
    base_path: String,
    certificates: Vec<&'i Certificate>,
    /// The rule of what plain HTTP leads away from.
    redirected: Option<String>,
    /// The entry point of plain HTTP.
    web: String,
    ask: SocketAddr,
}

#[derive(Debug, Template)]
#[template(path = "proxies/traefik/traefik.yaml", escape = "none")]
struct TraefikYaml {
    entry_points: Vec<EntryPoint>,
    ask: SocketAddr,
}

/// A site and how requests get there.
#[derive(Debug)]
struct Routed<'i> {
    site: &'i Site,
    rule: String,
    entry_point: String,
}

/// An address that Traefik listens on.
#[derive(Debug)]
struct EntryPoint {
    name: String,
    address: String,
    port: u16,
}

pub(super) fn files(installation: &Installation) -> anyhow::Result<Vec<File>> {
    let entry_points = entry_points(installation);
    let ask = ask(installation);
    let name = |port| {
        let mut named = entry_points.iter().filter(|entry| entry.port == port);
        named
            .next()
            .map(|entry| entry.name.clone())
            .unwrap_or_default()
    };
    let routed = |site| Routed {
        site,
        rule: rule(&site.hosts),
        entry_point: name(site.listen.port),
    };
    let redirected = installation.redirected();
    let hosts: Vec<_> = redirected
        .iter()
        .flat_map(|site| site.hosts.clone())
        .collect();
    let doorward = DoorwardYaml {
        apps: &installation.apps,
        sites: installation.sites.iter().map(routed).collect(),
        pages: &installation.pages,
        internal: &installation.internal,
        base_path: installation.base_path_pattern(),
        certificates: certificates(installation),
        redirected: (!hosts.is_empty()).then(|| rule(&hosts)),
        web: name(HTTP),
        ask,
    };
    Ok(vec![
        File::new("doorward.yaml", &doorward)?,
        File::new("traefik.yaml", &TraefikYaml { entry_points, ask })?,
    ])
}

impl Routed<'_> {
    fn tls(&self) -> bool {
        self.site.listen.tls
    }
}

/// The rule that one of these hosts was asked for, on any port.
fn rule(hosts: &[String]) -> String {
    let matchers = hosts.iter().map(|host| {
        let name = host.trim_start_matches('[').trim_end_matches(']');
        format!("Host(`{name}`)")
    });
    let matchers: Vec<_> = matchers.collect();
    match &matchers[..] {
        [matcher] => matcher.clone(),
        _ => format!("({})", matchers.join(" || ")),
    }
}

/// One for each port; `web` and `websecure` are the names that Traefik's own documentation uses.
fn entry_points(installation: &Installation) -> Vec<EntryPoint> {
    let mut listeners = installation.listeners();
    let plain = Listen {
        ip: None,
        port: HTTP,
        tls: false,
    };
    if !installation.redirected().is_empty() && !listeners.contains(&plain) {
        listeners.insert(0, plain);
    }
    let mut entry_points: Vec<EntryPoint> = Vec::new();
    for listen in &listeners {
        let same_port = || listeners.iter().filter(|other| other.port == listen.port);
        if entry_points.iter().any(|entry| entry.port == listen.port) {
            continue;
        }
        let usual = if listen.tls { "websecure" } else { "web" };
        let taken = entry_points.iter().any(|entry| entry.name == usual);
        let everywhere = same_port().any(|other| other.ip != listen.ip);
        let ip = listen.ip.filter(|_| !everywhere);
        entry_points.push(EntryPoint {
            name: if taken {
                format!("{usual}-{}", listen.port)
            } else {
                usual.to_owned()
            },
            address: ip.map_or_else(
                || format!(":{}", listen.port),
                |ip| SocketAddr::new(ip, listen.port).to_string(),
            ),
            port: listen.port,
        });
    }
    entry_points
}

/// Where Traefik listens for its own questions: on loopback, on the first port behind Doorward's that nobody here uses.
fn ask(installation: &Installation) -> SocketAddr {
    let listeners = installation.listeners();
    let apps = installation.apps.iter().map(|app| app.upstream.port);
    let used: Vec<_> = apps
        .chain(listeners.iter().map(|listen| listen.port))
        .chain([installation.pages.port, installation.internal.port])
        .collect();
    let mut behind = (installation.internal.port..=u16::MAX).chain(1024..=u16::MAX);
    let port = behind.find(|port| !used.contains(port));
    SocketAddr::new(
        IpAddr::V4(Ipv4Addr::LOCALHOST),
        port.unwrap_or(installation.internal.port),
    )
}

/// Each certificate once.
fn certificates(installation: &Installation) -> Vec<&Certificate> {
    let mut certificates: Vec<&Certificate> = Vec::new();
    for certificate in installation
        .sites
        .iter()
        .filter_map(|site| site.certificate.as_ref())
    {
        if !certificates.contains(&certificate) {
            certificates.push(certificate);
        }
    }
    certificates
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the routers that match, Traefik takes the one with the longest rule.
    #[test]
    fn the_pages_come_before_websockets_and_both_before_the_app() {
        let template = include_str!("../../../templates/proxies/traefik/doorward.yaml");
        let length = |router: &str| {
            let (_, rest) = template.split_once(router).unwrap();
            rest.lines()
                .nth(1)
                .unwrap()
                .replace("{{ base_path }}", "")
                .len()
        };
        let of = |kind: &str| length(&format!("    {kind}-{{{{ site.site.name }}}}:"));
        assert!(of("pages") > of("websocket"));
        assert!(of("websocket") > of("app"));
    }

    #[test]
    fn a_rule_names_every_host() {
        let rule =
            |hosts: &[&str]| rule(&hosts.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(rule(&["shop.example.com"]), "Host(`shop.example.com`)");
        assert_eq!(
            rule(&["*.example.com", "[::1]"]),
            "(Host(`*.example.com`) || Host(`::1`))"
        );
    }
}
