//! The ways into an account: what there is, and what its owner adds and removes.
//!
//! The last one can't be removed. Must not ask a provider anything.

mod acting;
mod claims;
mod removal;

use std::sync::Arc;

use super::Failure;
use super::oauth_login::Providers;
use super::sessions::Sessions;
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::email::Email;
use crate::domain::ids::{PoolId, ProviderId, UserId};
use crate::storage::Database;
use crate::storage::identities as rows;
use crate::storage::users::{self, Account};

pub use crate::storage::identities::Identity;
pub use acting::Acting;
pub(in crate::services) use acting::{still_acting, still_open};
pub use claims::{Claimed, Proof};
pub use removal::UnlinkError;

/// The ways into accounts.
#[derive(Debug)]
pub struct Identities {
    /// The providers.
    pub providers: Arc<Providers>,
    /// Where identities are.
    pub database: Database,
    /// Sessions, which end when a way in is removed.
    pub sessions: Arc<Sessions>,
    /// What time it is for all nodes.
    pub common_clock: Arc<dyn Clock>,
}

/// The ways into one account.
#[derive(Debug, Clone, Default)]
pub struct Ways {
    /// The address, where there is one.
    pub email: Option<Email>,
    /// Whether there is a password.
    pub has_password: bool,
    /// The accounts at providers, in the order in which they were linked.
    pub identities: Vec<Way>,
}

impl Ways {
    /// Whether there is a way in beside this one.
    #[must_use]
    pub fn is_removable(&self, way: &Way) -> bool {
        // A password needs an address beside it.
        let password = self.has_password && self.email.is_some();
        let mut others = self
            .identities
            .iter()
            .filter(|other| other.handle != way.handle);
        password || others.any(|other| other.usable)
    }
}

/// An account at a provider.
#[derive(Debug, Clone)]
pub struct Way {
    /// By which it is named in forms.
    pub handle: String,
    /// The provider.
    pub provider: ProviderId,
    /// What people call it; the id where it is not configured (any more).
    pub name: String,
    /// The address that was told last.
    pub email: Option<String>,
    /// When it was linked.
    pub linked_at: Timestamp,
    /// Whether the pool offers the provider: otherwise it lets nobody in.
    pub usable: bool,
}

impl Identities {
    /// The ways into an account; nothing where there is none (any more).
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn ways(&self, user: UserId) -> Result<Option<Ways>, Failure> {
        let mut db = self.database.acquire().await?;
        let Some(account) = users::by_id(&mut db, user).await? else {
            return Ok(None);
        };
        let identities = rows::of_user(&mut db, user).await?;
        Ok(Some(self.told(account, identities)))
    }

    /// The identities of an account, in the order in which they were linked.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn of_user(&self, user: UserId) -> Result<Vec<Identity>, Failure> {
        let mut db = self.database.acquire().await?;
        Ok(rows::of_user(&mut db, user).await?)
    }

    fn told(&self, account: Account, identities: Vec<Identity>) -> Ways {
        let pool = account.user.pool;
        let way = |identity: Identity| Way {
            handle: identity.handle(),
            name: self.name_of(&identity.provider),
            usable: self
                .providers
                .lead_in(&pool, &identity.provider, &identity.subject),
            provider: identity.provider,
            email: identity.email,
            linked_at: identity.linked_at,
        };
        Ways {
            email: account.user.email,
            has_password: account.password_hash.is_some(),
            identities: identities.into_iter().map(way).collect(),
        }
    }

    /// What people call a provider.
    #[must_use]
    pub fn name_of(&self, provider: &ProviderId) -> String {
        let known = self.providers.all.get(provider);
        known.map_or_else(|| provider.to_string(), |known| known.name.clone())
    }

    /// The providers of a pool, in the order of their buttons, with what people call them.
    #[must_use]
    pub fn offered(&self, pool: &PoolId) -> Vec<(ProviderId, String)> {
        let offered = self.providers.of(pool);
        offered
            .map(|(id, offered)| (id.clone(), offered.name.clone()))
            .collect()
    }
}
