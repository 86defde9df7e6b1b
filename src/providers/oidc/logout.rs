//! The tokens by which a provider tells that somebody has signed out there (OpenID Connect Back-Channel Logout 1.0).
//!
//! Must not end anything.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::known::Known;
use super::token::LEEWAY;
use crate::domain::clock::Timestamp;
use crate::providers::ProviderError;

/// What makes a token one of these (section 2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// The longest token, in bytes.
const MAX_TOKEN: usize = 16 * 1024;

/// Who signed out, by the names that ID tokens use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedOut {
    /// The issuer.
    pub issuer: String,
    /// The account; with no session all of its sessions.
    pub subject: Option<String>,
    /// One session.
    pub sid: Option<String>,
    /// The token's own name: it counts once.
    pub token_id: String,
    /// When the token ends, after which it needs not be remembered.
    pub ends_at: Timestamp,
}

/// Why a token is not believed.
#[derive(Debug)]
pub(super) enum Doubt {
    /// For the keys that are known. With newer ones it may be.
    Key,
    /// For what it says.
    Content(&'static str),
}

impl From<Doubt> for ProviderError {
    fn from(doubt: Doubt) -> Self {
        let reason = match doubt {
            Doubt::Key => "no key fits it",
            Doubt::Content(reason) => reason,
        };
        Self::Untrustworthy(format!("the logout token is not believed: {reason}"))
    }
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    iat: u64,
    exp: u64,
    jti: String,
    sub: Option<String>,
    sid: Option<String>,
    events: Map<String, Value>,
    nonce: Option<Value>,
}

/// Judges logout tokens.
pub(super) struct Check<'a> {
    pub(super) client_id: &'a str,
    pub(super) now: Timestamp,
}

impl Check<'_> {
    /// What a token says that can be believed (section 2.6).
    pub(super) fn token(&self, known: &Known, token: &str) -> Result<LoggedOut, Doubt> {
        let unreadable = Doubt::Content("it is no signed token");
        if token.len() > MAX_TOKEN {
            return Err(unreadable);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| unreadable)?;
        let usual = |kind: &str| {
            kind.eq_ignore_ascii_case("logout+jwt") || kind.eq_ignore_ascii_case("JWT")
        };
        if header.typ.as_deref().is_some_and(|kind| !usual(kind)) {
            return Err(Doubt::Content("it is of another type"));
        }
        let keys = known
            .keys
            .iter()
            .filter_map(|key| serde_json::from_value::<Jwk>(key.clone()).ok());
        if header.crit.is_some() {
            return Err(Doubt::Content(
                "it asks for something that is not understood",
            ));
        }
        let keys = keys.filter(|key| {
            let named = header.kid.is_none() || key.common.key_id == header.kid;
            named && algorithms(key).contains(&header.alg)
        });
        let mut outcome = Err(Doubt::Key);
        for key in keys {
            outcome = self.verified(known, token, (header.alg, &key));
            if !matches!(outcome, Err(Doubt::Key)) {
                break;
            }
        }
        self.check(outcome?)
    }

    fn verified(
        &self,
        known: &Known,
        token: &str,
        (algorithm, key): (Algorithm, &Jwk),
    ) -> Result<Claims, Doubt> {
        let key = DecodingKey::from_jwk(key).map_err(|_| Doubt::Key)?;
        let mut validation = Validation::new(algorithm);
        validation.set_issuer(&[known.metadata.issuer().as_str()]);
        validation.set_audience(&[self.client_id]);
        validation.set_required_spec_claims(&["iss", "aud", "exp"]);
        // Time is judged below, by the clock that was passed in.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let decoded = jsonwebtoken::decode::<Claims>(token, &key, &validation);
        decoded
            .map(|decoded| decoded.claims)
            .map_err(|error| match error.kind() {
                jsonwebtoken::errors::ErrorKind::InvalidSignature => Doubt::Key,
                _ => Doubt::Content("its issuer, audience or form is another one"),
            })
    }

    fn check(&self, claims: Claims) -> Result<LoggedOut, Doubt> {
        let (now, leeway) = (self.now.unix_seconds(), LEEWAY.as_secs());
        if claims.exp.saturating_add(leeway) <= now || claims.iat > now.saturating_add(leeway) {
            return Err(Doubt::Content("it is not of this time"));
        }
        if !claims.events.get(EVENT).is_some_and(Value::is_object) {
            return Err(Doubt::Content("it is no word of a sign-out"));
        }
        if claims.nonce.is_some() {
            return Err(Doubt::Content("it has a nonce, as an ID token has"));
        }
        if claims.jti.is_empty() || (claims.sub.is_none() && claims.sid.is_none()) {
            return Err(Doubt::Content("it names nobody, or has no name of its own"));
        }
        let ends_at = i64::try_from(claims.exp.saturating_add(leeway)).unwrap_or(i64::MAX);
        Ok(LoggedOut {
            issuer: claims.iss,
            subject: claims.sub,
            sid: claims.sid,
            token_id: claims.jti,
            ends_at: Timestamp::from_seconds(ends_at),
        })
    }
}

/// What a key can be used with: never what the token says alone.
fn algorithms(key: &Jwk) -> Vec<Algorithm> {
    let possible = match &key.algorithm {
        AlgorithmParameters::RSA(_) => vec![
            Algorithm::RS256,
            Algorithm::RS384,
            Algorithm::RS512,
            Algorithm::PS256,
            Algorithm::PS384,
            Algorithm::PS512,
        ],
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 => vec![Algorithm::ES256],
            EllipticCurve::P384 => vec![Algorithm::ES384],
            _ => Vec::new(),
        },
        AlgorithmParameters::OctetKeyPair(_) => vec![Algorithm::EdDSA],
        _ => Vec::new(),
    };
    let Some(named) = key.common.key_algorithm else {
        return possible;
    };
    let named = named.to_string().parse::<Algorithm>().ok();
    possible
        .into_iter()
        .filter(|algorithm| Some(*algorithm) == named)
        .collect()
}
