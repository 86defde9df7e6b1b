//! How often somebody may guess the password of one account.
//!
//! Attempts fill a bucket that leaks. While little is in it the next attempt is free; then each waits longer than the one
//! before, up to [`LONGEST_WAIT`]: slower by steps, and nobody is ever locked out (THREATS 29). Must not know where the
//! buckets are kept, nor whether an account exists.

#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::domain::client_address::network_of;
use crate::domain::clock::Timestamp;
use crate::domain::email::Email;
use crate::domain::ids::PoolId;

/// The most that anybody ever has to wait between two attempts.
pub const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The first step; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// How many attempts beyond the free ones a bucket may ever hold. The steps end before it; a wrong clock may not fill it
/// for days.
const OVERFLOW: u32 = 8;

/// How a kind of bucket fills and leaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steps {
    /// So many attempts at once are free; after the last of them the waiting begins.
    pub free: u32,
    /// One attempt leaks away in this time.
    pub leak: Duration,
}

/// For one account and one network. A network that guesses on comes to about one attempt a minute.
pub const NETWORK: Steps = Steps {
    free: 5,
    leak: Duration::from_secs(60),
};

/// For one account and all networks together. It leaks faster than one network can fill it, however long that goes on:
/// whoever guesses alone slows nobody but themselves.
pub const ACCOUNT: Steps = Steps {
    free: 30,
    leak: Duration::from_secs(10),
};

/// Where there is no wait: a moment that is past by every node's clock, however they differ.
const AT_ONCE: Timestamp = Timestamp::from_micros(0);

/// Under what a bucket is kept: a hash.
pub type Key = [u8; 32];

/// The two buckets that an attempt from an unknown device goes into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair<T> {
    /// That of the account, over all networks.
    pub account: T,
    /// That of the account and the client's network.
    pub network: T,
}

impl Pair<Key> {
    /// The keys for an address, which need not belong to anybody, and a client.
    #[must_use]
    pub fn of(pool: &PoolId, email: &Email, client: IpAddr) -> Self {
        let (pool, email) = (pool.as_str(), email.as_str());
        let network = network_of(client).addr();
        Self {
            account: key(&["account", pool, email]),
            network: key(&["network", pool, email, &network.to_string()]),
        }
    }
}

/// Neither a pool, an address nor a network has a line break in it, so no two lists make one text.
fn key(parts: &[&str]) -> Key {
    Sha256::digest(format!("doorward-attempts-v1\n{}", parts.join("\n"))).into()
}

/// One bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// When everything in it will have leaked away.
    pub drained_at: Timestamp,
    /// Before this there is no further attempt.
    pub next_at: Timestamp,
}

impl Bucket {
    /// One with nothing in it.
    #[must_use]
    pub const fn empty(now: Timestamp) -> Self {
        Self {
            drained_at: now,
            next_at: AT_ONCE,
        }
    }

    /// Whether it says nothing that an empty one would not.
    #[must_use]
    pub fn is_empty(&self, now: Timestamp) -> bool {
        self.drained_at <= now && self.next_at <= now
    }

    /// How long an attempt has to wait; zero when it need not. What lies further ahead than any wait was written by a
    /// clock that went wrong, and counts for nothing.
    fn wait(&self, now: Timestamp) -> Duration {
        let wait = self.next_at.since(now);
        if wait > 2 * LONGEST_WAIT {
            Duration::ZERO
        } else {
            wait.min(LONGEST_WAIT)
        }
    }

    fn with_one_more(&self, now: Timestamp, steps: Steps) -> Self {
        let full = now + steps.leak * (steps.free + OVERFLOW);
        let drained_at = (self.drained_at.max(now) + steps.leak).min(full);
        let wait = steps.wait_after(drained_at.since(now));
        let next_at = if wait.is_zero() { AT_ONCE } else { now + wait };
        Self {
            drained_at,
            next_at,
        }
    }

    /// Without the attempt that made it `counted`. The wait that this attempt began is over, unless a later one began
    /// another.
    #[must_use]
    pub fn without(&self, counted: &Self, now: Timestamp, steps: Steps) -> Self {
        let next_at = if self.next_at == counted.next_at {
            AT_ONCE
        } else {
            self.next_at
        };
        Self {
            drained_at: (self.drained_at - steps.leak).max(now),
            next_at,
        }
    }
}

impl Steps {
    /// What comes after an attempt with which the bucket takes `drain` to run empty.
    fn wait_after(&self, drain: Duration) -> Duration {
        let held = drain.as_micros().div_ceil(self.leak.as_micros());
        let beyond = u32::try_from(held)
            .unwrap_or(u32::MAX)
            .checked_sub(self.free);
        beyond.map_or(Duration::ZERO, |step| {
            let factor = 1_u32.checked_shl(step).unwrap_or(u32::MAX);
            FIRST_WAIT.saturating_mul(factor).min(LONGEST_WAIT)
        })
    }
}

/// Counts one more attempt in both buckets.
///
/// # Errors
///
/// How long to wait where there may be none yet; then nothing is counted, so that whoever waits that long gets in.
pub fn count(buckets: Pair<Bucket>, now: Timestamp) -> Result<Pair<Bucket>, Duration> {
    let Pair { account, network } = buckets;
    let wait = account.wait(now).max(network.wait(now));
    if wait > Duration::ZERO {
        return Err(wait);
    }
    Ok(Pair {
        account: account.with_one_more(now, ACCOUNT),
        network: network.with_one_more(now, NETWORK),
    })
}
