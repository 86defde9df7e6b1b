//! The session cookie: its name and attributes, and the candidates that a request brings.
//!
//! On https it is `__Host-` (bound to one host), or `__Secure-` where a pool shares it below one domain. See RFC 6265bis,
//! section 4.1.3. Must not know whether a session is alive.

use std::fmt;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use smallvec::SmallVec;

use crate::domain::app::{App, Realm};
use crate::domain::host::{HostEntry, Scheme};
use crate::services::sessions::Token;

/// The most values of one request that are kept. Fewer are looked up; all of them end with a sign-out or a new sign-in.
const MAX_PRESENTED: usize = 16;

/// The session cookie of one app at one of its hosts.
#[derive(Debug, Clone)]
pub(super) struct SessionCookie {
    name: String,
    prefix: &'static str,
    secure: bool,
    domain: Option<String>,
}

/// The cookie's name alone, in its two parts.
#[derive(Debug, Clone, Copy)]
pub(super) struct CookieName<'n> {
    prefix: &'static str,
    base: &'n str,
}

/// What a request's `Cookie` header lines hold under the session cookie's name.
#[derive(Debug, Clone, Default)]
pub(super) struct Presented {
    /// The first few well-formed values, each once.
    pub(super) tokens: SmallVec<[Token; 4]>,
    /// Whether the name was there at all, with whatever value.
    pub(super) any: bool,
}

/// The values of the cookies of this name that are text, in the order of the request.
pub(super) fn values<'h>(headers: &'h HeaderMap, name: &'h str) -> impl Iterator<Item = &'h str> {
    let lines = headers.get_all(header::COOKIE).iter();
    let pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    pairs.filter_map(move |pair| {
        let (found, value) = std::str::from_utf8(pair).ok()?.split_once('=')?;
        (found.trim() == name).then(|| value.trim())
    })
}

impl<'n> CookieName<'n> {
    /// What the cookie of `app` is called at the host that matched `entry`.
    pub(super) fn of(base: &'n str, app: &App, entry: &HostEntry) -> Self {
        let prefix = match (entry.scheme(), &app.realm) {
            (Scheme::Https, Realm::Own) => "__Host-",
            (Scheme::Https, Realm::Shared(_)) => "__Secure-",
            (Scheme::Http, _) => "",
        };
        Self { prefix, base }
    }

    /// The candidates in a request.
    pub(super) fn presented(self, headers: &HeaderMap) -> Presented {
        let mut presented = Presented::default();
        for line in headers.get_all(header::COOKIE) {
            let pairs = line.as_bytes().split(|byte| *byte == b';');
            for value in pairs.filter_map(|pair| self.value_in(pair)) {
                presented.any = true;
                let text = std::str::from_utf8(value).ok();
                let Some(token) = text.and_then(|text| text.parse().ok()) else {
                    continue;
                };
                if presented.tokens.len() < MAX_PRESENTED && !presented.tokens.contains(&token) {
                    presented.tokens.push(token);
                }
            }
        }
        presented
    }

    /// The value of a pair under our name. Other cookies are the app's, and need not even be text.
    fn value_in<'p>(&self, pair: &'p [u8]) -> Option<&'p [u8]> {
        let end = pair.iter().position(|byte| *byte == b'=')?;
        let (name, value) = (pair.get(..end)?, pair.get(end + 1..)?);
        let base = name.trim_ascii().strip_prefix(self.prefix.as_bytes())?;
        (base == self.base.as_bytes()).then(|| value.trim_ascii())
    }
}

impl fmt::Display for CookieName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.prefix, self.base)
    }
}

impl SessionCookie {
    /// The cookie of `app` at the host that matched `entry`.
    pub(super) fn new(base_name: &str, app: &App, entry: &HostEntry) -> Self {
        let secure = entry.scheme() == Scheme::Https;
        let domain = match &app.realm {
            Realm::Own => None,
            Realm::Shared(login) => Some(login.cookie_domain.as_str().to_owned()),
        };
        let CookieName { prefix, base } = CookieName::of(base_name, app, entry);
        Self {
            name: format!("{prefix}{base}"),
            prefix,
            secure,
            domain,
        }
    }

    /// The full name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is for https alone.
    pub(super) fn is_secure(&self) -> bool {
        self.secure
    }

    /// The candidates in a request.
    pub(super) fn presented(&self, headers: &HeaderMap) -> Presented {
        let base = self.name.strip_prefix(self.prefix).unwrap_or(&self.name);
        let prefix = self.prefix;
        CookieName { prefix, base }.presented(headers)
    }

    /// A `Set-Cookie` value that hands out `token`: until the browser closes, or for `keep`.
    pub(super) fn set(&self, token: Token, keep: Option<Duration>) -> HeaderValue {
        let age = keep
            .map(|keep| format!("; Max-Age={}", keep.as_secs()))
            .unwrap_or_default();
        self.line(&token.reveal(), &age)
    }

    /// A `Set-Cookie` value that takes the cookie back. It needs the attributes of the one that set it.
    pub(super) fn clear(&self) -> HeaderValue {
        self.line("", "; Max-Age=0")
    }

    fn line(&self, value: &str, age: &str) -> HeaderValue {
        let domain = self
            .domain
            .as_ref()
            .map(|domain| format!("; Domain={domain}"))
            .unwrap_or_default();
        let secure = if self.secure { "; Secure" } else { "" };
        let line = format!(
            "{}={value}; Path=/{domain}; HttpOnly; SameSite=Lax{secure}{age}",
            self.name
        );
        // Every part is checked ASCII; an empty line would set nothing.
        HeaderValue::try_from(line).unwrap_or(HeaderValue::from_static(""))
    }
}
