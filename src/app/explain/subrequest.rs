//! What each proxy sends about a visitor's request, byte for byte.
//!
//! Written by hand: an HTTP library would repair the paths that matter most. The parts must be free of line breaks.

use super::Asked;
use crate::domain::ids::AppId;

/// A proxy that can ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proxy {
    /// `auth_request`.
    Nginx,
    /// A Lua action.
    Haproxy,
    /// ForwardAuth.
    Traefik,
    /// `forward_auth`.
    Caddy,
    /// `ext_authz` over HTTP.
    Envoy,
}

/// How a visitor comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    /// A browser that shows the answer.
    Navigation,
    /// A browser that sends a form and shows the answer.
    Form,
    /// `fetch`, or a program.
    Script,
    /// The handshake of a WebSocket.
    WebSocket,
}

const HTML: &str = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n";

impl Proxy {
    /// Every one.
    pub const ALL: [Self; 5] = [
        Self::Nginx,
        Self::Haproxy,
        Self::Traefik,
        Self::Caddy,
        Self::Envoy,
    ];

    /// Its name, as in `/verify/<name>`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Haproxy => "haproxy",
            Self::Traefik => "traefik",
            Self::Caddy => "caddy",
            Self::Envoy => "envoy",
        }
    }

    /// The whole subrequest.
    pub(super) fn subrequest(
        self,
        asked: &Asked,
        pinned: Option<&AppId>,
        (visit, cookie): (Visit, Option<&str>),
    ) -> String {
        let Asked {
            method,
            scheme,
            host,
            uri,
        } = asked;
        let app = pinned.map(|app| format!("/{app}")).unwrap_or_default();
        let endpoint = format!("/verify/{}{app}", self.name());
        let described = match self {
            Self::Nginx | Self::Haproxy => format!(
                "GET {endpoint} HTTP/1.1\r\nHost: doorward\r\n\
                 X-Original-Method: {method}\r\nX-Original-URL: {scheme}://{host}{uri}\r\n"
            ),
            Self::Traefik | Self::Caddy => format!(
                "GET {endpoint} HTTP/1.1\r\nHost: doorward\r\n\
                 X-Forwarded-Method: {method}\r\nX-Forwarded-Proto: {scheme}\r\n\
                 X-Forwarded-Host: {host}\r\nX-Forwarded-Uri: {uri}\r\n"
            ),
            Self::Envoy => format!("{method} {endpoint}{uri} HTTP/1.1\r\nHost: {host}\r\n"),
        };
        let own = visit.headers();
        let cookie = cookie.map(|pair| format!("Cookie: {pair}\r\n"));
        let cookie = cookie.unwrap_or_default();
        format!("{described}{own}{cookie}Connection: close\r\n\r\n")
    }
}

impl Visit {
    /// The ways in which a request with this method comes, that of people first.
    #[must_use]
    pub fn with(method: &crate::domain::access::Method) -> &'static [Self] {
        match method.as_str() {
            "GET" => &[Self::Navigation, Self::Script, Self::WebSocket],
            "HEAD" => &[Self::Navigation, Self::Script],
            "POST" => &[Self::Form, Self::Script],
            _ => &[Self::Script],
        }
    }

    /// What it says of itself.
    fn headers(self) -> String {
        match self {
            Self::Navigation => format!(
                "{HTML}Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Site: none\r\n"
            ),
            Self::Form => format!(
                "{HTML}Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Site: same-origin\r\n"
            ),
            Self::Script => "Accept: */*\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n\
                 Sec-Fetch-Site: same-origin\r\n"
                .to_owned(),
            Self::WebSocket => {
                "Accept: */*\r\nSec-Fetch-Mode: websocket\r\nSec-Fetch-Dest: websocket\r\n\
                 Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                    .to_owned()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::Method;

    #[test]
    fn threat_08_the_path_goes_over_the_wire_as_it_was_given() {
        let asked = Asked {
            method: Method::parse("POST").unwrap(),
            scheme: "https".to_owned(),
            host: "shop.example.com:8443".to_owned(),
            uri: r"/a\..;x/%2f//b?c=\d".to_owned(),
        };
        let app = "shop".parse().unwrap();
        let line = |proxy: Proxy, begin: &str| {
            let bytes = proxy.subrequest(&asked, Some(&app), (Visit::Form, Some("SESSION=x")));
            assert!(bytes.ends_with("\r\nCookie: SESSION=x\r\nConnection: close\r\n\r\n"));
            let found = bytes.split("\r\n").find(|line| line.starts_with(begin));
            found.unwrap().to_owned()
        };
        let url = r"X-Original-URL: https://shop.example.com:8443/a\..;x/%2f//b?c=\d";
        assert_eq!(line(Proxy::Nginx, "GET"), "GET /verify/nginx/shop HTTP/1.1");
        assert_eq!(line(Proxy::Haproxy, "X-Original-URL"), url);
        assert_eq!(
            line(Proxy::Caddy, "X-Forwarded-Uri"),
            r"X-Forwarded-Uri: /a\..;x/%2f//b?c=\d"
        );
        assert_eq!(
            line(Proxy::Envoy, "POST"),
            r"POST /verify/envoy/shop/a\..;x/%2f//b?c=\d HTTP/1.1"
        );
    }
}
