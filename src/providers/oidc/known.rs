//! What a provider says of itself, and what follows from it.
//!
//! Must not ask it.

use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
    CoreJwsSigningAlgorithm, CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{AdditionalProviderMetadata, AuthType, ProviderMetadata};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::domain::clock::Timestamp;
use crate::domain::provider::ProviderKind;

/// In the issuer of a Microsoft that lets in several tenants: the tenant of each token stands in its place.
const TENANT: &str = "{tenantid}";

/// Words that stand for several tenants.
const SEVERAL: [&str; 3] = ["common", "organizations", "consumers"];
/// The tenant of all personal accounts, which `consumers` stands for.
pub(super) const PERSONAL: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// Metadata beyond OpenID Connect Discovery's own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct More {
    /// RP-Initiated Logout 1.0.
    end_session_endpoint: Option<Url>,
    /// RFC 9207, section 3.
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for More {}

impl More {
    pub(super) fn end_session_endpoint(&self) -> Option<&Url> {
        self.end_session_endpoint.as_ref()
    }
}

/// What a provider says of itself.
pub(super) type Metadata = ProviderMetadata<
    More,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// What is known of a provider at one moment.
#[derive(Debug)]
pub(super) struct Known {
    /// What it says of itself, its keys among it.
    pub(super) metadata: Metadata,
    /// The same keys as they came, for the tokens of back-channel logout.
    pub(super) keys: Vec<serde_json::Value>,
    pub(super) fetched_at: Timestamp,
}

impl Known {
    /// How the provider wants to be told our secret: in a header unless it takes only the body.
    pub(super) fn auth_type(&self, kind: ProviderKind) -> AuthType {
        // Microsoft's pages know the body alone, whatever its metadata says.
        if kind == ProviderKind::Microsoft {
            return AuthType::RequestBody;
        }
        let methods = self.metadata.token_endpoint_auth_methods_supported();
        let takes = |method| methods.is_some_and(|methods| methods.contains(method));
        if takes(&CoreClientAuthMethod::ClientSecretPost)
            && !takes(&CoreClientAuthMethod::ClientSecretBasic)
        {
            AuthType::RequestBody
        } else {
            AuthType::BasicAuth
        }
    }

    /// Whether every answer names its issuer.
    pub(super) fn names_itself(&self) -> bool {
        let more = self.metadata.additional_metadata();
        more.authorization_response_iss_parameter_supported
    }

    /// Where sessions are ended.
    pub(super) fn end_session_endpoint(&self) -> Option<Url> {
        self.metadata
            .additional_metadata()
            .end_session_endpoint
            .clone()
    }

    /// Whether this is the issuer, as an answer names it.
    pub(super) fn is_issuer(&self, issuer: &str) -> bool {
        let own = self.metadata.issuer().as_str();
        match own.split_once(TENANT) {
            None => issuer == own,
            Some((before, after)) => {
                let tenant = issuer
                    .strip_prefix(before)
                    .and_then(|rest| rest.strip_suffix(after));
                tenant.is_some_and(is_tenant)
            }
        }
    }

    /// Whether accounts of more than one organisation sign in there.
    pub(super) fn has_several_tenants(&self) -> bool {
        self.metadata.issuer().as_str().contains(TENANT)
    }

    /// Whether a key may sign for this issuer. Microsoft says of each key for whom.
    pub(super) fn may_sign(&self, key_id: Option<&str>, issuer: &str) -> bool {
        let key = self
            .keys
            .iter()
            .find(|key| key_id.is_some() && key["kid"].as_str() == key_id);
        match key.and_then(|key| key["issuer"].as_str()) {
            Some(owner) => owner == issuer || owner.contains(TENANT),
            None => true,
        }
    }

    /// The issuer that a token of this tenant has to name.
    pub(super) fn issuer_for(&self, tenant: &str) -> String {
        self.metadata.issuer().as_str().replace(TENANT, tenant)
    }

    /// The algorithms that the provider signs with and that take a key of its own: with those that take our secret,
    /// whoever knows it could speak for the provider; with `none` anybody could.
    pub(super) fn algorithms(&self) -> Vec<CoreJwsSigningAlgorithm> {
        let own = self.metadata.id_token_signing_alg_values_supported().iter();
        own.filter(|algorithm| needs_its_key(algorithm))
            .cloned()
            .collect()
    }
}

/// A tenant's id: a GUID.
pub(super) fn is_tenant(text: &str) -> bool {
    uuid::Uuid::try_parse(text).is_ok_and(|id| id.as_hyphenated().to_string() == text)
}

fn needs_its_key(algorithm: &CoreJwsSigningAlgorithm) -> bool {
    use CoreJwsSigningAlgorithm as Algorithm;
    !matches!(
        algorithm,
        Algorithm::HmacSha256 | Algorithm::HmacSha384 | Algorithm::HmacSha512 | Algorithm::None
    )
}

/// Microsoft's issuers for several tenants, as `https://login.microsoftonline.com/common/v2.0` is discovered.
pub(super) fn is_template_of(template: &str, issuer: &str) -> bool {
    let Some((before, after)) = template.split_once(TENANT) else {
        return false;
    };
    let tenant = issuer
        .strip_prefix(before)
        .and_then(|rest| rest.strip_suffix(after));
    tenant.is_some_and(|tenant| SEVERAL.contains(&tenant))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_microsofts_own_words_stand_for_many_tenants() {
        let template = "https://login.microsoftonline.com/{tenantid}/v2.0";
        for word in ["common", "organizations", "consumers"] {
            let issuer = format!("https://login.microsoftonline.com/{word}/v2.0");
            assert!(is_template_of(template, &issuer), "{word}");
        }
        for issuer in [
            "https://login.microsoftonline.com/8c0a2c4e-5b1f-4f0e-9a43-0c5b8f6a1d2e/v2.0",
            "https://login.microsoftonline.com//v2.0",
            "https://login.microsoftonline.com/common/v1.0",
            "https://evil.example/common/v2.0",
        ] {
            assert!(!is_template_of(template, issuer), "{issuer}");
        }
        assert!(!is_template_of(
            "https://id.example.com",
            "https://id.example.com"
        ));
    }

    #[test]
    fn a_tenant_is_a_guid() {
        assert!(is_tenant("8c0a2c4e-5b1f-4f0e-9a43-0c5b8f6a1d2e"));
        for bad in [
            "",
            "common",
            "{tenantid}",
            "8C0A2C4E-5B1F-4F0E-9A43-0C5B8F6A1D2E",
            "../x",
        ] {
            assert!(!is_tenant(bad), "{bad}");
        }
    }
}
