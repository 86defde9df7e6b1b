//! What a provider says of itself, and its keys: fetched when first needed, kept, and brought up to date (OpenID Connect
//! Discovery 1.0).
//!
//! A provider that does not answer keeps what is known of it. Must not believe an issuer that is not the configured one.

use std::sync::{Arc, RwLock};
use std::time::Duration;

use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
    CoreJwsSigningAlgorithm, CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{AdditionalProviderMetadata, AuthType, JsonWebKeySet, ProviderMetadata};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use url::{Host, Url};

use crate::domain::clock::{Clock, Timestamp};
use crate::domain::provider::ProviderKind;
use crate::providers::client::Client;
use crate::providers::{ProviderError, Settings};

/// How old what is known may be before it is fetched anew in the background.
const FRESH: Duration = Duration::from_secs(60 * 60);
/// How long after one fetch another may follow because a key is not known, or because the last one failed: tokens that
/// somebody makes up must not make us ask for every one.
const PAUSE: Duration = Duration::from_secs(5);
/// In the issuer of a Microsoft that lets in several tenants: the tenant of each token stands in its place.
const TENANT: &str = "{tenantid}";

/// Words that stand for several tenants.
const SEVERAL: [&str; 3] = ["common", "organizations", "consumers"];
/// The tenant of all personal accounts, which `consumers` stands for.
const PERSONAL: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

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
    fetched_at: Timestamp,
}

/// Finds out, and remembers.
#[derive(Debug)]
pub(super) struct Discovery {
    kind: ProviderKind,
    issuer: String,
    http: Arc<Client>,
    clock: Arc<dyn Clock>,
    known: RwLock<Option<Arc<Known>>>,
    /// When the last fetch began, and how it failed. Held while one is under way, so that there is one at a time.
    last: Mutex<Option<(Timestamp, Option<String>)>>,
}

impl Discovery {
    pub(super) fn new(settings: &Settings, http: Arc<Client>, clock: Arc<dyn Clock>) -> Self {
        Self {
            kind: settings.kind,
            issuer: settings.issuer.clone(),
            http,
            clock,
            known: RwLock::new(None),
            last: Mutex::new(None),
        }
    }

    fn remembered(&self) -> Option<Arc<Known>> {
        // Whoever panicked while writing has written all or nothing.
        let known = self.known.read();
        known
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }

    /// What is known; where nothing is, it is found out now.
    pub(super) async fn known(&self) -> Result<Arc<Known>, ProviderError> {
        match self.remembered() {
            Some(known) => Ok(known),
            None => self.fetched_after(None).await,
        }
    }

    /// What is known beyond `old`, whose keys did not do; nothing where there is nothing new.
    pub(super) async fn anew(&self, old: &Arc<Known>) -> Option<Arc<Known>> {
        let known = self.fetched_after(Some(old)).await.ok()?;
        (!Arc::ptr_eq(&known, old)).then_some(known)
    }

    /// Fetches what is missing or old.
    pub(super) async fn refresh(&self) -> Result<(), ProviderError> {
        let old = self.remembered();
        let now = self.clock.now();
        if old
            .as_ref()
            .is_some_and(|known| now.since(known.fetched_at) < FRESH)
        {
            return Ok(());
        }
        self.fetched_after(old.as_ref()).await.map(drop)
    }

    /// One fetch for all who wait. Whoever comes while it lasts, or soon after it, has its outcome.
    async fn fetched_after(&self, old: Option<&Arc<Known>>) -> Result<Arc<Known>, ProviderError> {
        let mut last = self.last.lock().await;
        let remembered = self.remembered();
        if let Some(known) = remembered
            && old.is_none_or(|old| !Arc::ptr_eq(&known, old))
        {
            return Ok(known);
        }
        let now = self.clock.now();
        if let Some((at, failure)) = last.as_ref()
            && now.since(*at) < PAUSE
        {
            return match (failure, old) {
                (None, Some(old)) => Ok(Arc::clone(old)),
                (failure, _) => Err(ProviderError::Unavailable(
                    failure.clone().unwrap_or_default(),
                )),
            };
        }
        match self.fetch(now).await {
            Ok(known) => {
                let known = Arc::new(known);
                *last = Some((now, None));
                let mut place = self
                    .known
                    .write()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                *place = Some(Arc::clone(&known));
                Ok(known)
            }
            Err(reason) => {
                *last = Some((self.clock.now(), Some(reason.clone())));
                Err(ProviderError::Unavailable(reason))
            }
        }
    }

    async fn fetch(&self, now: Timestamp) -> Result<Known, String> {
        let url = format!(
            "{}/.well-known/openid-configuration",
            self.issuer.trim_end_matches('/')
        );
        let url = Url::parse(&url).map_err(|error| format!("the issuer is no address: {error}"))?;
        let metadata = self.http.get::<Metadata>(&url, &[]).await;
        let metadata = metadata.map_err(|error| format!("discovery: {error}"))?;
        self.check(&metadata)?;
        let keys = self.http.get::<Keys>(metadata.jwks_uri().url(), &[]).await;
        let Keys { keys } = keys.map_err(|error| format!("keys: {error}"))?;
        // A key of a kind that nobody knows yet is no key, and no reason to refuse the others.
        let usable = keys
            .iter()
            .filter_map(|key| serde_json::from_value(key.clone()).ok());
        Ok(Known {
            metadata: metadata.set_jwks(JsonWebKeySet::new(usable.collect())),
            keys,
            fetched_at: now,
        })
    }

    /// OpenID Connect Discovery, section 4.3: the issuer is exactly the one that was asked. Its addresses are as well
    /// protected as it is itself.
    fn check(&self, metadata: &Metadata) -> Result<(), String> {
        let named = metadata.issuer().as_str();
        let same = named == self.issuer
            || (self.kind == ProviderKind::Microsoft
                && (is_template_of(named, &self.issuer)
                    || named == self.issuer.replace("/consumers/", &format!("/{PERSONAL}/"))));
        if !same {
            return Err(format!(
                "discovery: the provider calls itself {named:?}, not {:?}",
                self.issuer
            ));
        }
        let local = Url::parse(&self.issuer).is_ok_and(|url| url.scheme() == "http");
        let endpoints = [
            Some(metadata.authorization_endpoint().url()),
            metadata.token_endpoint().map(|endpoint| endpoint.url()),
            metadata.userinfo_endpoint().map(|endpoint| endpoint.url()),
            Some(metadata.jwks_uri().url()),
            metadata.additional_metadata().end_session_endpoint.as_ref(),
        ];
        for url in endpoints.into_iter().flatten() {
            if url.scheme() != "https" && !(local && url.scheme() == "http" && is_loopback(url)) {
                return Err(format!("discovery: {url} is not https"));
            }
        }
        Ok(())
    }
}

/// Microsoft's issuers for several tenants, as `https://login.microsoftonline.com/common/v2.0` is discovered.
fn is_template_of(template: &str, issuer: &str) -> bool {
    let Some((before, after)) = template.split_once(TENANT) else {
        return false;
    };
    let tenant = issuer
        .strip_prefix(before)
        .and_then(|rest| rest.strip_suffix(after));
    tenant.is_some_and(|tenant| SEVERAL.contains(&tenant))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[derive(Deserialize)]
struct Keys {
    keys: Vec<serde_json::Value>,
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
