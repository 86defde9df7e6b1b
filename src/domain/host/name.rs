//! One host's name or address.
//!
//! Must not keep a spelling that a browser or a resolver would read as a different host.

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

use super::HostError;

const MAX_NAME: usize = 253;
const MAX_LABEL: usize = 63;

/// A host in canonical form: a lower-case ASCII name, a dotted IPv4 address, or an IPv6 address in brackets.
///
/// `_` may stand in a label, as it does in private networks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName {
    text: String,
    ip: Option<IpAddr>,
}

impl HostName {
    /// Reads a name in any letter case, with or without one trailing dot, in Unicode or in IDNA's ASCII form.
    ///
    /// A name whose last label is a number must be an IPv4 address of four plain decimals, because browsers read the
    /// other spellings (`0x7f.1`, `0177.0.0.1`, `2130706433`) as addresses too.
    ///
    /// # Errors
    ///
    /// When the text is empty, too long, holds an empty label or a character that no host name has, or is an address
    /// in any but its usual form.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        if let Some(rest) = text.strip_prefix('[') {
            return Self::parse_ipv6(rest);
        }
        let text = text.strip_suffix('.').unwrap_or(text);
        let text = canonical(text)?;
        let ip = if ends_in_number(&text) {
            Some(parse_ipv4(&text)?)
        } else {
            None
        };
        Ok(Self {
            text: text.into_owned(),
            ip,
        })
    }

    fn parse_ipv6(rest: &str) -> Result<Self, HostError> {
        let address = rest.strip_suffix(']').ok_or(HostError::Ipv6)?;
        let address: Ipv6Addr = address.parse().map_err(|_| HostError::Ipv6)?;
        Ok(Self {
            text: format!("[{address}]"),
            ip: Some(address.into()),
        })
    }

    /// The canonical text; an IPv6 address has its brackets.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The address, where the host is one.
    #[must_use]
    pub const fn ip(&self) -> Option<IpAddr> {
        self.ip
    }

    /// Whether browsers keep this name on the machine they run on: `localhost`, names below it (RFC 6761),
    /// 127.0.0.0/8 and `[::1]`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self.ip {
            Some(ip) => ip.is_loopback(),
            None => self.text == "localhost" || self.text.ends_with(".localhost"),
        }
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The ASCII form of a name that is no bracketed address; borrowed when it has that form. A `--` may be IDNA's `xn--`
/// and is worth the full check.
fn canonical(text: &str) -> Result<Cow<'_, str>, HostError> {
    if text.is_empty() {
        return Err(HostError::Empty);
    }
    // No name shrinks by a factor of eight, so this only bounds the work.
    if text.len() > 8 * MAX_NAME {
        return Err(HostError::TooLong);
    }
    let has_dashes = || text.as_bytes().windows(2).any(|pair| pair == b"--");
    if well_formed(text).is_ok() && !has_dashes() {
        return Ok(Cow::Borrowed(text));
    }
    let ascii = Uts46::new()
        .to_ascii(
            text.as_bytes(),
            AsciiDenyList::URL,
            Hyphens::CheckFirstLast,
            DnsLength::Ignore,
        )
        .map_err(|_| HostError::Form)?;
    well_formed(&ascii)?;
    Ok(ascii)
}

/// Whether `text` is made of labels that a canonical name may have. Runs on every request.
fn well_formed(text: &str) -> Result<(), HostError> {
    let mut label = 0;
    let mut before = b'.';
    for byte in text.bytes() {
        let edge = byte == b'.' && matches!(before, b'.' | b'-') || byte == b'-' && before == b'.';
        if edge || !matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.') {
            return Err(HostError::Form);
        }
        label = if byte == b'.' { 0 } else { label + 1 };
        if label > MAX_LABEL {
            return Err(HostError::TooLong);
        }
        before = byte;
    }
    if matches!(before, b'.' | b'-') {
        return Err(HostError::Form);
    }
    if text.len() > MAX_NAME {
        Err(HostError::TooLong)
    } else {
        Ok(())
    }
}

/// What the WHATWG URL standard calls "ends in a number": such a host is read as an IPv4 address or not at all.
fn ends_in_number(text: &str) -> bool {
    let last = text.rsplit('.').next().unwrap_or(text);
    let hex = last.strip_prefix("0x");
    last.bytes().all(|b| b.is_ascii_digit())
        || hex.is_some_and(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn parse_ipv4(text: &str) -> Result<IpAddr, HostError> {
    // The standard parser takes four decimals without leading zeros and nothing else.
    text.parse::<Ipv4Addr>()
        .map(IpAddr::V4)
        .map_err(|_| HostError::Number)
}
