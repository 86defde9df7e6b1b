//! Hosts and origins in one canonical form, so that comparing them is comparing bytes.
//!
//! Lower case, IDNA as ASCII, no trailing dot, no default port (THREATS 9). Must not look a name up, and must not take
//! two spellings of one host for two hosts, or two hosts for one.

mod cookie_domain;
mod entry;
mod name;
mod origin;
#[cfg(test)]
mod tests;

use std::fmt;

pub use cookie_domain::{CookieDomain, is_public_suffix};
pub use entry::{HostEntry, Specificity};
pub use name::HostName;
pub use origin::Origin;

/// Why a text is no host, no authority, no host entry or no origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// Nothing where a name should be.
    #[error("has no host name")]
    Empty,
    /// More than 253 characters, or a label of more than 63.
    #[error("is longer than a host name may be (253 characters, 63 a label)")]
    TooLong,
    /// A character or a label that no host name has.
    #[error("is not a host name")]
    Form,
    /// The last label is a number, so a browser takes the whole for an IPv4 address.
    #[error("ends in a number, but is not an IPv4 address such as 192.0.2.1")]
    Number,
    /// Brackets without an IPv6 address inside.
    #[error("is not an IPv6 address in brackets such as [2001:db8::1]")]
    Ipv6,
    /// A port that is not 1 to 65535 in plain digits.
    #[error("has a port that is not a number from 1 to 65535")]
    Port,
    /// Neither `http://` nor `https://` in front.
    #[error("may begin with http:// or https:// and no other scheme")]
    Scheme,
    /// More than a host and a port.
    #[error("must end after the host and port, without /, path, query or fragment")]
    Path,
    /// A user name or password before the host.
    #[error("must not hold a user name (@)")]
    Userinfo,
    /// A `*` that is not the whole first label.
    #[error("may hold one *, as the whole first label: *.example.com")]
    Wildcard,
    /// A wildcard or a cookie domain under which strangers register names.
    #[error("covers a public suffix, under which anybody may register a name")]
    PublicSuffix,
    /// A cookie domain or wildcard on an address.
    #[error("must be a name, not an IP address")]
    Address,
    /// A cookie domain of one label.
    #[error("must have at least two labels, as in example.com")]
    SingleLabel,
}

/// The two schemes that Doorward serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// `http`, for loopback names unless the entry says so.
    Http,
    /// `https`.
    Https,
}

impl Scheme {
    /// The port that goes without saying.
    #[must_use]
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }

    /// The scheme without `://`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// Splits `http://` or `https://`, in lower case, off the front of `text`.
    pub(super) fn split(text: &str) -> Option<(Self, &str)> {
        if let Some(rest) = text.strip_prefix("https://") {
            return Some((Self::Https, rest));
        }
        text.strip_prefix("http://").map(|rest| (Self::Http, rest))
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// `name[:port]`: what a `Host` header holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Authority {
    name: HostName,
    port: Option<u16>,
}

impl Authority {
    /// Reads `name[:port]`; an IPv6 address stands in brackets.
    ///
    /// # Errors
    ///
    /// When the name is none, when a `:` is not followed by a port of 1 to 65535 without leading zeros, or when a user
    /// name, a path or anything else surrounds them.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        // Runs on every request, on short texts: a look at each byte is the quickest.
        let find = |mark| text.bytes().position(|byte| byte == mark);
        if find(b'@').is_some() {
            return Err(HostError::Userinfo);
        }
        let (name, rest) = match find(b']') {
            Some(end) if text.starts_with('[') => text.split_at(end + 1),
            _ => text.split_at(find(b':').unwrap_or(text.len())),
        };
        let name = HostName::parse(name)?;
        let port = if rest.is_empty() {
            None
        } else {
            Some(parse_port(rest)?)
        };
        Ok(Self { name, port })
    }

    /// The canonical name.
    #[must_use]
    pub const fn name(&self) -> &HostName {
        &self.name
    }

    /// The port, where one was written.
    #[must_use]
    pub const fn port(&self) -> Option<u16> {
        self.port
    }

    /// The port that a client of `scheme` connects to.
    #[must_use]
    pub fn effective_port(&self, scheme: Scheme) -> u16 {
        self.port.unwrap_or(scheme.default_port())
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_host(f, &self.name, self.port)
    }
}

/// Reads `:port`.
fn parse_port(text: &str) -> Result<u16, HostError> {
    let digits = text.strip_prefix(':').ok_or(HostError::Form)?;
    let plain =
        digits.len() <= 5 && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    if plain {
        digits.parse().map_err(|_| HostError::Port)
    } else {
        Err(HostError::Port)
    }
}

fn write_host(f: &mut fmt::Formatter<'_>, name: &HostName, port: Option<u16>) -> fmt::Result {
    f.write_str(name.as_str())?;
    match port {
        Some(port) => write!(f, ":{port}"),
        None => Ok(()),
    }
}
