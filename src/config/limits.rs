//! `[limits]`: what keeps the work bounded.

use crate::config::declaration::{Fallback, Field, Section, Shape};
use crate::config::errors::{Read, Wrong};
use crate::config::fields::Fields;
use crate::domain::rate::{Rate, RateError};

/// What keeps the work bounded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitsConfig {
    /// How often one address may try to sign in; none for as often as it likes.
    pub sign_in: Option<Rate>,
    /// The same for making an account.
    pub registration: Option<Rate>,
    /// The same for asking for a new password.
    pub reset: Option<Rate>,
    /// The same for every other request for Doorward's pages.
    pub general: Option<Rate>,
    /// Memory for one password hash, in KiB.
    pub hashing_memory: u32,
    /// Passes over that memory.
    pub hashing_iterations: u32,
    /// Hashes computed at once.
    pub hashing_concurrency: u32,
    /// Hashes that may wait for their turn; beyond it people are asked to come back.
    pub hashing_queue: u32,
}

/// The most memory that one hash may be given, in KiB.
pub const MOST_HASHING_MEMORY: u32 = 1_048_576;
/// The most passes over it.
pub const MOST_HASHING_ITERATIONS: u32 = 16;
const MOST_CORES: u32 = 64;

const RATE: &str = "a number from 1 to 1000000, \"per\", and a time from 1s to 1d, such as \"60 per 1m\", or \"off\"";

const SIGN_IN: Field = Field {
    name: "sign_in",
    shape: Shape::Text,
    form: RATE,
    fallback: Fallback::Value("60 per 1m"),
    about: "How often one address may try to sign in: POST to `/login` and `/login/email`, and GET of `/login/<provider>`.",
};
const REGISTRATION: Field = Field {
    name: "registration",
    shape: Shape::Text,
    form: RATE,
    fallback: Fallback::Value("60 per 1h"),
    about: "How often one address may try to make an account: POST to `/register` and `/register/email`, and sign-ins at \
            providers that make one without an address that counts as verified.",
};
const RESET: Field = Field {
    name: "reset",
    shape: Shape::Text,
    form: RATE,
    fallback: Fallback::Value("20 per 1h"),
    about: "How often one address may ask for a new password: POST to `/login/reset` and below it.",
};
const GENERAL: Field = Field {
    name: "general",
    shape: Shape::Text,
    form: RATE,
    fallback: Fallback::Value("1200 per 1m"),
    about: "How often one address may ask for Doorward's pages otherwise: forms, `/login/session`, signing out. Styles and icons are not counted.",
};

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
    about: "How many passwords are hashed at once, on threads that do nothing else and yield to those that serve. \
            Together they take at most this many times `hashing_memory`; a stored hash that needs more than all of \
            it is compared while no other is.",
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
    about: "Four budgets for each address that a visitor comes from, told apart from its proxies by `trusted_proxies`; \
            an IPv6 address counts with its whole /64. With `60 per 1m` sixty requests may come at once, and one a \
            second after that. Beyond it the answer is 429 with `Retry-After`. Each server counts for itself. \
            Verification, and what the built-in gateway forwards, is never limited by address. Hashing a password is \
            costly on purpose: the other bounds keep a storm of sign-ins from starving the rest.",
    fields: &[
        SIGN_IN,
        REGISTRATION,
        RESET,
        GENERAL,
        HASHING_MEMORY,
        HASHING_ITERATIONS,
        HASHING_CONCURRENCY,
        HASHING_QUEUE,
    ],
};

impl LimitsConfig {
    pub(super) fn read(mut fields: Fields<'_>) -> Read<Self> {
        let sign_in = rate(&mut fields, &SIGN_IN);
        let registration = rate(&mut fields, &REGISTRATION);
        let reset = rate(&mut fields, &RESET);
        let general = rate(&mut fields, &GENERAL);
        let memory = fields.number_or_default(&HASHING_MEMORY, 19_456..=MOST_HASHING_MEMORY);
        let iterations = fields.number_or_default(&HASHING_ITERATIONS, 2..=MOST_HASHING_ITERATIONS);
        let concurrency = fields.number(&HASHING_CONCURRENCY, 1..=MOST_CORES);
        let queue = fields.number_or_default(&HASHING_QUEUE, 1..=4096);
        Ok(Self {
            sign_in: sign_in?,
            registration: registration?,
            reset: reset?,
            general: general?,
            hashing_memory: memory?,
            hashing_iterations: iterations?,
            hashing_concurrency: concurrency?.unwrap_or_else(cores),
            hashing_queue: queue?,
        })
    }
}

fn rate(fields: &mut Fields<'_>, field: &Field) -> Read<Option<Rate>> {
    fields.value(field, |text| parse_rate(field, text))
}

fn parse_rate(field: &Field, text: &str) -> Result<Option<Rate>, Wrong> {
    if text.trim() == "off" {
        return Ok(None);
    }
    let rate = text.parse().map(Some);
    rate.map_err(|error: RateError| field.refuse(text, &error.to_string()))
}

fn cores() -> u32 {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    u32::try_from(cores).unwrap_or(MOST_CORES).min(MOST_CORES)
}
