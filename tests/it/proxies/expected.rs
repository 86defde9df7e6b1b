//! Where proxies by their nature answer differently: each difference, as data.

use super::site::{Front, Protocol};
use crate::support::proxy::Kind;

impl Front {
    /// What a request for a host that is not the app's gets. A proxy whose routes name hosts has none for it.
    pub(super) fn unknown_host(self) -> &'static [u16] {
        match (self.proxy, self.has_tls()) {
            (Kind::Nginx, false) => &[403],
            _ => &[403, 404, 421],
        }
    }

    /// What a path that is denied, or can't be read, gets. 0 is a stream that is ended without an answer, as HTTP/2 has
    /// it for malformed requests.
    pub(super) fn denied_path(self) -> &'static [u16] {
        if self.protocol == Protocol::Http2 {
            &[400, 403, 0]
        } else {
            &[400, 403]
        }
    }

    /// What a target gets that is no path at all.
    pub(super) fn no_path(self) -> &'static [u16] {
        match self.protocol {
            Protocol::Http2 => &[400, 403, 404, 0],
            _ => &[400, 403, 404],
        }
    }

    /// What the app's host gets in capitals, or with the dot of a complete name. It is the same host; a proxy that
    /// does not know it under that spelling may refuse it.
    pub(super) fn other_spellings_of_the_host(self) -> &'static [u16] {
        match self.proxy {
            Kind::Nginx => &[200],
            _ => &[200, 400, 403, 404, 421],
        }
    }

    /// What the app gets of its own cookies `a=1` and `b=2` where four of the sessions' are among them: nginx takes out
    /// three, and where there are more it sends no cookie at all.
    pub(super) fn own_of_many_cookies(self) -> &'static [&'static str] {
        match self.proxy {
            Kind::Nginx => &[],
            _ => &["a=1", "b=2"],
        }
    }

    /// Whether the body of Doorward's 401 reaches the visitor.
    pub(super) fn passes_problems(self) -> bool {
        matches!(self.proxy, Kind::Traefik | Kind::Caddy | Kind::Envoy)
    }

    /// How many header lines a request may have.
    pub(super) fn header_lines(self) -> usize {
        match self.proxy {
            Kind::Nginx => 200,
            _ => 90,
        }
    }

    /// How large an upload may be without a word in the configuration.
    pub(super) fn upload(self) -> usize {
        match self.proxy {
            Kind::Nginx => 1_000_000,
            _ => 5_000_000,
        }
    }

    /// Whether the app sees a path as it was sent. Traefik writes escapes in capitals, before it asks.
    pub(super) fn leaves_escapes_alone(self) -> bool {
        self.proxy != Kind::Traefik
    }
}
