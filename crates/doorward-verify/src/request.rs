//! The canonical form of a request, for apps that chose request binding.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

/// The scheme the visitor used.
///
/// Behind a proxy that ends TLS this is a setting of the app, not the scheme of the inner
/// connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Default port 80.
    Http,
    /// Default port 443.
    Https,
}

impl Scheme {
    const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl FromStr for Scheme {
    type Err = RequestError;

    /// `http` or `https`, in lower case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "http" => Ok(Self::Http),
            "https" => Ok(Self::Https),
            _ => Err(RequestError::Scheme),
        }
    }
}

/// A request in the canonical form that request binding signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request<'a> {
    method: String,
    host: String,
    uri: &'a [u8],
}

impl<'a> Request<'a> {
    /// The canonical form of a request as it was received.
    ///
    /// - `method` is put to upper case. `CONNECT` becomes `GET`, because a WebSocket over HTTP/2 is
    ///   an extended CONNECT (RFC 8441) on one side of a proxy and a GET on the other.
    /// - `host` is the `Host` header, or `:authority` in HTTP/2. It is put to lower case and loses
    ///   one trailing dot and the default port of `scheme`. Names are ASCII, as on the wire; an
    ///   IPv6 address stands in brackets and stays as written.
    /// - `uri` is path and query, byte for byte as received; `http::uri::PathAndQuery::as_str`, not
    ///   a decoded or routed path.
    ///
    /// ```
    /// use doorward_verify::{Request, Scheme};
    ///
    /// let request = Request::new(Scheme::Https, "get", "Shop.Example:443", "/orders?page=2")?;
    /// assert_eq!((request.method(), request.host()), ("GET", "shop.example"));
    /// assert_eq!(request.uri(), b"/orders?page=2");
    /// # Ok::<(), doorward_verify::RequestError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`RequestError`] names the part that has no canonical form. No part can hold a line break,
    /// so that no two requests are signed as the same text.
    pub fn new(
        scheme: Scheme,
        method: &(impl AsRef<[u8]> + ?Sized),
        host: &(impl AsRef<[u8]> + ?Sized),
        uri: &'a (impl AsRef<[u8]> + ?Sized),
    ) -> Result<Self, RequestError> {
        let uri = uri.as_ref();
        Ok(Self {
            method: canonical_method(method.as_ref()).ok_or(RequestError::Method)?,
            host: canonical_host(scheme, host.as_ref()).ok_or(RequestError::Host)?,
            uri: is_origin_form(uri)
                .then_some(uri)
                .ok_or(RequestError::Uri)?,
        })
    }

    /// The method in upper case; never `CONNECT`.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The host, with its port unless that is the default one.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Path and query as received.
    #[must_use]
    pub fn uri(&self) -> &[u8] {
        self.uri
    }
}

fn canonical_method(method: &[u8]) -> Option<String> {
    // RFC 9110 section 5.6.2, token.
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    if method.is_empty() || !method.iter().all(is_token) {
        return None;
    }
    let upper = String::from_utf8(method.to_ascii_uppercase()).ok()?;
    Some(if upper == "CONNECT" {
        "GET".to_owned()
    } else {
        upper
    })
}

fn canonical_host(scheme: Scheme, host: &[u8]) -> Option<String> {
    let host = String::from_utf8(host.to_ascii_lowercase()).ok()?;
    let (name, port) = if host.starts_with('[') {
        let (address, port) = host.split_at_checked(host.find(']')? + 1)?;
        let inner = address.strip_prefix('[')?.strip_suffix(']')?;
        inner.parse::<Ipv6Addr>().ok()?;
        let port = if port.is_empty() {
            None
        } else {
            Some(port.strip_prefix(':')?)
        };
        (address, port)
    } else {
        let (name, port) = host
            .split_once(':')
            .map_or((host.as_str(), None), |(name, port)| (name, Some(port)));
        let name = name.strip_suffix('.').unwrap_or(name);
        if !name.split('.').all(is_label) {
            return None;
        }
        (name, port)
    };
    match port.map(parse_port) {
        None => Some(name.to_owned()),
        Some(port) => match port? {
            port if port == scheme.default_port() => Some(name.to_owned()),
            port => Some(format!("{name}:{port}")),
        },
    }
}

fn is_label(label: &str) -> bool {
    let allowed = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_')
    };
    !label.is_empty() && label.bytes().all(allowed)
}

fn parse_port(text: &str) -> Option<u16> {
    let plain = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// RFC 9112 section 3.2.1, as loosely as servers pass it on: it begins with a slash and has no
/// space or control character.
fn is_origin_form(uri: &[u8]) -> bool {
    uri.first() == Some(&b'/') && !uri.iter().any(|byte| *byte <= b' ' || *byte == 0x7F)
}

/// Why a request cannot be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestError {
    /// The verifier expects request binding, but was given no request.
    Missing,
    /// The scheme is not `http` or `https`.
    Scheme,
    /// The method is empty or not a token.
    Method,
    /// The host is no name or address with an optional port.
    Host,
    /// The uri does not begin with a slash, or has a space or a control character.
    Uri,
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => {
                "this app expects request binding, but the verifier was given no request"
            }
            Self::Scheme => "the scheme is not http or https",
            Self::Method => "the method is no token",
            Self::Host => "the host is no name or address with an optional port",
            Self::Uri => "the uri is not a path with an optional query",
        })
    }
}

impl std::error::Error for RequestError {}
