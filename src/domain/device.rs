//! The token by which a browser is known again at a sign-in: 128 random bits in hexadecimal digits.
//!
//! It opens nothing. Whoever presents it may guess the password of one account a few times more. Must not be logged or
//! stored: what the database has is [`DeviceToken::hash`].

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::domain::random::{self, Random, RandomError};

/// The SHA-256 of a token: the key of its row.
pub type DeviceHash = [u8; 32];

/// A browser's secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DeviceToken([u8; 16]);

/// A text that no token of ours ever was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a device token: 32 hexadecimal digits are")]
pub struct DeviceTokenError;

impl DeviceToken {
    /// A new token.
    ///
    /// # Errors
    ///
    /// When the operating system gives no randomness.
    pub fn generate(random: &dyn Random) -> Result<Self, RandomError> {
        random::bytes(random).map(Self)
    }

    /// What the cookie carries.
    #[must_use]
    pub fn reveal(&self) -> String {
        hex::encode(self.0)
    }

    /// What the database keeps in its place.
    #[must_use]
    pub fn hash(&self) -> DeviceHash {
        Sha256::digest(self.0).into()
    }
}

impl FromStr for DeviceToken {
    type Err = DeviceTokenError;

    fn from_str(text: &str) -> Result<Self, DeviceTokenError> {
        let mut bytes = [0; 16];
        let read = hex::decode_to_slice(text, &mut bytes);
        let plain = !text.bytes().any(|byte| byte.is_ascii_uppercase());
        read.ok()
            .filter(|()| plain)
            .map(|()| Self(bytes))
            .ok_or(DeviceTokenError)
    }
}

impl fmt::Debug for DeviceToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::random::SystemRandom;

    #[test]
    fn a_device_token_survives_the_cookie_and_shows_nothing() {
        let token = DeviceToken::generate(&SystemRandom).unwrap();
        let text = token.reveal();
        assert_eq!((text.len(), text.parse()), (32, Ok(token)));
        assert_ne!(token.hash()[..16], token.0);
        assert_eq!(format!("{token:?}"), "DeviceToken(…)");
    }

    #[test]
    fn nothing_else_is_a_device_token() {
        for text in [
            "",
            "ab",
            "AAAAAAAAAAAAAAAAAAAAAA",
            "0123456789abcdef0123456789abcdeg",
            "0123456789ABCDEF0123456789ABCDEF",
            "0123456789abcdef0123456789abcdef0",
        ] {
            assert_eq!(text.parse::<DeviceToken>(), Err(DeviceTokenError), "{text}");
        }
    }
}
