//! The shape of one header value. Says nothing of whether it is true.

use crate::error::Error;
use base64ct::{Base64UrlUnpadded, Encoding};
use std::str;

/// The bytes of an HMAC-SHA256, and the characters in which they are written.
const MAC_BYTES: usize = 32;
const MAC_CHARS: usize = 43;

/// A value of the right shape, not yet verified.
#[derive(Debug)]
pub(crate) struct Value<'a> {
    pub(crate) subject: &'a str,
    /// The digits as received, which are what was signed.
    pub(crate) time_text: &'a str,
    /// Unix seconds.
    pub(crate) time: u64,
    pub(crate) mac: [u8; MAC_BYTES],
}

impl<'a> Value<'a> {
    /// Nothing is trimmed or repaired: there is one way to write a value.
    pub(crate) fn parse(value: &'a [u8]) -> Result<Self, Error> {
        if value.contains(&b',') {
            return Err(Error::List);
        }
        let mut fields = value.split(|byte| *byte == b'.');
        let (Some(subject), Some(time), Some(mac)) = (fields.next(), fields.next(), fields.next())
        else {
            return Err(Error::FieldsMissing);
        };
        if fields.next().is_some() {
            return Err(Error::FieldsExtra);
        }
        if subject.iter().any(u8::is_ascii_uppercase) {
            return Err(Error::SubjectCase);
        }
        if !is_subject(subject) {
            return Err(Error::Subject);
        }
        Ok(Self {
            subject: str::from_utf8(subject).map_err(|_| Error::Subject)?,
            time: parse_time(time).ok_or(Error::Time)?,
            time_text: str::from_utf8(time).map_err(|_| Error::Time)?,
            mac: parse_mac(mac)?,
        })
    }
}

/// `[a-z0-9-]{1,64}`
pub(crate) fn is_subject(text: &[u8]) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
    (1..=64).contains(&text.len()) && text.iter().all(allowed)
}

/// `[1-9][0-9]{0,11}`: twelve digits last for thirty thousand years and overflow nothing.
pub(crate) fn parse_time(text: &[u8]) -> Option<u64> {
    let plain = (1..=12).contains(&text.len())
        && !text.starts_with(b"0")
        && text.iter().all(u8::is_ascii_digit);
    plain
        .then(|| str::from_utf8(text).ok()?.parse().ok())
        .flatten()
}

fn parse_mac(text: &[u8]) -> Result<[u8; MAC_BYTES], Error> {
    if text.len() != MAC_CHARS {
        return Err(Error::MacLength);
    }
    let mut mac = [0; MAC_BYTES];
    // Refuses the three other ways to write the last character, whose two lowest bits count for
    // nothing.
    match Base64UrlUnpadded::decode(text, &mut mac) {
        Ok(decoded) if decoded.len() == MAC_BYTES => Ok(mac),
        _ => Err(Error::MacEncoding),
    }
}
