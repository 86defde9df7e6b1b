//! The secret id in a session cookie: 128 random bits as 22 characters of base64url.
//!
//! Must not be logged or stored: what a store keeps is [`Token::hash`].

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use tower_sessions_core::session::Id;

use crate::domain::random::{self, Random, RandomError};
use crate::storage::sessions::IdHash;

/// A session's secret id.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token(Id);

/// A cookie value that no session of ours ever had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a session id: 22 characters of base64url are")]
pub struct TokenError;

impl Token {
    /// A new id.
    ///
    /// # Errors
    ///
    /// When the operating system gives no randomness.
    pub fn generate(random: &dyn Random) -> Result<Self, RandomError> {
        Ok(Self(Id(i128::from_le_bytes(random::bytes(random)?))))
    }

    /// The value that the cookie carries.
    #[must_use]
    pub fn reveal(&self) -> String {
        self.0.to_string()
    }

    /// The id in tower-sessions' own type.
    #[must_use]
    pub const fn id(&self) -> Id {
        self.0
    }

    /// What stores keep in its place: the SHA-256 of its 16 bytes.
    #[must_use]
    pub fn hash(&self) -> IdHash {
        Sha256::digest(self.0.0.to_le_bytes()).into()
    }
}

impl From<Id> for Token {
    fn from(id: Id) -> Self {
        Self(id)
    }
}

impl FromStr for Token {
    type Err = TokenError;

    fn from_str(value: &str) -> Result<Self, TokenError> {
        value.parse().map(Self).map_err(|_| TokenError)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::random::SystemRandom;

    #[test]
    fn a_token_survives_the_cookie_and_nothing_else_parses() {
        let token = Token::generate(&SystemRandom).unwrap();
        let value = token.reveal();
        assert_eq!(value.len(), 22);
        assert_eq!(value.parse(), Ok(token));
        let longer = format!("{value}A");
        for bad in [
            "",
            "x",
            &value[1..],
            &longer,
            "AAAAAAAAAAAAAAAAAAAAA/",
            "AAAAAAAAAAAAAAAAAAAAAB",
            "é",
        ] {
            assert_eq!(bad.parse::<Token>(), Err(TokenError), "{bad}");
        }
    }

    #[test]
    fn threat_20_neither_the_hash_nor_the_debug_form_shows_the_id() {
        let token = Token::generate(&SystemRandom).unwrap();
        assert_ne!(&token.hash()[..16], token.id().0.to_le_bytes());
        assert_eq!(format!("{token:?}"), "Token(…)");
    }
}
