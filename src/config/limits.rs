//! `[limits]`: what keeps the work bounded.

use crate::config::declaration::{Fallback, Field, Section, Shape};
use crate::config::errors::Read;
use crate::config::fields::Fields;

/// What keeps the work bounded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitsConfig {
    /// Memory for one password hash, in KiB.
    pub hashing_memory: u32,
    /// Passes over that memory.
    pub hashing_iterations: u32,
    /// Hashes computed at once.
    pub hashing_concurrency: u32,
    /// Hashes that may wait for their turn; beyond it people are asked to come back.
    pub hashing_queue: u32,
}

const MOST_CORES: u32 = 64;

const HASHING_MEMORY: Field = Field {
    name: "hashing_memory",
    shape: Shape::Number,
    form: "a whole number of KiB from 19456 to 1048576",
    fallback: Fallback::Value("19456"),
    about: "Memory that Argon2id takes for one password. The least allowed is what OWASP asks for. A password \
            hashed with less is hashed anew at its next sign-in.",
};
const HASHING_ITERATIONS: Field = Field {
    name: "hashing_iterations",
    shape: Shape::Number,
    form: "a whole number of passes from 2 to 16",
    fallback: Fallback::Value("2"),
    about: "How often Argon2id goes over that memory.",
};
const HASHING_CONCURRENCY: Field = Field {
    name: "hashing_concurrency",
    shape: Shape::Number,
    form: "a whole number of threads from 1 to 64",
    fallback: Fallback::Stated("the number of cores"),
    about: "How many passwords are hashed at once, on threads that do nothing else.",
};
const HASHING_QUEUE: Field = Field {
    name: "hashing_queue",
    shape: Shape::Number,
    form: "a whole number from 1 to 4096",
    fallback: Fallback::Value("64"),
    about: "How many may wait for their turn. Beyond it the answer is 503 with `Retry-After`, and everything but \
            signing in goes on.",
};

pub(super) const SECTION: Section = Section {
    name: "limits",
    by_id: false,
    about: "Hashing a password is costly on purpose. These bounds keep a storm of sign-ins from starving the rest.",
    fields: &[
        HASHING_MEMORY,
        HASHING_ITERATIONS,
        HASHING_CONCURRENCY,
        HASHING_QUEUE,
    ],
};

impl LimitsConfig {
    pub(super) fn read(mut fields: Fields<'_>) -> Read<Self> {
        let memory = fields.number_or_default(&HASHING_MEMORY, 19_456..=1_048_576);
        let iterations = fields.number_or_default(&HASHING_ITERATIONS, 2..=16);
        let concurrency = fields.number(&HASHING_CONCURRENCY, 1..=MOST_CORES);
        let queue = fields.number_or_default(&HASHING_QUEUE, 1..=4096);
        Ok(Self {
            hashing_memory: memory?,
            hashing_iterations: iterations?,
            hashing_concurrency: concurrency?.unwrap_or_else(cores),
            hashing_queue: queue?,
        })
    }
}

fn cores() -> u32 {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    u32::try_from(cores).unwrap_or(MOST_CORES).min(MOST_CORES)
}
