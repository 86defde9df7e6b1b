//! An origin: scheme, host and port, as RFC 6454 writes it.
//!
//! Must not be made from what a proxy reports of the scheme; it comes from a matched entry or from an `Origin` header.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;

use super::{Authority, HostError, HostName, Scheme, write_host};

/// Scheme, canonical host, and a port where it is not the scheme's default.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    scheme: Scheme,
    name: HostName,
    port: Option<u16>,
}

impl Origin {
    /// The origin of `authority` under `scheme`.
    #[must_use]
    pub fn new(scheme: Scheme, authority: Authority) -> Self {
        let Authority { name, port } = authority;
        Self {
            scheme,
            name,
            port: port.filter(|port| *port != scheme.default_port()),
        }
    }

    /// Reads the value of an `Origin` header.
    ///
    /// # Errors
    ///
    /// For `null`, for any other scheme or spelling of it, and for anything behind the port, a slash included.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        let (scheme, rest) = Scheme::split(text).ok_or(HostError::Scheme)?;
        Ok(Self::new(scheme, Authority::parse(rest)?))
    }

    /// The scheme.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The canonical name.
    #[must_use]
    pub const fn name(&self) -> &HostName {
        &self.name
    }

    /// The port, where it is not the scheme's default.
    #[must_use]
    pub const fn port(&self) -> Option<u16> {
        self.port
    }

    /// The canonical host and a port where it is not the default: the `host` line of a signature bound to a request.
    #[must_use]
    pub fn host(&self) -> Cow<'_, str> {
        match self.port {
            Some(port) => Cow::Owned(format!("{}:{port}", self.name)),
            None => Cow::Borrowed(self.name.as_str()),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.scheme)?;
        write_host(f, &self.name, self.port)
    }
}
