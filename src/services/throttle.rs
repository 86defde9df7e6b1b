//! Admits attempts to sign in, so that no password can be guessed quickly and nobody can be locked out.
//!
//! An attempt is counted before its password is hashed, in the database that all nodes share: ten nodes are one limiter,
//! and a hundred guesses at once can't all be the first. What succeeds is given back. An address that nobody has is
//! counted like any other (THREATS 28 to 30). Must not know whether there is an account.

mod turns;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;

use self::turns::Turns;
use super::Failure;
use crate::domain::clock::Clock;
use crate::domain::device::{DeviceHash, DeviceToken};
use crate::domain::email::Email;
use crate::domain::ids::PoolId;
use crate::domain::throttle::{ACCOUNT, Bucket, Key, NETWORK, Pair, count};
use crate::storage::{Database, attempts, devices};

/// So many failures in a row, and a device is no longer known.
pub const DEVICE_FAILURES: i32 = 5;

/// Counts attempts.
#[derive(Debug)]
pub struct Throttle {
    database: Database,
    clock: Arc<dyn Clock>,
    turns: Turns,
}

/// Who wants to sign in to what.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// The pool of the account.
    pub pool: &'a PoolId,
    /// Its address, whether or not somebody has it.
    pub email: &'a Email,
    /// Where the request came from.
    pub client: IpAddr,
    /// The device tokens that it came with.
    pub devices: &'a [DeviceToken],
}

/// An attempt that is counted. Dropped, it stays counted: whoever hangs up gains nothing.
#[derive(Debug)]
#[must_use]
pub struct Pass(Counted);

#[derive(Debug)]
enum Counted {
    /// With a device that is known, on its own budget.
    Device(DeviceHash),
    /// Without, in both buckets, which were left like this.
    Stranger {
        keys: Pair<Key>,
        buckets: Pair<Bucket>,
        _turn: OwnedSemaphorePermit,
    },
}

/// Why there is no attempt now.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// There were too many; after this time there may be another.
    #[error("too many attempts: wait {0:?}")]
    Wait(Duration),
    /// Too many are waiting for their turn.
    #[error("too many attempts at once")]
    Busy,
    /// Something of ours failed.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl Throttle {
    /// Counts in `database`, by a clock that all nodes have in common.
    #[must_use]
    pub fn new(database: Database, clock: Arc<dyn Clock>) -> Self {
        Self {
            database,
            clock,
            turns: Turns::default(),
        }
    }

    /// Counts an attempt, if there may be one now.
    ///
    /// # Errors
    ///
    /// As [`Denied`]; then nothing is counted.
    pub async fn admit(&self, attempt: Attempt<'_>) -> Result<Pass, Denied> {
        if let Some(device) = self.known_device(attempt).await? {
            return Ok(Pass(Counted::Device(device)));
        }
        let keys = Pair::of(attempt.pool, attempt.email, attempt.client);
        let turn = self.turns.take(keys.account).await.ok_or(Denied::Busy)?;
        // First without a lock: whoever is refused may not hold up the others.
        count(self.look(&keys).await?, self.clock.now()).map_err(Denied::Wait)?;
        let buckets = self.count(&keys).await?.map_err(Denied::Wait)?;
        Ok(Pass(Counted::Stranger {
            keys,
            buckets,
            _turn: turn,
        }))
    }

    /// The first of the tokens that belongs to this account and has some of its budget left.
    async fn known_device(&self, attempt: Attempt<'_>) -> Result<Option<DeviceHash>, Failure> {
        if attempt.devices.is_empty() {
            return Ok(None);
        }
        let mut db = self.database.acquire().await?;
        let account = (attempt.pool, attempt.email);
        for token in attempt.devices {
            let hash = token.hash();
            if devices::count(&mut db, &hash, account, DEVICE_FAILURES).await? {
                return Ok(Some(hash));
            }
        }
        Ok(None)
    }

    async fn look(&self, keys: &Pair<Key>) -> Result<Pair<Bucket>, Failure> {
        let mut db = self.database.acquire().await?;
        let empty = Bucket::empty(self.clock.now());
        let account = attempts::find(&mut db, &keys.account).await?;
        let network = attempts::find(&mut db, &keys.network).await?;
        Ok(Pair {
            account: account.unwrap_or(empty),
            network: network.unwrap_or(empty),
        })
    }

    async fn count(&self, keys: &Pair<Key>) -> Result<Result<Pair<Bucket>, Duration>, Failure> {
        let mut db = self.database.begin().await?;
        let held = attempts::hold(&mut db, keys, self.clock.now()).await?;
        // Others may have counted while the rows were waited for.
        let now = self.clock.now();
        let buckets = match count(held, now) {
            Ok(buckets) => buckets,
            Err(wait) => return Ok(Err(wait)),
        };
        attempts::keep(&mut db, &keys.account, &buckets.account).await?;
        attempts::keep(&mut db, &keys.network, &buckets.network).await?;
        db.commit().await?;
        Ok(Ok(buckets))
    }

    /// The password was right. The network's bucket is emptied; the account's loses this attempt alone, so that a sign-in
    /// of its owner does not give everybody else new guesses.
    pub async fn succeeded(&self, pass: Pass) {
        let outcome = match &pass.0 {
            Counted::Device(hash) => self.device_used(hash).await,
            Counted::Stranger { keys, buckets, .. } => self.uncount(keys, buckets, true).await,
        };
        warn_of(outcome);
    }

    /// Nothing was compared, so nothing was guessed.
    pub async fn give_back(&self, pass: Pass) {
        let outcome = match &pass.0 {
            Counted::Device(hash) => self.device_uncounted(hash).await,
            Counted::Stranger { keys, buckets, .. } => self.uncount(keys, buckets, false).await,
        };
        warn_of(outcome);
    }

    async fn device_used(&self, hash: &DeviceHash) -> Result<(), Failure> {
        let mut db = self.database.acquire().await?;
        devices::used(&mut db, hash, self.clock.now()).await?;
        Ok(())
    }

    async fn device_uncounted(&self, hash: &DeviceHash) -> Result<(), Failure> {
        let mut db = self.database.acquire().await?;
        devices::uncount(&mut db, hash).await?;
        Ok(())
    }

    async fn uncount(
        &self,
        keys: &Pair<Key>,
        counted: &Pair<Bucket>,
        proven: bool,
    ) -> Result<(), Failure> {
        let mut db = self.database.begin().await?;
        let now = self.clock.now();
        let held = attempts::hold(&mut db, keys, now).await?;
        let account = held.account.without(&counted.account, now, ACCOUNT);
        let network = if proven {
            Bucket::empty(now)
        } else {
            held.network.without(&counted.network, now, NETWORK)
        };
        for (key, bucket) in [(&keys.account, account), (&keys.network, network)] {
            if bucket.is_empty(now) {
                attempts::delete(&mut db, key).await?;
            } else {
                attempts::keep(&mut db, key, &bucket).await?;
            }
        }
        Ok(db.commit().await?)
    }

    /// Deletes what has leaked away; yields how many buckets.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn sweep(&self) -> Result<u64, Failure> {
        let mut db = self.database.acquire().await?;
        Ok(attempts::delete_empty(&mut db, self.clock.now()).await?)
    }
}

/// What could not be given back leaks away by itself; it is no reason to turn somebody away.
fn warn_of(outcome: Result<(), Failure>) {
    if let Err(error) = outcome {
        tracing::warn!(%error, "an attempt stays counted");
    }
}
