//! Keys, and the file they are kept in.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use zeroize::Zeroizing;

/// The fewest bytes a key may have: the size of the hash, as RFC 2104 section 3 advises.
const MIN_BYTES: usize = 32;

/// The keys of `sdk/vectors.json`. They are public: Doorward refuses to start with any of them.
pub const SAMPLE_KEYS: [&str; 5] = [
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f",
    "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f",
    "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f\
     808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
    "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf\
     c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf\
     e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
];

/// One signing key of one app. Wiped when dropped; `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Key {
    // HMAC with the key already mixed in, which saves two blocks of hashing a call.
    keyed: Hmac<Sha256>,
}

impl Key {
    /// A key from its bytes.
    ///
    /// # Errors
    ///
    /// [`KeyError::TooShort`] below 32 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        let too_short = KeyError::TooShort { bytes: bytes.len() };
        if bytes.len() < MIN_BYTES {
            return Err(too_short);
        }
        // HMAC takes keys of any length, so the second error never happens.
        let keyed = Hmac::new_from_slice(bytes).map_err(|_| too_short)?;
        Ok(Self { keyed })
    }

    /// A key from hex digits of either case, without prefix or separators.
    ///
    /// # Errors
    ///
    /// [`KeyError::NotHex`] on an odd number of digits or anything else than digits;
    /// [`KeyError::TooShort`] below 32 bytes, which are 64 digits.
    pub fn from_hex(text: &str) -> Result<Self, KeyError> {
        let bytes = Zeroizing::new(hex::decode(text).map_err(|_| KeyError::NotHex)?);
        Self::from_bytes(&bytes)
    }

    /// Whether this is one of [`SAMPLE_KEYS`], which no service may run with.
    #[must_use]
    pub fn is_sample(&self) -> bool {
        SAMPLE_KEYS
            .iter()
            .filter_map(|sample| Self::from_hex(sample).ok())
            .any(|sample| {
                let tag = sample.keyed().finalize().into_bytes();
                self.keyed().verify(&tag).is_ok()
            })
    }

    pub(crate) fn keyed(&self) -> Hmac<Sha256> {
        self.keyed.clone()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// The keys in the text of a keys file, in order. The first is the one Doorward signs with.
///
/// One key a line, as hex. Lines end with LF or CR LF. From `#` on the rest of a line is a comment;
/// spaces and tabs around a key are ignored; blank lines are skipped.
///
/// # Errors
///
/// [`KeysFileError`], with the number of the first line that is wrong, or when there is no key at
/// all.
pub fn parse_keys_file(text: &str) -> Result<Vec<Key>, KeysFileError> {
    let mut keys = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let hex = line
            .split('#')
            .next()
            .unwrap_or_default()
            .trim_matches([' ', '\t']);
        if !hex.is_empty() {
            let key = Key::from_hex(hex).map_err(|error| KeysFileError::Line {
                line: index + 1,
                error,
            })?;
            keys.push(key);
        }
    }
    if keys.is_empty() {
        return Err(KeysFileError::NoKeys);
    }
    Ok(keys)
}

/// Why a key was refused. Says nothing of the key itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// Not an even number of hex digits.
    NotHex,
    /// Fewer than 32 bytes.
    TooShort {
        /// How many there were.
        bytes: usize,
    },
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotHex => f.write_str("a key is an even number of hex digits and nothing else"),
            Self::TooShort { bytes } => write!(
                f,
                "a key has at least {MIN_BYTES} bytes, this one has {bytes}"
            ),
        }
    }
}

impl std::error::Error for KeyError {}

/// Why a keys file was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeysFileError {
    /// Nothing but blank lines and comments.
    NoKeys,
    /// A line that holds no key.
    Line {
        /// Its number, counted from 1.
        line: usize,
        /// What is wrong with it.
        error: KeyError,
    },
}

impl fmt::Display for KeysFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoKeys => f.write_str("there is no key in the keys file"),
            Self::Line { line, error } => write!(f, "line {line} of the keys file: {error}"),
        }
    }
}

impl std::error::Error for KeysFileError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        let key = Key::from_bytes(&[0xAB; 32]).unwrap();
        assert_eq!(format!("{key:?}"), "Key(…)");
    }

    #[test]
    fn short_keys_are_refused() {
        assert_eq!(
            Key::from_bytes(&[1; 31]).unwrap_err(),
            KeyError::TooShort { bytes: 31 }
        );
        assert!(Key::from_bytes(&[1; 32]).is_ok());
    }

    #[test]
    fn samples_are_known_in_either_case() {
        for sample in SAMPLE_KEYS {
            assert!(Key::from_hex(&sample.to_uppercase()).unwrap().is_sample());
        }
        assert!(!Key::from_bytes(&[7; 32]).unwrap().is_sample());
    }

    #[test]
    fn a_dropped_key_is_wiped() {
        // All that `Hmac` keeps of a key is inside two states of this hash.
        fn wiped<T: zeroize::ZeroizeOnDrop>() {}
        wiped::<Sha256>();
    }
}
