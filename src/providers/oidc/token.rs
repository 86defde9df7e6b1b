//! ID tokens: their types in the library's terms, and whether one can be believed (OpenID Connect Core, section 3.1.3.7).
//!
//! Must not know what becomes of the claims.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, ClaimsVerificationError, ClientId, EmptyExtraTokenFields, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, IdTokenClaims, IdTokenFields, IdTokenVerifier, IssuerUrl,
    JsonWebKey, Nonce, SignatureVerificationError, StandardErrorResponse, StandardTokenResponse,
};
use serde::{Deserialize, Serialize};

use super::claims;
use super::known::{self, Known};
use crate::domain::clock::Timestamp;
use crate::domain::provider::ProviderKind;
use crate::providers::{ProviderError, Settings};

/// How far the provider's clock may be from ours.
pub(super) const LEEWAY: Duration = Duration::from_secs(60);

/// Claims beyond OpenID Connect's own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct More {
    /// The provider's name for the session there (Front-Channel Logout 1.0, section 3).
    pub(super) sid: Option<String>,
    /// Not to be believed before, in seconds (RFC 7519, section 4.1.5).
    pub(super) nbf: Option<f64>,
    /// Microsoft: the tenant.
    pub(super) tid: Option<String>,
    /// Microsoft: the account in its tenant.
    pub(super) oid: Option<String>,
    /// Microsoft: whether the owner of the address's domain vouches for the address.
    pub(super) xms_edov: Option<serde_json::Value>,
    /// Google: the Workspace that the account belongs to.
    pub(super) hd: Option<String>,
}

impl AdditionalClaims for More {}

/// The claims of an ID token.
pub(super) type Claims = IdTokenClaims<More, CoreGenderClaim>;

/// An ID token.
pub(super) type IdToken = openidconnect::IdToken<
    More,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

/// What the token endpoint answers.
pub(super) type Response = StandardTokenResponse<
    IdTokenFields<
        More,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

/// The library's client for tokens with these claims.
pub(super) type Client = openidconnect::Client<
    More,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Response,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Why an ID token is not believed.
#[derive(Debug)]
pub(super) enum Doubt {
    /// For the keys that are known. With newer ones it may be.
    Key(String),
    /// For what it says.
    Content(String),
}

impl From<Doubt> for ProviderError {
    fn from(doubt: Doubt) -> Self {
        let (Doubt::Key(reason) | Doubt::Content(reason)) = doubt;
        Self::Untrustworthy(format!("the ID token is not believed: {reason}"))
    }
}

impl From<ClaimsVerificationError> for Doubt {
    fn from(error: ClaimsVerificationError) -> Self {
        use SignatureVerificationError as Signature;
        match error {
            ClaimsVerificationError::SignatureVerification(
                Signature::NoMatchingKey | Signature::CryptoError(_) | Signature::AmbiguousKeyId(_),
            ) => Self::Key(error.to_string()),
            // The others may quote the token.
            ClaimsVerificationError::Expired(_) => Self::content("it is not of this time"),
            ClaimsVerificationError::InvalidAudience(_) => Self::content("it is for somebody else"),
            ClaimsVerificationError::InvalidIssuer(_) => Self::content("it names another issuer"),
            ClaimsVerificationError::InvalidNonce(_) => Self::content("its nonce is not ours"),
            ClaimsVerificationError::SignatureVerification(_) => {
                Self::content("its signature is of another kind")
            }
            _ => Self::content("it is of a kind that is not understood"),
        }
    }
}

impl Doubt {
    pub(super) fn content(reason: &str) -> Self {
        Self::Content(reason.to_owned())
    }
}

/// Judges ID tokens.
pub(super) struct Verifier<'a> {
    pub(super) settings: &'a Settings,
    pub(super) now: Timestamp,
}

impl Verifier<'_> {
    /// The claims of a token that can be believed.
    pub(super) fn claims(
        &self,
        known: &Known,
        id_token: &IdToken,
        nonce: &Nonce,
    ) -> Result<claims::IdToken, Doubt> {
        let now = system_time(self.now);
        let newest = i64::try_from((self.now + LEEWAY).unix_seconds()).unwrap_or(i64::MAX);
        let client_id = ClientId::new(self.settings.client_id.clone());
        let issuer = known.metadata.issuer().clone();
        let keys = known.metadata.jwks().clone();
        // Never with our secret as a key: see `Known::algorithms`.
        let verifier = IdTokenVerifier::new_public_client(client_id, issuer, keys)
            .set_allowed_algs(known.algorithms())
            // Judged below, together with `azp`.
            .set_other_audience_verifier_fn(|_| true)
            .require_issuer_match(self.settings.kind != ProviderKind::Microsoft)
            .set_time_fn(move || (now - LEEWAY).into())
            .set_issue_time_verifier_fn(move |issued| {
                let in_time = issued.timestamp() <= newest;
                in_time
                    .then_some(())
                    .ok_or_else(|| "issued in the future".to_owned())
            });
        let claims = id_token.claims(&verifier, nonce)?.clone();
        self.check(known, &claims)?;
        if self.settings.kind == ProviderKind::Microsoft {
            let key = id_token.signing_key(&verifier);
            let key = key.map_err(|_| Doubt::content("its key can't be told"))?;
            let key_id = key.key_id().map(|id| id.as_str());
            if !known.may_sign(key_id, claims.issuer().as_str()) {
                return Err(Doubt::content("its key is that of another tenant"));
            }
        }
        let several = known.has_several_tenants();
        Ok(claims::IdToken::new(claims, self.settings.kind, several))
    }

    /// What the library leaves to its users.
    fn check(&self, known: &Known, claims: &Claims) -> Result<(), Doubt> {
        let more = claims.additional_claims();
        // Section 3.1.3.7, 4 and 5: a token for several says who asked for it.
        let party = claims.authorized_party().map(|party| party.as_str());
        let for_us = party.map_or(claims.audiences().len() == 1, |party| {
            party == self.settings.client_id
        });
        if !for_us {
            return Err(Doubt::content("it was issued to somebody else"));
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "seconds of this era are far below 2^53"
        )]
        let newest = (self.now + LEEWAY).unix_seconds() as f64;
        if more
            .nbf
            .is_some_and(|begins| begins.is_nan() || begins > newest)
        {
            return Err(Doubt::content("it is not of this time"));
        }
        if claims.subject().as_str().is_empty() {
            return Err(Doubt::content("it names nobody"));
        }
        if self.settings.kind == ProviderKind::Microsoft {
            self.check_tenant(known, claims.issuer(), more)?;
        }
        Ok(())
    }

    /// Microsoft's keys are the same for many tenants: the issuer has to be that of the tenant that the token names.
    fn check_tenant(&self, known: &Known, issuer: &IssuerUrl, more: &More) -> Result<(), Doubt> {
        let tenant = more
            .tid
            .as_deref()
            .filter(|tenant| known::is_tenant(tenant));
        let tenant = tenant.ok_or_else(|| Doubt::content("it names no tenant"))?;
        if issuer.as_str() == known.issuer_for(tenant) {
            Ok(())
        } else {
            Err(Doubt::content("it names another issuer"))
        }
    }
}

fn system_time(moment: Timestamp) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(moment.unix_seconds())
}
