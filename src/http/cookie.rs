//! The session cookie: its name and attributes, and the candidates that a request brings.
//!
//! On https it is `__Host-` (bound to one host), or `__Secure-` where a pool shares it below one domain. See RFC 6265bis,
//! section 4.1.3. Must not know whether a session is alive.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};

use crate::domain::app::{App, Realm};
use crate::domain::host::{HostEntry, Scheme};
use crate::services::sessions::{MAX_CANDIDATES, Token};

/// The longest `Cookie` header, in bytes over all its lines, that is looked into.
const MAX_COOKIES: usize = 32 * 1024;

/// The session cookie of one app at one of its hosts.
#[derive(Debug, Clone)]
pub(super) struct SessionCookie {
    name: String,
    secure: bool,
    domain: Option<String>,
}

/// What a request's `Cookie` header lines hold under the session cookie's name.
#[derive(Debug, Clone, Default)]
pub(super) struct Presented {
    /// The first few well-formed values, each once.
    pub(super) tokens: Vec<Token>,
    /// Whether the name was there at all, with whatever value.
    pub(super) any: bool,
}

impl SessionCookie {
    /// The cookie of `app` at the host that matched `entry`.
    pub(super) fn new(base_name: &str, app: &App, entry: &HostEntry) -> Self {
        let secure = entry.scheme() == Scheme::Https;
        let domain = match &app.realm {
            Realm::Own => None,
            Realm::Shared(login) => Some(login.cookie_domain.as_str().to_owned()),
        };
        let prefix = match (secure, &domain) {
            (true, None) => "__Host-",
            (true, Some(_)) => "__Secure-",
            (false, _) => "",
        };
        Self {
            name: format!("{prefix}{base_name}"),
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
        let mut presented = Presented::default();
        let lines = headers.get_all(header::COOKIE);
        if lines.iter().map(HeaderValue::len).sum::<usize>() > MAX_COOKIES {
            return Presented {
                any: true,
                ..presented
            };
        }
        for line in lines
            .iter()
            .filter_map(|line| std::str::from_utf8(line.as_bytes()).ok())
        {
            for value in line.split(';').filter_map(|pair| self.value_in(pair)) {
                presented.any = true;
                let Ok(token) = value.parse() else { continue };
                if presented.tokens.len() < MAX_CANDIDATES && !presented.tokens.contains(&token) {
                    presented.tokens.push(token);
                }
            }
        }
        presented
    }

    fn value_in<'p>(&self, pair: &'p str) -> Option<&'p str> {
        let (name, value) = pair.split_once('=')?;
        (name.trim() == self.name).then(|| value.trim())
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
