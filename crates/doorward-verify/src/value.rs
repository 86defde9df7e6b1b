//! The shape of one header value. Says nothing of whether it is true.

use crate::error::Error;
use base64ct::{Base64UrlUnpadded, Encoding};
use std::str;

/// The bytes of an HMAC-SHA256, and the characters in which they are written.
const MAC_BYTES: usize = 32;
pub(crate) const MAC_CHARS: usize = 43;
/// The most digits of a time: twelve last for thirty thousand years and overflow nothing.
pub(crate) const TIME_CHARS: usize = 12;
/// The most characters of a subject, and of a whole value.
const SUBJECT_CHARS: usize = 64;
pub(crate) const MAX_CHARS: usize = SUBJECT_CHARS + 1 + TIME_CHARS + 1 + MAC_CHARS;

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
    (1..=SUBJECT_CHARS).contains(&text.len()) && text.iter().all(allowed)
}

/// Writes `[1-9][0-9]{0,11}`; none for any other number.
pub(crate) fn write_time(time: u64, buffer: &mut [u8; TIME_CHARS]) -> Option<&str> {
    let mut rest = time;
    let mut begin = TIME_CHARS;
    while rest > 0 {
        begin = begin.checked_sub(1)?;
        *buffer.get_mut(begin)? = b'0' + u8::try_from(rest % 10).ok()?;
        rest /= 10;
    }
    let digits = buffer.get(begin..).filter(|digits| !digits.is_empty())?;
    str::from_utf8(digits).ok()
}

/// `[1-9][0-9]{0,11}`
pub(crate) fn parse_time(text: &[u8]) -> Option<u64> {
    let plain = (1..=TIME_CHARS).contains(&text.len())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_it_is_read() {
        for time in [1, 9, 10, 1_750_000_000, 999_999_999_999] {
            let mut buffer = [0; TIME_CHARS];
            let text = write_time(time, &mut buffer).unwrap();
            assert_eq!(text, time.to_string());
            assert_eq!(parse_time(text.as_bytes()), Some(time));
        }
        for time in [0, 1_000_000_000_000, u64::MAX] {
            assert_eq!(write_time(time, &mut [0; TIME_CHARS]), None, "{time}");
        }
    }
}
