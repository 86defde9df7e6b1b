//! The request that a visitor made, as the proxy reports it.
//!
//! Every doubt is a refusal: a request that can be read in two ways is answered like one that may not pass. Must not
//! know from which headers the parts came.

use crate::domain::access::Method;
use crate::domain::host::{Authority, Scheme};
use crate::domain::path::RequestPath;

/// The longest URI that is judged, in bytes.
pub const MAX_URI: usize = 16 * 1024;

/// Why a reported request can't be judged. The words are for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// The URL is not `http(s)://host/path`.
    #[error("the original URL is not an absolute http or https URL")]
    Url,
    /// The scheme is neither of the two.
    #[error("the original scheme is neither http nor https")]
    Scheme,
    /// The method is no token.
    #[error("the original method is malformed")]
    Method,
    /// The host is malformed.
    #[error("the original host is malformed")]
    Host,
    /// The URI is too long, or holds a character that no URI may hold.
    #[error("the original URI is malformed")]
    Uri,
    /// The path can't be read with certainty.
    #[error("the original path is malformed or ambiguous")]
    Path,
}

/// A visitor's request.
#[derive(Debug, Clone)]
pub struct OriginalRequest<'r> {
    method: Method,
    authority: Authority,
    path: RequestPath<'r>,
    uri: &'r str,
}

impl<'r> OriginalRequest<'r> {
    /// From a method, a `host[:port]` and a URI in origin form (path and query, byte for byte).
    ///
    /// # Errors
    ///
    /// When any part is malformed or can be read in several ways.
    pub fn new(method: &str, host: &str, uri: &'r str) -> Result<Self, Unreadable> {
        let clean = |byte: u8| byte.is_ascii_graphic() && byte != b'#';
        if uri.len() > MAX_URI || !uri.bytes().all(clean) {
            return Err(Unreadable::Uri);
        }
        let path = before(uri, b'?').unwrap_or(uri);
        Ok(Self {
            method: Method::parse(method)
                .map_err(|_| Unreadable::Method)?
                .canonical(),
            authority: Authority::parse(host).map_err(|_| Unreadable::Host)?,
            path: RequestPath::parse(path).map_err(|_| Unreadable::Path)?,
            uri,
        })
    }

    /// From a method and an absolute URL.
    ///
    /// # Errors
    ///
    /// As [`OriginalRequest::new`], and when the URL has no `http` or `https` scheme or no path.
    pub fn from_url(method: &str, url: &'r str) -> Result<Self, Unreadable> {
        let scheme = before(url, b':').ok_or(Unreadable::Url)?;
        let rest = url.get(scheme.len()..).unwrap_or_default();
        let rest = rest.strip_prefix("://").ok_or(Unreadable::Url)?;
        scheme_of(scheme)?;
        let host = before(rest, b'/').ok_or(Unreadable::Url)?;
        let uri = rest.get(host.len()..).unwrap_or_default();
        Self::new(method, host, uri)
    }

    /// The method, an extended CONNECT as GET.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The host that was asked for.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The path, in every reading.
    #[must_use]
    pub fn path(&self) -> &RequestPath<'r> {
        &self.path
    }

    /// Path and query, byte for byte as they were reported.
    #[must_use]
    pub fn uri(&self) -> &'r str {
        self.uri
    }
}

/// All before the first `mark`, which is ASCII. On texts as short as these a plain look at each byte is the quickest.
fn before(text: &str, mark: u8) -> Option<&str> {
    let end = text.bytes().position(|byte| byte == mark)?;
    text.get(..end)
}

/// The scheme that a proxy reports. WebSocket schemes count as what they run on. It is checked and then ignored: the
/// configuration says which scheme an app has.
///
/// # Errors
///
/// For anything else.
pub fn scheme_of(word: &str) -> Result<Scheme, Unreadable> {
    let is = |scheme: &str| word.eq_ignore_ascii_case(scheme);
    if is("https") || is("wss") {
        Ok(Scheme::Https)
    } else if is("http") || is("ws") {
        Ok(Scheme::Http)
    } else {
        Err(Unreadable::Scheme)
    }
}
