//! Where proxies by their nature answer differently: each difference, as data.

use super::site::{Front, Protocol};
use crate::support::proxy::Kind;

impl Front {
    /// What a request for a host that is not the app's gets: Doorward's answer, or that of a proxy whose routes name hosts
    /// and that has none for it.
    pub(super) fn unknown_host(self) -> u16 {
        match self.proxy {
            Kind::Traefik => 404,
            Kind::Caddy if self.has_tls() => 421,
            _ => 403,
        }
    }

    /// What a path that is denied, or can't be read, gets. nginx answers by itself what has a NUL or leads above the root.
    pub(super) fn denied_path(self, path: &str) -> u16 {
        let unreadable = path.contains("%00") || path.contains("//../../");
        if self.proxy == Kind::Nginx && unreadable {
            400
        } else {
            403
        }
    }

    /// What a target gets that is no path at all. 0 is a stream that is ended without an answer, as HTTP/2 has it for
    /// malformed requests.
    pub(super) fn no_path(self, target: &str) -> u16 {
        match (self.proxy, self.protocol, target) {
            (Kind::Nginx, Protocol::Http2, _) | (Kind::Haproxy, Protocol::Http2, "*") => 400,
            (Kind::Envoy | Kind::Haproxy, Protocol::Http2, _) => 0,
            (Kind::Traefik | Kind::Caddy, _, "*") => 403,
            _ if target.starts_with("http") => 403,
            (_, Protocol::Http2, _) => 0,
            _ => 400,
        }
    }

    /// What the app's host gets with the dot of a complete name. It is the same host; Caddy's routes do not know it so.
    pub(super) fn host_with_a_dot(self) -> u16 {
        match self.proxy {
            Kind::Caddy if self.has_tls() => 421,
            _ => 200,
        }
    }

    /// What a path gets that resembles those of Doorward's pages, and leads to nothing of the app's without a session.
    /// Traefik's routes know two of them as the sign-in page.
    pub(super) fn beside_the_pages(self, path: &str) -> &'static [u16] {
        match (self.proxy, path) {
            (Kind::Traefik, "/%6cogin" | "//login") => &[200],
            (Kind::Nginx, _) => &[302, 400, 404],
            _ => &[302, 403, 404],
        }
    }

    /// Whether a request goes on to the app where Doorward's place is taken by something that says yes and names nobody.
    pub(super) fn passes_a_yes_for_nobody(self) -> bool {
        matches!(self.proxy, Kind::Nginx | Kind::Traefik | Kind::Envoy)
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
