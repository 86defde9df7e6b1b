//! An e-mail address in the one form that is unique in a pool.
//!
//! Lower case, domain as ASCII; `+tag` and dots stay, because only some providers ignore them. Must not appear in logs:
//! `Debug` hides it (THREATS 34 and 40).

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use crate::domain::host::HostName;

const MAX_EMAIL: usize = 254;
const MAX_LOCAL: usize = 64;

/// Why a text is no e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Not exactly one `@`.
    #[error("must have exactly one @")]
    At,
    /// The part before the `@` is empty, too long, or not made of letters, digits and the usual signs.
    #[error("has a part before the @ that is not usual")]
    Local,
    /// The part behind the `@` is no domain.
    #[error("has no domain after the @")]
    Domain,
    /// More than 254 characters.
    #[error("is longer than 254 characters")]
    TooLong,
}

/// A mailbox in canonical form.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email {
    text: String,
    at: usize,
}

impl Email {
    /// Reads an address as people type it: with spaces around it, in any letter case, its domain in any script.
    ///
    /// # Errors
    ///
    /// When it has not the form `local@domain`, with a local part of ASCII letters, digits, dots and
    /// ``!#$%&'*+-/=?^_`{|}~`` (RFC 5322's dot-atom) and a domain of at least two labels that is no address.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let text = text.trim();
        let (local, domain) = text.split_once('@').ok_or(EmailError::At)?;
        if domain.contains('@') {
            return Err(EmailError::At);
        }
        if !is_dot_atom(local) {
            return Err(EmailError::Local);
        }
        let domain = parse_domain(domain)?;
        let text = format!("{}@{domain}", local.to_ascii_lowercase());
        if text.len() > MAX_EMAIL {
            Err(EmailError::TooLong)
        } else {
            Ok(Self {
                text,
                at: local.len(),
            })
        }
    }

    /// The canonical address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The part behind the `@`, in ASCII.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.text.get(self.at + 1..).unwrap_or_default()
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

impl FromStr for Email {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, EmailError> {
        Self::parse(text)
    }
}

fn is_dot_atom(local: &str) -> bool {
    let atext = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b);
    let atom = |atom: &str| !atom.is_empty() && atom.bytes().all(atext);
    (1..=MAX_LOCAL).contains(&local.len()) && local.split('.').all(atom)
}

/// The domain of a mailbox: a name, never an address, without the trailing dot that a host may have.
fn parse_domain(domain: &str) -> Result<String, EmailError> {
    let name = HostName::parse(domain).map_err(|_| EmailError::Domain)?;
    let text = name.as_str();
    let usual =
        name.ip().is_none() && text.contains('.') && !text.contains('_') && !domain.ends_with('.');
    if usual {
        Ok(text.to_owned())
    } else {
        Err(EmailError::Domain)
    }
}
