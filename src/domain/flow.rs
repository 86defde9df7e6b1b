//! The secrets of one sign-in at a provider, from the redirect there to the return.
//!
//! The browser keeps a key, and the provider carries a state there and back. Nonce and PKCE verifier follow from the two
//! together: who has seen the state in a URL can't compute them, and the database has only hashes (THREATS 36 and 37).
//! Must not be logged.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::domain::random::{self, Random, RandomError};

/// The SHA-256 of a secret: what the database keeps in its place.
pub type SecretHash = [u8; 32];

/// A text that is no secret of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a secret of a sign-in: 64 hexadecimal digits are")]
pub struct SecretError;

macro_rules! secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub struct $name([u8; 32]);

        impl $name {
            /// A new one.
            ///
            /// # Errors
            ///
            /// When the operating system gives no randomness.
            pub fn generate(random: &dyn Random) -> Result<Self, RandomError> {
                random::bytes(random).map(Self)
            }

            /// The secret as text: 64 hexadecimal digits in lower case.
            #[must_use]
            pub fn reveal(&self) -> String {
                hex::encode(self.0)
            }

            /// What the database keeps in its place.
            #[must_use]
            pub fn hash(&self) -> SecretHash {
                Sha256::digest(self.0).into()
            }
        }

        impl FromStr for $name {
            type Err = SecretError;

            fn from_str(text: &str) -> Result<Self, SecretError> {
                let mut bytes = [0; 32];
                let read = hex::decode_to_slice(text, &mut bytes);
                let plain = !text.bytes().any(|byte| byte.is_ascii_uppercase());
                read.ok().filter(|()| plain).map(|()| Self(bytes)).ok_or(SecretError)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

secret! {
    /// What one browser keeps while it signs in at providers, in as many tabs as it likes.
    BrowserKey
}
secret! {
    /// What names one sign-in: the parameter `state` (RFC 6749, section 10.12).
    State
}
secret! {
    /// What names an identity that waits for its account's owner to prove that it is theirs.
    Claim
}

/// What one sign-in says to a provider.
#[derive(Clone, Copy)]
pub struct Secrets {
    /// The browser's.
    pub browser: BrowserKey,
    /// The sign-in's.
    pub state: State,
}

impl Secrets {
    /// What the ID token has to repeat (OpenID Connect Core, section 3.1.2.1).
    #[must_use]
    pub fn nonce(&self) -> String {
        self.derive(b"nonce")
    }

    /// What proves to the provider that the code comes back to who asked for it (RFC 7636, section 4.1).
    #[must_use]
    pub fn pkce_verifier(&self) -> String {
        self.derive(b"pkce")
    }

    fn derive(&self, what: &[u8]) -> String {
        let mut digest = Sha256::new();
        digest.update(b"doorward-sign-in-v1\n");
        digest.update(what);
        digest.update(b"\n");
        digest.update(self.browser.0);
        digest.update(self.state.0);
        hex::encode(digest.finalize())
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::random::SystemRandom;

    fn any() -> Secrets {
        Secrets {
            browser: BrowserKey::generate(&SystemRandom).unwrap(),
            state: State::generate(&SystemRandom).unwrap(),
        }
    }

    #[test]
    fn a_secret_survives_its_text_and_nothing_else_parses() {
        let state = State::generate(&SystemRandom).unwrap();
        let text = state.reveal();
        assert_eq!((text.len(), text.parse()), (64, Ok(state)));
        let upper = text.to_ascii_uppercase();
        let longer = format!("{text}00");
        let bad = ["", "x", &text[1..], &longer, &"g".repeat(64), "é"];
        for bad in bad
            .into_iter()
            .chain((upper != text).then_some(upper.as_str()))
        {
            assert_eq!(bad.parse::<State>(), Err(SecretError), "{bad}");
        }
    }

    #[test]
    fn threat_37_nonce_and_verifier_need_both_secrets() {
        let secrets = any();
        let other_browser = Secrets {
            browser: any().browser,
            ..secrets
        };
        let other_state = Secrets {
            state: any().state,
            ..secrets
        };
        for one in [other_browser, other_state] {
            assert_ne!(one.nonce(), secrets.nonce());
            assert_ne!(one.pkce_verifier(), secrets.pkce_verifier());
        }
        assert_ne!(secrets.nonce(), secrets.pkce_verifier());
        assert_eq!(secrets.pkce_verifier(), secrets.pkce_verifier());
        assert_eq!(secrets.pkce_verifier().len(), 64);
    }

    #[test]
    fn threat_20_neither_the_hash_nor_the_debug_form_shows_a_secret() {
        let secrets = any();
        assert_ne!(secrets.state.hash(), secrets.state.0);
        assert_eq!(format!("{:?}", secrets.state), "State(…)");
        assert_eq!(format!("{:?}", secrets.browser), "BrowserKey(…)");
        assert_eq!(format!("{secrets:?}"), "Secrets(…)");
    }
}
