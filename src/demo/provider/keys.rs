//! The key that signs ID tokens: made at the start, and gone with the process.

use anyhow::Context;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

use crate::domain::random::{self, Random};

/// What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410, section 7).
const PKCS8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
/// The key's name.
const KEY_ID: &str = "town-id";

/// A key for signing, with its public half.
pub(super) struct Keys {
    private: EncodingKey,
    public: Jwk,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl Keys {
    /// A new key.
    pub(super) fn generate(random: &dyn Random) -> anyhow::Result<Self> {
        let seed = random::bytes::<32>(random)?;
        let private = EncodingKey::from_ed_der(&[&PKCS8[..], &seed].concat());
        let mut public =
            Jwk::from_encoding_key(&private, Algorithm::EdDSA).context("a key is unusable")?;
        public.common.key_id = Some(KEY_ID.to_owned());
        Ok(Self { private, public })
    }

    /// What the token's readers need.
    pub(super) fn public(&self) -> JwkSet {
        JwkSet {
            keys: vec![self.public.clone()],
        }
    }

    /// A signed token.
    pub(super) fn sign(
        &self,
        claims: &impl Serialize,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(KEY_ID.to_owned());
        jsonwebtoken::encode(&header, claims, &self.private)
    }
}
