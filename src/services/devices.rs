//! The browsers that people have signed in with.
//!
//! A token is given out after a full sign-in and bound to the user. It opens nothing: at a later sign-in to the same
//! account it has a budget of its own, so that an attack on the account does not keep its owner out (THREATS 29). Must not
//! know cookies.

use std::sync::Arc;
use std::time::Duration;

use super::Failure;
use super::throttle::DEVICE_FAILURES;
use crate::domain::clock::Clock;
use crate::domain::device::DeviceToken;
use crate::domain::ids::{PoolId, UserId};
use crate::domain::random::Random;
use crate::storage::{Connection, Database, devices};

/// The most tokens that one browser keeps, each for another user of it.
pub const MAX_USERS: usize = 4;

/// How long a device is known after its last use. Browsers keep no cookie for longer than 400 days.
pub const LIFETIME: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The most devices of one user; those used longest ago go first.
const MAX_DEVICES: i64 = 20;

/// Devices of all users.
#[derive(Debug)]
pub struct Devices {
    /// Where they are kept.
    pub database: Database,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where new tokens come from.
    pub random: Arc<dyn Random>,
}

impl Devices {
    /// What the browser is to keep from now on, where `user` has just signed in and it came with `presented`: a token of
    /// the user's first, new where it had none that counts, then those of other users. Nothing when the database fails,
    /// which is no reason to turn somebody away.
    pub async fn remember(
        &self,
        pool: &PoolId,
        user: UserId,
        presented: &[DeviceToken],
    ) -> Vec<DeviceToken> {
        match self.try_remember(pool, user, presented).await {
            Ok(tokens) => tokens,
            Err(error) => {
                tracing::warn!(%error, %user, "the device of a sign-in is not remembered");
                Vec::new()
            }
        }
    }

    async fn try_remember(
        &self,
        pool: &PoolId,
        user: UserId,
        presented: &[DeviceToken],
    ) -> Result<Vec<DeviceToken>, Failure> {
        let (mut own, mut void, mut others) = (None, Vec::new(), Vec::new());
        let mut db = self.database.acquire().await?;
        for token in presented.iter().take(MAX_USERS) {
            match devices::find(&mut db, &token.hash(), pool).await? {
                Some(device) if device.user != user => others.push(*token),
                Some(device) if device.failures < DEVICE_FAILURES && own.is_none() => {
                    own = Some(*token);
                }
                Some(_) => void.push(*token),
                None => {}
            }
        }
        for token in &void {
            devices::delete(&mut db, &token.hash()).await?;
        }
        let own = match own {
            Some(own) => own,
            None => self.make_known(&mut db, pool, user).await?,
        };
        let kept = [own].into_iter().chain(others);
        Ok(kept.take(MAX_USERS).collect())
    }

    async fn make_known(
        &self,
        db: &mut Connection,
        pool: &PoolId,
        user: UserId,
    ) -> Result<DeviceToken, Failure> {
        let token = DeviceToken::generate(self.random.as_ref())?;
        devices::insert(db, &token.hash(), (pool, user), self.clock.now()).await?;
        devices::delete_beyond(db, user, MAX_DEVICES).await?;
        Ok(token)
    }

    /// Forgets devices that nobody has used for their lifetime; yields how many.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn sweep(&self) -> Result<u64, Failure> {
        let mut db = self.database.acquire().await?;
        Ok(devices::delete_unused(&mut db, self.clock.now() - LIFETIME).await?)
    }
}
