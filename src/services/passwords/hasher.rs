//! Argon2id itself: one hash at a time, on the thread of whoever calls.
//!
//! What a stored hash would cost is known and bounded before any memory is taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use zeroize::Zeroize;

use super::memory::Memory;
use super::{Comparison, Cost, HashingError, Settings};
use crate::domain::random::{self, Random};

/// Passes after which no block tells anything that is cheaper to guess at than the whole hash.
const MIXED: u32 = 2;

/// Makes hashes and compares with them.
pub(super) struct Hasher {
    argon2: Argon2<'static>,
    largest: Cost,
    memory: Memory,
    /// A hash that no password has, compared where there is no account, so that the work is the same.
    stand_in: String,
    hashes: AtomicU64,
    random: Arc<dyn Random>,
}

/// A stored hash, taken apart.
pub(super) struct Stored {
    argon2: Argon2<'static>,
    salt: Salt,
    output: Output,
    /// Whether it is anybody's.
    is_somebodys: bool,
}

impl Hasher {
    pub(super) fn new(settings: Settings, random: Arc<dyn Random>) -> Result<Self, HashingError> {
        let params = Params::new(settings.memory, settings.iterations, 1, None);
        let params = params.map_err(HashingError::failed)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let output: [u8; Params::DEFAULT_OUTPUT_LEN] =
            random::bytes(random.as_ref()).map_err(HashingError::failed)?;
        let stand_in = phc(&argon2, salt(random.as_ref())?, &output)?;
        Ok(Self {
            memory: Memory::new(argon2.params().block_count()),
            argon2,
            largest: settings.largest,
            stand_in,
            hashes: AtomicU64::new(0),
            random,
        })
    }

    /// Hashes with the present parameters and a new salt, into PHC form.
    pub(super) fn hash(&self, password: &[u8]) -> Result<String, HashingError> {
        let salt = salt(self.random.as_ref())?;
        let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
        self.compute(&self.argon2, (password, &salt), &mut output)?;
        phc(&self.argon2, salt, &output)
    }

    /// Takes a hash in PHC form apart; without one, the stand-in.
    pub(super) fn read(&self, hash: Option<&str>) -> Result<Stored, HashingError> {
        let parsed = PasswordHash::new(hash.unwrap_or(&self.stand_in));
        let parsed = parsed.map_err(HashingError::failed)?;
        let algorithm = Algorithm::try_from(parsed.algorithm.as_str());
        let algorithm = algorithm.map_err(HashingError::failed)?;
        let version = parsed.version.map(Version::try_from).transpose();
        let version = version.map_err(HashingError::failed)?.unwrap_or_default();
        let params = Params::try_from(&parsed).map_err(HashingError::failed)?;
        self.refuse_excess(&params)?;
        let missing = || HashingError::failed("the stored hash has no salt or no output");
        Ok(Stored {
            argon2: Argon2::new(algorithm, version, params),
            salt: parsed.salt.ok_or_else(missing)?,
            output: parsed.hash.ok_or_else(missing)?,
            is_somebodys: hash.is_some(),
        })
    }

    fn refuse_excess(&self, params: &Params) -> Result<(), HashingError> {
        let Cost { memory, iterations } = self.largest;
        let work = |memory: u32, iterations: u32| u64::from(memory) * u64::from(iterations);
        let excessive = params.m_cost() > memory
            || work(params.m_cost(), params.t_cost()) > work(memory, iterations);
        if excessive {
            let (m, t) = (params.m_cost(), params.t_cost());
            let reason = format!("the stored hash costs too much: m={m}, t={t}");
            return Err(HashingError::Failed(reason));
        }
        Ok(())
    }

    /// How many times the memory of one hash this one takes.
    pub(super) fn shares(&self, stored: &Stored) -> usize {
        let blocks = stored.argon2.params().block_count();
        blocks.div_ceil(self.memory.share())
    }

    /// Compares in constant time.
    pub(super) fn compare(
        &self,
        password: &[u8],
        stored: &Stored,
    ) -> Result<Comparison, HashingError> {
        let mut buffer = [0; Output::MAX_LENGTH];
        let output = buffer.get_mut(..stored.output.len());
        let output = output.ok_or_else(|| HashingError::failed("the stored hash is too long"))?;
        self.compute(&stored.argon2, (password, &stored.salt), output)?;
        let output = Output::new(output).map_err(HashingError::failed)?;
        let (then, now) = (stored.argon2.params(), self.argon2.params());
        Ok(Comparison {
            matches: output == stored.output && stored.is_somebodys,
            outdated: then.m_cost() < now.m_cost() || then.t_cost() < now.t_cost(),
        })
    }

    fn compute(
        &self,
        argon2: &Argon2<'_>,
        (password, salt): (&[u8], &[u8]),
        output: &mut [u8],
    ) -> Result<(), HashingError> {
        self.hashes.fetch_add(1, Ordering::SeqCst);
        let params = argon2.params();
        let done = self.memory.with(params.block_count(), |blocks| {
            let done = argon2.hash_password_into_with_memory(password, salt, output, &mut *blocks);
            if params.t_cost() < MIXED {
                blocks.iter_mut().for_each(Block::zeroize);
            }
            done
        });
        done.map_err(HashingError::failed)?
            .map_err(HashingError::failed)
    }

    pub(super) fn hashes(&self) -> u64 {
        self.hashes.load(Ordering::SeqCst)
    }

    /// The most memory there has been at once, in KiB.
    pub(super) fn most_memory(&self) -> usize {
        self.memory.most()
    }

    pub(super) fn tidy(&self) {
        self.memory.tidy();
    }
}

fn salt(random: &dyn Random) -> Result<Salt, HashingError> {
    let salt: [u8; 16] = random::bytes(random).map_err(HashingError::failed)?;
    Salt::new(&salt).map_err(HashingError::failed)
}

fn phc(argon2: &Argon2<'_>, salt: Salt, output: &[u8]) -> Result<String, HashingError> {
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(argon2.params()).map_err(HashingError::failed)?,
        salt: Some(salt),
        hash: Some(Output::new(output).map_err(HashingError::failed)?),
    };
    Ok(hash.to_string())
}
