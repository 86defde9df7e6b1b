//! Codes that were given and not yet taken.
//!
//! Must not give one out twice.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::domain::random::{self, Random, RandomError};

/// The most codes that wait at once. Nobody tries so many: those that wait are forgotten then.
const MOST: usize = 1000;

/// What a code stands for.
#[derive(Debug)]
pub(super) struct Grant {
    /// Who somebody wanted to be.
    pub(super) name: String,
    /// Where the code went.
    pub(super) redirect_uri: String,
    /// What the ID token repeats.
    pub(super) nonce: String,
    /// The PKCE challenge.
    pub(super) challenge: String,
}

/// Codes and what they stand for.
#[derive(Debug, Default)]
pub(super) struct Grants(Mutex<HashMap<String, Grant>>);

impl Grants {
    /// A code for a grant.
    pub(super) fn give(&self, grant: Grant, random: &dyn Random) -> Result<String, RandomError> {
        let code = secret(random)?;
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= MOST {
            waiting.clear();
        }
        waiting.insert(code.clone(), grant);
        Ok(code)
    }

    /// What a code stands for, once.
    pub(super) fn take(&self, code: &str) -> Option<Grant> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.remove(code)
    }
}

/// 256 random bits as text.
pub(super) fn secret(random: &dyn Random) -> Result<String, RandomError> {
    Ok(hex::encode(random::bytes::<32>(random)?))
}

/// The S256 challenge of a verifier (RFC 7636, section 4.2).
pub(super) fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::random::SystemRandom;

    #[test]
    fn a_code_is_taken_once() {
        let grants = Grants::default();
        let grant = Grant {
            name: "ann".to_owned(),
            redirect_uri: String::new(),
            nonce: String::new(),
            challenge: String::new(),
        };
        let code = grants.give(grant, &SystemRandom).unwrap();
        assert!(grants.take("another").is_none());
        assert_eq!(grants.take(&code).unwrap().name, "ann");
        assert!(grants.take(&code).is_none());
    }

    /// RFC 7636, appendix B.
    #[test]
    fn the_challenge_is_that_of_the_standard() {
        assert_eq!(
            challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }
}
