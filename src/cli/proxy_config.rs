//! `doorward proxy-config`: what to write into the reverse proxy of this very installation.
//!
//! One file for each proxy, which fills a template of `templates/proxies/`; `installation` is what all of them are
//! filled with. The examples are what this prints for theirs. Must not read a key or open the database.

mod address;
mod caddy;
mod certificate;
mod envoy;
mod haproxy;
mod installation;
mod nginx;
mod site;
mod traefik;

use std::net::SocketAddr;

use anyhow::{Context, bail};
use askama::Template;
use clap::{Args, ValueEnum};

use super::print;
use crate::config::Config;
use address::{Address, DoorwardHost, Upstream};
use certificate::{Certificate, CertificatePath};
use installation::Installation;

pub(super) const EXAMPLES: &str = "\
Examples:
  doorward proxy-config nginx > /etc/nginx/conf.d/doorward.conf
  doorward proxy-config traefik --app shop --upstream 10.0.0.7:3000
  doorward proxy-config haproxy --file doorward.lua > /etc/haproxy/doorward.lua";

/// The proxies that Doorward can write a configuration for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Proxy {
    /// A file for `conf.d`
    Nginx,
    /// A file for the file provider
    Traefik,
    /// A Caddyfile
    Caddy,
    /// A configuration, with a Lua file
    Haproxy,
    /// A bootstrap configuration
    Envoy,
}

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Which reverse proxy
    #[arg(
        value_enum,
        hide_possible_values = true,
        value_name = "nginx|traefik|caddy|haproxy|envoy"
    )]
    proxy: Proxy,
    /// An app to write for; may be repeated [default: every app]
    #[arg(long = "app", value_name = "ID")]
    apps: Vec<String>,
    /// Where the proxy finds the app; may be repeated [default: the app's `upstream`, or 127.0.0.1:3000]
    #[arg(long = "upstream", value_name = "[ID=]HOST:PORT")]
    upstreams: Vec<Upstream>,
    /// Under which name or address the proxy reaches Doorward [default: the addresses that Doorward listens on]
    #[arg(long, value_name = "HOST")]
    doorward: Option<DoorwardHost>,
    /// Where the proxy listens [default: the port of the app's hosts: 443 for https, and 80 leads there; for loopback
    /// names 127.0.0.1:8000]
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = address::listen)]
    listen: Option<SocketAddr>,
    /// The certificate with its chain, for https [default: where certbot keeps that of the first host]
    #[arg(long, value_name = "FILE", requires = "certificate_key")]
    certificate: Option<CertificatePath>,
    /// The certificate's private key
    #[arg(long, value_name = "FILE", requires = "certificate")]
    certificate_key: Option<CertificatePath>,
    /// Print this file, where a proxy needs more than one
    #[arg(long, value_name = "NAME")]
    file: Option<String>,
}

/// A file that the proxy needs.
#[derive(Debug)]
struct File {
    name: &'static str,
    text: String,
}

impl File {
    fn new(name: &'static str, template: &impl Template) -> anyhow::Result<Self> {
        let text = template
            .render()
            .with_context(|| format!("{name} could not be written"))?;
        // A template loses its last line break.
        let text = format!("{}\n", text.trim_end());
        Ok(Self { name, text })
    }
}

/// Prints one file.
pub(super) fn run(arguments: &Arguments, config: &Config) -> anyhow::Result<()> {
    let installation =
        Installation::new(arguments, config).unwrap_or_else(|error| print::wrong_words(error));
    if arguments.doorward.is_none() {
        for listener in [config.server.listen, config.server.internal_listen] {
            if listener.ip().is_unspecified() {
                print::note(format!(
                    "Doorward listens on {listener}; this is for a proxy on the same machine, and --doorward HOST for another."
                ));
            }
        }
    }
    let files = match arguments.proxy {
        Proxy::Nginx => nginx::files(&installation),
        Proxy::Traefik => traefik::files(&installation),
        Proxy::Caddy => caddy::files(&installation),
        Proxy::Haproxy => haproxy::files(&installation),
        Proxy::Envoy => envoy::files(&installation),
    }?;
    let file =
        wanted(&files, arguments.file.as_deref()).unwrap_or_else(|error| print::wrong_words(error));
    Ok(print::block(file)?)
}

/// The file of this name, or the first.
fn wanted<'f>(files: &'f [File], name: Option<&str>) -> anyhow::Result<&'f str> {
    let file = match name {
        Some(name) => files.iter().find(|file| file.name == name),
        None => files.first(),
    };
    if let Some(file) = file {
        return Ok(&file.text);
    }
    let names: Vec<_> = files.iter().map(|file| file.name).collect();
    bail!("there is no such file; there is {}", names.join(", "))
}
