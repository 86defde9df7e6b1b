//! What a provider says of itself, and its keys: fetched when first needed, kept, and brought up to date (OpenID Connect
//! Discovery 1.0).
//!
//! A provider that does not answer keeps what is known of it. Must not believe an issuer that is not the configured one.

use std::sync::{Arc, RwLock};
use std::time::Duration;

use openidconnect::JsonWebKeySet;
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

use super::known::{Known, Metadata, PERSONAL, is_template_of};
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::provider::{ProviderKind, is_on_this_machine};
use crate::providers::client::Client;
use crate::providers::{ProviderError, Settings};

/// How old what is known may be before it is fetched anew in the background.
const FRESH: Duration = Duration::from_secs(60 * 60);
/// How long after one fetch another may follow because a key is not known, or because the last one failed: tokens that
/// somebody makes up must not make us ask for every one.
const PAUSE: Duration = Duration::from_secs(5);
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
            metadata.additional_metadata().end_session_endpoint(),
        ];
        for url in endpoints.into_iter().flatten() {
            if url.scheme() != "https"
                && !(local && url.scheme() == "http" && is_on_this_machine(url))
            {
                return Err(format!("discovery: {url} is not https"));
            }
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Keys {
    keys: Vec<serde_json::Value>,
}
