//! Clients that follow nothing, keep nothing and find every name on this machine.

use std::future::ready;
use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Certificate, Client, redirect};

use crate::support::tls;

/// In which version of HTTP a visitor asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    Http1,
    /// Over TLS alone.
    Http2,
}

pub(super) static HTTP1: LazyLock<Client> = LazyLock::new(|| client(Version::Http1));
pub(super) static HTTP2: LazyLock<Client> = LazyLock::new(|| client(Version::Http2));

/// Shared by tests that each have a runtime of their own, so no connection may outlive its request.
fn client(version: Version) -> Client {
    let certificate = Certificate::from_pem(tls::certificate().as_bytes());
    let client = Client::builder()
        .redirect(redirect::Policy::none())
        .pool_max_idle_per_host(0)
        .no_proxy()
        .timeout(Duration::from_secs(30))
        .dns_resolver(Loopback)
        .tls_certs_only([certificate.expect("our own")]);
    let client = match version {
        Version::Http1 => client.http1_only(),
        Version::Http2 => client.http2_prior_knowledge(),
    };
    client.build().expect("a client")
}

/// Every name is this machine.
struct Loopback;

impl Resolve for Loopback {
    fn resolve(&self, _: Name) -> Resolving {
        let here: Addrs = Box::new([SocketAddr::from(([127, 0, 0, 1], 0))].into_iter());
        Box::pin(ready(Ok(here)))
    }
}
