//! Randomness, passed in for the same reason as time.
//!
//! The one place that asks the operating system is [`SystemRandom`].

use std::fmt::Debug;

use rand::TryRng;
use uuid::Uuid;

/// A source of bytes that nobody can guess.
pub trait Random: Debug + Send + Sync {
    /// Fills `bytes`.
    ///
    /// # Errors
    ///
    /// When the operating system gives no randomness; nothing secret may then be made.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError>;
}

/// The operating system gave no randomness.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the operating system gave no randomness")]
pub struct RandomError;

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        rand::rngs::SysRng
            .try_fill_bytes(bytes)
            .map_err(|_| RandomError)
    }
}

/// `N` random bytes.
///
/// # Errors
///
/// As [`Random::fill`].
pub fn bytes<const N: usize>(random: &dyn Random) -> Result<[u8; N], RandomError> {
    let mut bytes = [0; N];
    random.fill(&mut bytes)?;
    Ok(bytes)
}

/// A random UUID of version 4.
///
/// # Errors
///
/// As [`Random::fill`].
pub fn uuid(random: &dyn Random) -> Result<Uuid, RandomError> {
    Ok(uuid::Builder::from_random_bytes(bytes(random)?).into_uuid())
}
