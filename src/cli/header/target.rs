//! The request that a header is bound to, as the visitor's browser names it.

use std::str::FromStr;

use clap::Args;
use doorward_verify::{Request, RequestError};

use crate::domain::host::{Origin, Scheme};

#[derive(Debug, Args)]
pub(super) struct Target {
    /// The method of the request, for an app with `request` binding
    #[arg(long, requires = "url")]
    method: Option<String>,
    /// The address of the request, for an app with `request` binding
    #[arg(long, requires = "method")]
    url: Option<Address>,
}

/// An absolute URL.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Address {
    origin: Origin,
    /// Path and query, as they go over the wire.
    uri: String,
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let scheme = text
            .find("://")
            .ok_or("a URL such as https://shop.example.com/orders is meant")?;
        let is_end = |(index, sign): &(usize, char)| *index > scheme + 2 && "/?#".contains(*sign);
        let end = text
            .char_indices()
            .find(is_end)
            .map_or(text.len(), |(index, _)| index);
        let (origin, rest) = text.split_at(end);
        let origin = Origin::parse(origin).map_err(|error| format!("its host {error}"))?;
        // A browser keeps the fragment to itself.
        let uri = rest.split('#').next().unwrap_or_default();
        let slash = if uri.starts_with('/') { "" } else { "/" };
        Ok(Self {
            origin,
            uri: format!("{slash}{uri}"),
        })
    }
}

impl Target {
    /// Whether a request was named.
    pub(super) const fn is_given(&self) -> bool {
        self.method.is_some()
    }

    /// The request in the form that is signed.
    pub(super) fn request(&self) -> Result<Option<Request<'_>>, RequestError> {
        let (Some(method), Some(Address { origin, uri })) = (&self.method, &self.url) else {
            return Ok(None);
        };
        let scheme = match origin.scheme() {
            Scheme::Http => doorward_verify::Scheme::Http,
            Scheme::Https => doorward_verify::Scheme::Https,
        };
        Request::new(scheme, method, &*origin.host(), uri).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(method: &str, url: &str) -> Result<Target, String> {
        Ok(Target {
            method: Some(method.to_owned()),
            url: Some(url.parse()?),
        })
    }

    #[test]
    fn a_url_is_taken_apart_as_a_browser_does() {
        for (url, host, uri) in [
            (
                "https://shop.example.com/orders?page=2#top",
                "shop.example.com",
                "/orders?page=2",
            ),
            ("https://Shop.Example.com:443", "shop.example.com", "/"),
            ("http://localhost:3000?q=a/b", "localhost:3000", "/?q=a/b"),
            ("https://[::1]:8443/%2e%2E//", "[::1]:8443", "/%2e%2E//"),
            ("https://bücher.example/", "xn--bcher-kva.example", "/"),
        ] {
            let target = target("get", url).unwrap();
            let request = target.request().unwrap().unwrap();
            assert_eq!(
                (request.method(), request.host(), request.uri()),
                ("GET", host, uri.as_bytes())
            );
        }
    }

    #[test]
    fn what_is_no_url_is_refused() {
        for bad in [
            "",
            "/orders",
            "shop.example.com/",
            "ftp://shop.example.com/",
            "https:///x",
            "https://a@b/",
        ] {
            assert!(target("GET", bad).is_err(), "{bad}");
        }
        assert!(
            target("GET", "https://shop.example.com/a b")
                .unwrap()
                .request()
                .is_err()
        );
        assert!(
            target("G T", "https://shop.example.com/")
                .unwrap()
                .request()
                .is_err()
        );
    }
}
