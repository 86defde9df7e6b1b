//! An app's key: bytes of high quality, or none at all.

use std::fmt;

use zeroize::Zeroizing;

use crate::config::errors::Wrong;
use crate::config::secrets::weak::weakness;

/// The shortest key, in bytes.
const MIN_KEY: usize = 32;
/// The longest key, in bytes.
const MAX_KEY: usize = 128;

/// How a key comes to be right.
pub(in crate::config) const KEY_REMEDY: &str = "make a key with `doorward key generate`";

/// A key that signs an app's `X-UserId`: 32 to 128 bytes that look random. Shows none of them.
#[derive(Clone)]
pub struct AppKey(Zeroizing<Vec<u8>>);

impl AppKey {
    /// From hexadecimal digits.
    ///
    /// # Errors
    ///
    /// When the text is not hexadecimal, too short or too long, or the bytes look like anything but random ones.
    pub(in crate::config) fn parse(hex_text: &str) -> Result<Self, Wrong> {
        let refuse = |problem: &str| Wrong::new(problem, KEY_REMEDY);
        let bytes = hex::decode(hex_text).map_err(|_| refuse("is not hexadecimal"))?;
        let bytes = Zeroizing::new(bytes);
        match bytes.len() {
            0..MIN_KEY => Err(refuse("is shorter than 32 bytes (64 hexadecimal digits)")),
            MIN_KEY..=MAX_KEY => match weakness(&bytes) {
                Some(weakness) => Err(refuse(weakness)),
                None => Ok(Self(bytes)),
            },
            _ => Err(refuse("is longer than 128 bytes (256 hexadecimal digits)")),
        }
    }

    /// The bytes, for the one who signs.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Whether both are the same key. Takes no care of time: the operator owns both.
    pub(in crate::config) fn is(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl fmt::Debug for AppKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppKey([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "9b1f6c0e54d7a3828e0c41f7b6d925ea137cd05b98e46f2a70b3c98d15fe6a24";

    #[test]
    fn threat_12_a_key_has_32_to_128_bytes() {
        let long = |bytes: usize| {
            GOOD.repeat(5)
                .chars()
                .skip(3)
                .take(bytes * 2)
                .collect::<String>()
        };
        assert!(AppKey::parse(GOOD).is_ok());
        assert!(AppKey::parse(&GOOD[2..]).is_err_and(|wrong| wrong.problem.contains("shorter")));
        assert!(AppKey::parse(&long(129)).is_err_and(|wrong| wrong.problem.contains("longer")));
        assert!(AppKey::parse("").is_err());
    }

    #[test]
    fn threat_40_no_part_of_a_key_is_shown() {
        let key = AppKey::parse(GOOD).unwrap();
        assert_eq!(format!("{key:?}"), "AppKey([redacted])");
        let wrong = AppKey::parse("not-hex-5ecret").unwrap_err();
        assert!(!format!("{wrong:?}").contains("5ecret"));
    }
}
