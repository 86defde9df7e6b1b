//! nginx, with `auth_request`.
//!
//! `doorward.conf` is for the http block that a packaged nginx fills from `conf.d`; `nginx.conf` is the rest of it.

use askama::Template;

use super::installation::Installation;
use super::site::{AppRoute, Listen};
use super::{Address, File};

#[derive(Debug, Template)]
#[template(path = "proxies/nginx/doorward.conf", escape = "none")]
struct DoorwardConf<'i> {
    installation: &'i Installation,
    apps: &'i [AppRoute],
    pages: &'i Address,
    internal: &'i Address,
    base_path: String,
    cookie: String,
}

#[derive(Debug, Template)]
#[template(path = "proxies/nginx/nginx.conf", escape = "none")]
struct NginxConf;

pub(super) fn files(installation: &Installation) -> anyhow::Result<Vec<File>> {
    let doorward = DoorwardConf {
        installation,
        apps: &installation.apps,
        pages: &installation.pages,
        internal: &installation.internal,
        base_path: installation.base_path_pattern(),
        cookie: installation.cookie_pattern(),
    };
    Ok(vec![
        File::new("doorward.conf", &doorward)?,
        File::new("nginx.conf", &NginxConf)?,
    ])
}

/// The parameters of the `listen` directives: both families where it listens on all addresses.
fn listens(listen: &Listen) -> Vec<String> {
    let tls = if listen.tls { " ssl http2" } else { "" };
    let mut listens = vec![format!("{}{tls}", listen.short())];
    if listen.ip.is_none() {
        listens.push(format!("[::]:{}{tls}", listen.port));
    }
    listens
}
