//! One line of an app's `hosts`.
//!
//! The matched entry, never the proxy, says which scheme a request had. Must not let a wildcard reach names that
//! somebody else may register (THREATS 10).

#[cfg(test)]
pub(super) mod tests;

use std::fmt;

use super::{Authority, HostError, HostName, Origin, Scheme, is_public_suffix, write_host};

/// `[http://|https://]host[:port]` or `[scheme://]*.host[:port]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostEntry {
    scheme: Scheme,
    wildcard: bool,
    name: HostName,
    port: Option<u16>,
}

/// How narrowly an entry describes a request: a whole name before a wildcard, then a port before none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Specificity {
    exact: bool,
    port: bool,
}

impl HostEntry {
    /// Reads an entry. Without a scheme it is https, for loopback names http; without a port it covers every port.
    ///
    /// # Errors
    ///
    /// When the host is none, when anything follows the port, when `*` is not the whole first label, and when a
    /// wildcard stands on an address or on a public suffix.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        let (scheme, rest) = match Scheme::split(text) {
            Some((scheme, rest)) => (Some(scheme), rest),
            None => (None, text),
        };
        check_surroundings(rest)?;
        let (wildcard, rest) = match rest.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        if rest.contains('*') {
            return Err(HostError::Wildcard);
        }
        let Authority { name, port } = Authority::parse(rest)?;
        if wildcard && name.ip().is_some() {
            return Err(HostError::Address);
        }
        if wildcard && is_public_suffix(&name) {
            return Err(HostError::PublicSuffix);
        }
        Ok(Self {
            scheme: scheme.unwrap_or_else(|| implied_scheme(&name)),
            wildcard,
            name,
            port,
        })
    }

    /// Whether a request for `authority` belongs to this entry. A wildcard stands for exactly one label; an authority
    /// without a port has the default port of the entry's scheme.
    #[must_use]
    pub fn matches(&self, authority: &Authority) -> bool {
        self.matches_name(authority.name())
            && self
                .port
                .is_none_or(|port| port == authority.effective_port(self.scheme))
    }

    /// [`matches`](Self::matches) without regard to ports.
    #[must_use]
    pub fn matches_name(&self, name: &HostName) -> bool {
        if !self.wildcard {
            return self.name == *name;
        }
        let label = name
            .as_str()
            .strip_suffix(self.name.as_str())
            .and_then(|front| front.strip_suffix('.'));
        name.ip().is_none() && label.is_some_and(|label| !label.is_empty() && !label.contains('.'))
    }

    /// Whether some authority would match both entries by the same name or the same wildcard, so that two apps cannot
    /// both have them. A whole name and a wildcard never overlap: the whole name wins.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let default = |entry: &Self| entry.port == Some(entry.scheme.default_port());
        let ports = match (self.port, other.port) {
            (Some(one), Some(two)) => one == two || (default(self) && default(other)),
            _ => true,
        };
        self.wildcard == other.wildcard && self.name == other.name && ports
    }

    /// Of the entries that match `authority` the most specific; of equals the first.
    pub fn best<'e>(
        entries: impl IntoIterator<Item = &'e Self>,
        authority: &Authority,
    ) -> Option<&'e Self> {
        let mut best: Option<&Self> = None;
        for entry in entries {
            if entry.matches(authority)
                && best.is_none_or(|held| entry.specificity() > held.specificity())
            {
                best = Some(entry);
            }
        }
        best
    }

    /// How narrowly the entry describes a request.
    #[must_use]
    pub const fn specificity(&self) -> Specificity {
        Specificity {
            exact: !self.wildcard,
            port: self.port.is_some(),
        }
    }

    /// Whether the entry is `*.host`.
    #[must_use]
    pub const fn is_wildcard(&self) -> bool {
        self.wildcard
    }

    /// The scheme that requests to this entry have.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The name; of `*.host` the part behind the wildcard.
    #[must_use]
    pub const fn name(&self) -> &HostName {
        &self.name
    }

    /// The port, where the entry has one.
    #[must_use]
    pub const fn port(&self) -> Option<u16> {
        self.port
    }

    /// The origin of a request to `authority` that this entry [`matches`](Self::matches).
    #[must_use]
    pub fn origin(&self, authority: &Authority) -> Origin {
        Origin::new(self.scheme, authority.clone())
    }

    /// The origin of the entry itself, on its port or the default one; none for a wildcard.
    #[must_use]
    pub fn own_origin(&self) -> Option<Origin> {
        let authority = Authority {
            name: self.name.clone(),
            port: self.port,
        };
        (!self.wildcard).then(|| Origin::new(self.scheme, authority))
    }
}

/// As [`HostEntry::parse`] reads it; the scheme is written where it does not go without saying.
impl fmt::Display for HostEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scheme != implied_scheme(&self.name) {
            write!(f, "{}://", self.scheme)?;
        }
        if self.wildcard {
            f.write_str("*.")?;
        }
        write_host(f, &self.name, self.port)
    }
}

impl std::str::FromStr for HostEntry {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, HostError> {
        Self::parse(text)
    }
}

fn implied_scheme(name: &HostName) -> Scheme {
    if name.is_loopback() {
        Scheme::Http
    } else {
        Scheme::Https
    }
}

/// The mistakes that deserve a better answer than "is not a host name".
fn check_surroundings(rest: &str) -> Result<(), HostError> {
    if rest.contains("://") {
        return Err(HostError::Scheme);
    }
    if rest.contains(['/', '?', '#', '\\']) {
        return Err(HostError::Path);
    }
    Ok(())
}
