//! Signing in with an account at a provider.
//!
//! A sign-in is bound to a browser, a provider and a request, comes back once, and is over after ten minutes (THREATS 36).
//! Must not know cookies, forms or JSON, nor how a provider is asked.

mod account;
mod begin;
mod finish;
mod outcome;
mod sweep;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use super::identities::Identities;
use super::register;
use super::sessions::Sessions;
use crate::domain::clock::Clock;
use crate::domain::identity::Subject;
use crate::domain::ids::{PoolId, ProviderId};
use crate::domain::random::Random;
use crate::providers::Provider;
use crate::storage::Database;

pub use begin::{Beginning, Begun, Purpose};
pub use finish::Callback;
pub use outcome::{Finished, OauthError, Unfinished};

/// How long somebody may take at a provider.
pub const SIGN_IN_LIFETIME: Duration = Duration::from_secs(10 * 60);
/// How long one that came back is remembered: who comes back once more, or late, is sent on.
pub const SIGN_IN_MEMORY: Duration = Duration::from_secs(60 * 60);

/// A provider that people may sign in with.
#[derive(Debug)]
pub struct Offered {
    /// What people call it.
    pub name: String,
    /// Who speaks for it.
    pub issuer: String,
    /// Whether its word counts that an address belongs to an account.
    pub trust_email: bool,
    /// Whether signing out here ends the session there.
    pub sign_out: bool,
    /// Asks it.
    pub provider: Box<dyn Provider>,
}

/// The providers of an installation, and which pool offers which.
#[derive(Debug, Default)]
pub struct Providers {
    /// All of them.
    pub all: BTreeMap<ProviderId, Offered>,
    /// Those that a pool offers, in the order of their buttons. A pool that is not here offers none.
    pub by_pool: HashMap<PoolId, Vec<ProviderId>>,
}

impl Providers {
    /// What a pool offers.
    pub fn of<'a>(&'a self, pool: &PoolId) -> impl Iterator<Item = (&'a ProviderId, &'a Offered)> {
        let ids = self
            .by_pool
            .get(pool)
            .map(Vec::as_slice)
            .unwrap_or_default();
        ids.iter().filter_map(|id| self.all.get_key_value(id))
    }

    /// One provider, if the pool offers it.
    #[must_use]
    pub fn find(&self, pool: &PoolId, id: &ProviderId) -> Option<&Offered> {
        let mut offered = self.of(pool).filter(|(known, _)| *known == id);
        offered.next().map(|(_, offered)| offered)
    }

    /// Whether an identity that was last used under this id leads into accounts of the pool: the provider is offered, and is
    /// the same one still.
    #[must_use]
    pub fn lead_in(&self, pool: &PoolId, id: &ProviderId, subject: &Subject) -> bool {
        // Microsoft's issuers name the tenant, which is part of the subject instead.
        let same = |offered: &Offered| offered.issuer.starts_with(&subject.issuer);
        self.find(pool, id).is_some_and(same)
    }

    /// Brings what is known of every provider up to date, where it is time to. None waits for another.
    pub async fn refresh(&self) {
        let each = self.all.iter().map(async |(id, offered)| {
            if let Err(error) = offered.provider.refresh().await {
                tracing::warn!(provider = %id, %error, "the provider can't be asked; it will be tried again");
            }
        });
        futures_util::future::join_all(each).await;
    }
}

/// Signs people in with accounts at providers.
#[derive(Debug)]
pub struct OauthLogin {
    /// The providers.
    pub providers: Arc<Providers>,
    /// Who may make an account.
    pub registration: register::Settings,
    /// Who somebody is at providers.
    pub identities: Arc<Identities>,
    /// Where accounts and sign-ins under way are.
    pub database: Database,
    /// Where new sessions go.
    pub sessions: Arc<Sessions>,
    /// What time it is for all nodes.
    pub common_clock: Arc<dyn Clock>,
    /// Where secrets and ids come from.
    pub random: Arc<dyn Random>,
}
