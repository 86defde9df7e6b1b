//! How each proxy asks, and what it does with an answer.

use super::case::Case;
use super::exchange::Subrequest;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proxy {
    Nginx,
    Haproxy,
    Traefik,
    Caddy,
    Envoy,
}

/// An endpoint of the internal listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) proxy: Proxy,
    pub(crate) pinned: bool,
}

/// All of them: each dialect by host and pinned, and Envoy's, which is always pinned.
pub(crate) const ENDPOINTS: [Endpoint; 9] = [
    Endpoint::by_host(Proxy::Nginx),
    Endpoint::by_host(Proxy::Haproxy),
    Endpoint::by_host(Proxy::Traefik),
    Endpoint::by_host(Proxy::Caddy),
    Endpoint::pinned(Proxy::Nginx),
    Endpoint::pinned(Proxy::Haproxy),
    Endpoint::pinned(Proxy::Traefik),
    Endpoint::pinned(Proxy::Caddy),
    Endpoint::pinned(Proxy::Envoy),
];

impl Proxy {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Haproxy => "haproxy",
            Self::Traefik => "traefik",
            Self::Caddy => "caddy",
            Self::Envoy => "envoy",
        }
    }

    /// Whether the visitor gets Doorward's answer as it is, and not one that the proxy makes.
    pub(crate) const fn passes_answers_on(self) -> bool {
        matches!(self, Self::Traefik | Self::Caddy | Self::Envoy)
    }

    /// The headers that describe the original request.
    pub(crate) const fn own_headers(self) -> &'static [&'static str] {
        match self {
            Self::Nginx | Self::Haproxy => &["X-Original-Method", "X-Original-URL"],
            Self::Traefik | Self::Caddy => &[
                "X-Forwarded-Method",
                "X-Forwarded-Proto",
                "X-Forwarded-Host",
                "X-Forwarded-Uri",
            ],
            Self::Envoy => &["Host"],
        }
    }
}

impl Endpoint {
    const fn by_host(proxy: Proxy) -> Self {
        let pinned = false;
        Self { proxy, pinned }
    }

    pub(crate) const fn pinned(proxy: Proxy) -> Self {
        let pinned = true;
        Self { proxy, pinned }
    }

    /// `/verify/<proxy>`, or with the app behind it.
    pub(crate) fn path(self, app: &str) -> String {
        let name = self.proxy.name();
        if self.pinned {
            format!("/verify/{name}/{app}")
        } else {
            format!("/verify/{name}")
        }
    }

    /// What the proxy would send. All of them pass the visitor's headers on; none sends a body.
    pub(crate) fn subrequest(self, case: &Case<'_>) -> Subrequest {
        let (scheme, host, uri) = case.parts();
        let path = self.path(case.app);
        let mut request = Subrequest {
            method: "GET".to_owned(),
            target: path.clone(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        request = match self.proxy {
            Proxy::Nginx | Proxy::Haproxy => request
                .with("Host", "doorward.internal:8081")
                .with("X-Original-Method", case.method)
                .with("X-Original-URL", case.url),
            Proxy::Traefik | Proxy::Caddy => request
                .with("Host", "doorward.internal:8081")
                .with("X-Forwarded-Method", case.method)
                .with("X-Forwarded-Proto", scheme)
                .with("X-Forwarded-Host", host)
                .with("X-Forwarded-Uri", uri),
            Proxy::Envoy => {
                request.method = case.method.to_owned();
                request.target = format!("{path}{uri}");
                request.with("Host", host)
            }
        };
        let given = case.headers.iter();
        let given = given.map(|(name, value)| (*name, value.as_str()));
        for (name, value) in case.browser.headers().iter().copied().chain(given) {
            request = request.with(name, value);
        }
        request
    }
}
