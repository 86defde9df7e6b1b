//! Which question a target asks: `/verify/<dialect>`, or `/verify/<dialect>/{app}` to pin the app.
//!
//! Must not decode anything: a path that is spelled differently is another path.

use axum::http::Uri;

use super::{BY_HEADERS, Dialect, envoy};

/// What is asked, and by whom.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct Endpoint<'u> {
    /// How the proxy asks and is answered.
    pub(super) dialect: &'static Dialect,
    /// The app in the path.
    pub(super) pinned: Option<&'u str>,
}

impl<'u> Endpoint<'u> {
    /// The endpoint at this target, if there is one.
    pub(in crate::http) fn of(target: &'u Uri) -> Option<Self> {
        let rest = target.path().strip_prefix("/verify/")?;
        let (name, behind) = match rest.split_once('/') {
            Some((name, behind)) => (name, Some(behind)),
            None => (rest, None),
        };
        if name == envoy::DIALECT.name {
            return Some(Self {
                dialect: &envoy::DIALECT,
                pinned: envoy::pinned(target),
            });
        }
        let dialect = BY_HEADERS
            .into_iter()
            .find(|dialect| dialect.name == name)?;
        Some(Self {
            dialect,
            pinned: behind,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(target: &str) -> Option<(&'static str, Option<String>)> {
        let target = target.parse().unwrap();
        let endpoint = Endpoint::of(&target)?;
        let pinned = endpoint.pinned.map(ToOwned::to_owned);
        Some((endpoint.dialect.name, pinned))
    }

    fn pinned(app: &str) -> Option<String> {
        Some(app.to_owned())
    }

    #[test]
    fn an_endpoint_is_a_dialect_and_perhaps_an_app() {
        for name in ["nginx", "haproxy", "traefik", "caddy"] {
            assert_eq!(of(&format!("/verify/{name}")), Some((name, None)));
            assert_eq!(of(&format!("/verify/{name}?x=/y")), Some((name, None)));
            assert_eq!(of(&format!("/verify/{name}/")), Some((name, pinned(""))));
            assert_eq!(
                of(&format!("/verify/{name}/shop?x")),
                Some((name, pinned("shop")))
            );
            assert_eq!(
                of(&format!("/verify/{name}//a/b%2f")),
                Some((name, pinned("/a/b%2f")))
            );
        }
    }

    #[test]
    fn behind_envoys_app_is_the_visitors_path() {
        assert_eq!(of("/verify/envoy"), Some(("envoy", None)));
        assert_eq!(of("/verify/envoy/"), Some(("envoy", None)));
        assert_eq!(of("/verify/envoy//shop"), Some(("envoy", None)));
        for behind in ["", "/", "//x", "?q", "/%2e%2e/verify/envoy/other"] {
            let target = format!("/verify/envoy/shop{behind}");
            assert_eq!(of(&target), Some(("envoy", pinned("shop"))), "{target}");
        }
    }

    #[test]
    fn everything_else_is_none() {
        for target in [
            "/",
            "*",
            "/verify",
            "/verify/",
            "/verify//nginx",
            "//verify/nginx",
            "/Verify/nginx",
            "/verify/Nginx",
            "/verify/nginxx",
            "/verify/%6eginx",
            "/verify%2fnginx",
            "/verify/nginx%2fshop",
            "/x/verify/nginx",
            "/verify/../verify/nginx",
            "verify.example:80",
        ] {
            assert_eq!(of(target), None, "{target}");
        }
    }
}
