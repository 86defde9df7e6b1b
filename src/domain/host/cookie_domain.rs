//! The `Domain` of a cookie that several hosts of one owner share.
//!
//! Must not be a name under which strangers live: browsers refuse some of those, and the others would hand them the
//! session (THREATS 10).

#[cfg(test)]
mod tests;

use std::fmt;

use super::{HostError, HostName};

/// The part of `name` that somebody registered (`example.co.uk` of `www.example.co.uk`); none for addresses and for
/// public suffixes. A last label that the Public Suffix List does not know counts as a suffix.
fn registrable(name: &HostName) -> Option<&str> {
    if name.ip().is_some() {
        None
    } else {
        psl::domain_str(name.as_str())
    }
}

/// Whether anybody may register a name below this one (`com`, `co.uk`, `github.io`, any single label).
#[must_use]
pub fn is_public_suffix(name: &HostName) -> bool {
    name.ip().is_none() && registrable(name).is_none()
}

/// A domain whose hosts share a session cookie.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CookieDomain(HostName);

impl CookieDomain {
    /// Reads a domain, with or without the leading dot of old.
    ///
    /// # Errors
    ///
    /// When the text is no host name, an address, a single label or a public suffix.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        let name = HostName::parse(text.strip_prefix('.').unwrap_or(text))?;
        if name.ip().is_some() {
            return Err(HostError::Address);
        }
        if !name.as_str().contains('.') {
            return Err(HostError::SingleLabel);
        }
        if is_public_suffix(&name) {
            Err(HostError::PublicSuffix)
        } else {
            Ok(Self(name))
        }
    }

    /// Whether a browser would send the cookie to `host`: the domain itself and every name below it (RFC 6265, 5.1.3).
    #[must_use]
    pub fn covers(&self, host: &HostName) -> bool {
        let front = host.as_str().strip_suffix(self.as_str());
        host.ip().is_none() && front.is_some_and(|front| front.is_empty() || front.ends_with('.'))
    }

    /// Whether some host would be sent the cookies of both.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.covers(&other.0) || other.covers(&self.0)
    }

    /// The domain without a leading dot.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for CookieDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
