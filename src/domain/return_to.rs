//! Where to go after signing in or out.
//!
//! The one door for redirects that a visitor can choose (THREATS 23). The result is rebuilt from parsed parts and is a
//! path on the host that was asked for, or a URL of an origin that the configuration names. Must not hand on a text that
//! it has not understood.

#[cfg(test)]
mod tests;

use std::fmt;

use crate::domain::host::{Authority, HostEntry, HostError, Origin, Scheme};
use crate::domain::path::{PathError, RequestPath};

/// The longest return address, in bytes.
pub const MAX_RETURN_TO: usize = 2048;

/// Why a text is no return address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReturnToError {
    /// It is empty or longer than [`MAX_RETURN_TO`].
    #[error("is empty or too long")]
    Length,
    /// It holds a space, a control character, a backslash or a byte that is not ASCII.
    #[error("holds a character that no URL holds")]
    Character,
    /// It is neither a path nor an `http(s)://` URL.
    #[error("is neither a path nor an http or https URL")]
    Form,
    /// The host of the URL is malformed.
    #[error("has a host that {0}")]
    Host(HostError),
    /// The URL is well-formed, but not of a known origin.
    #[error("leads to an origin that is not known")]
    Foreign,
    /// The path is malformed.
    #[error("has a malformed path: {0}")]
    Path(PathError),
    /// A browser or a server could take the path for the beginning of a host.
    #[error("has a path that could be taken for a host")]
    Disguised,
}

/// The origins that a return address may lead to.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// Every entry it may name.
    pub entries: &'a [HostEntry],
    /// Where the visitor is now; a path leads there.
    pub here: &'a Origin,
}

impl Site<'_> {
    /// The origin of a URL with this scheme and authority, if it is exactly one of an entry. An entry without a port
    /// stands for the default port here, not for every port: other ports of the same host may belong to anybody. The
    /// port the visitor is on is the exception.
    fn origin(&self, scheme: Scheme, authority: &Authority) -> Option<Origin> {
        let entry = HostEntry::best(self.entries, authority)?;
        let origin = entry.origin(authority);
        let port = entry.port().is_some() || origin.port().is_none() || origin == *self.here;
        (scheme == entry.scheme() && port).then_some(origin)
    }
}

/// A return address: a path with its query and fragment, or a URL of a known origin.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReturnTo(String);

impl ReturnTo {
    /// Reads a return address. A URL of the origin that the visitor is on becomes a path; query and fragment stay as
    /// they are.
    ///
    /// # Errors
    ///
    /// For everything that is not certainly a path of this origin or a URL of a known one.
    pub fn parse(raw: &str, site: &Site<'_>) -> Result<Self, ReturnToError> {
        if raw.is_empty() || raw.len() > MAX_RETURN_TO {
            return Err(ReturnToError::Length);
        }
        if !raw
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        {
            return Err(ReturnToError::Character);
        }
        if raw.starts_with('/') {
            check_path(raw)?;
            return Ok(Self(raw.to_owned()));
        }
        let (scheme, rest) = Scheme::split(raw).ok_or(ReturnToError::Form)?;
        let (authority, target) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let authority = Authority::parse(authority).map_err(ReturnToError::Host)?;
        let target = if target.is_empty() { "/" } else { target };
        check_path(target)?;
        let origin = site
            .origin(scheme, &authority)
            .ok_or(ReturnToError::Foreign)?;
        if origin == *site.here {
            Ok(Self(target.to_owned()))
        } else {
            Ok(Self(format!("{origin}{target}")))
        }
    }

    /// The address as it goes into a `Location` header or a link.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReturnTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Checks the path at the beginning of `target`: in no reading may it begin like `//host`.
fn check_path(target: &str) -> Result<(), ReturnToError> {
    let path = target.split(['?', '#']).next().unwrap_or(target);
    let path = RequestPath::parse(path).map_err(|error| match error {
        PathError::NotAbsolute => ReturnToError::Form,
        other => ReturnToError::Path(other),
    })?;
    let disguised = |reading: &str| reading.starts_with("//") || reading.starts_with("/\\");
    if path.readings().any(disguised) {
        Err(ReturnToError::Disguised)
    } else {
        Ok(())
    }
}
