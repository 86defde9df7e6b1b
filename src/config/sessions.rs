//! `[sessions]`: the cookie, how long a session lasts, and where sessions are kept.

mod redis;

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::config::declaration::{Fallback, Field, Section, Shape};
use crate::config::errors::{Read, Wrong};
use crate::config::fields::Fields;

pub use redis::RedisConfig;

/// The session cookie and how long a session lasts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionsConfig {
    /// The name of the cookie, before the prefix that https adds.
    pub cookie_name: String,
    /// How long a session may lie unused; never more than `absolute_timeout`.
    pub idle_timeout: Duration,
    /// How long a session may last at all.
    pub absolute_timeout: Duration,
    /// The Redis that sessions are kept in; without one they are kept in the database.
    pub redis: Option<RedisConfig>,
    /// How long what a node knows counts while it can't hear what the store forgets.
    pub outage_grace: Duration,
    /// How many sessions one node keeps in memory at most.
    pub cache_capacity: usize,
}

const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST_GRACE: Duration = Duration::from_secs(60);
const LONGEST: Duration = Duration::from_secs(10 * 366 * 24 * 60 * 60);

const COOKIE_NAME: Field = Field {
    name: "cookie_name",
    shape: Shape::Text,
    form: "a cookie name of up to 64 letters, digits and !#$%&'*+-.^_`|~ that does not begin with __",
    fallback: Fallback::Value("SESSION"),
    about: "The base name of the cookie. On https browsers see it as `__Host-SESSION`, with a `cookie_domain` as \
            `__Secure-SESSION`.",
};
const IDLE_TIMEOUT: Field = Field {
    name: "idle_timeout",
    shape: Shape::Text,
    form: "a duration with its unit, such as \"30m\" or \"12h\", from 1s to 10y",
    fallback: Fallback::Value("12h"),
    about: "A session that nobody uses for this long ends, unless its owner asked to stay signed in.",
};
const ABSOLUTE_TIMEOUT: Field = Field {
    name: "absolute_timeout",
    shape: Shape::Text,
    form: "a duration with its unit, such as \"12h\" or \"30d\", from 1s to 10y",
    fallback: Fallback::Value("30d"),
    about: "A session ends this long after the sign-in, however much it is used.",
};
const OUTAGE_GRACE: Field = Field {
    name: "outage_grace",
    shape: Shape::Text,
    form: "a duration with its unit, such as \"5s\", from 0s to 60s",
    fallback: Fallback::Value("5s"),
    about: "While the store of the sessions can't be reached, those that a node knows count for this long, and then the \
            answer is 503. It is the longest that a session can outlive its revocation on a node that was cut off.",
};
const CACHE_CAPACITY: Field = Field {
    name: "cache_capacity",
    shape: Shape::Number,
    form: "a whole number of sessions from 0 to 10000000",
    fallback: Fallback::Value("100000"),
    about: "How many sessions one node keeps in memory, where asking for them costs nothing; each takes about half a \
            kilobyte. What is revoked anywhere is forgotten at once. 0 asks the store every time.",
};

pub(super) const SECTION: Section = Section {
    name: "sessions",
    by_id: false,
    about: "What a sign-in leaves behind: a cookie in the browser and a session in the database or in Redis.",
    fields: &[
        COOKIE_NAME,
        IDLE_TIMEOUT,
        ABSOLUTE_TIMEOUT,
        redis::STORE,
        redis::REDIS_URL,
        redis::REDIS_CA,
        OUTAGE_GRACE,
        CACHE_CAPACITY,
    ],
};

impl SessionsConfig {
    pub(super) fn read(mut fields: Fields<'_>) -> Read<Self> {
        let cookie_name = fields.value(&COOKIE_NAME, cookie_name);
        let idle_timeout = fields.value(&IDLE_TIMEOUT, |text| duration(&IDLE_TIMEOUT, text));
        let absolute_timeout =
            fields.value(&ABSOLUTE_TIMEOUT, |text| duration(&ABSOLUTE_TIMEOUT, text));
        if let (Ok(idle), Ok(absolute)) = (idle_timeout, absolute_timeout)
            && idle > absolute
        {
            let remedy = "make idle_timeout the shorter one, or raise absolute_timeout";
            fields.wrong(
                &IDLE_TIMEOUT,
                Wrong::new("is longer than absolute_timeout", remedy),
            );
        }
        let redis = redis::read(&mut fields);
        let outage_grace = fields.value(&OUTAGE_GRACE, |text| {
            duration_within(&OUTAGE_GRACE, text, Duration::ZERO..=LONGEST_GRACE)
        });
        let cache_capacity = fields.number_or_default(&CACHE_CAPACITY, 0..=10_000_000);
        Ok(Self {
            cookie_name: cookie_name?,
            idle_timeout: idle_timeout?,
            absolute_timeout: absolute_timeout?,
            redis: redis?,
            outage_grace: outage_grace?,
            cache_capacity: usize::try_from(cache_capacity?).unwrap_or(usize::MAX),
        })
    }
}

fn cookie_name(text: &str) -> Result<String, Wrong> {
    if text.starts_with("__") {
        let problem = "begins with __, which Doorward adds itself where it belongs";
        return Err(COOKIE_NAME.refuse(text, problem));
    }
    if matches!(text, "OAUTH" | "DEVICE") {
        return Err(COOKIE_NAME.refuse(text, "is the name of another cookie of Doorward's"));
    }
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if (1..=64).contains(&text.len()) && text.chars().all(token) {
        return Ok(text.to_owned());
    }
    Err(COOKIE_NAME.refuse(text, "is not a cookie name"))
}

fn duration(field: &Field, text: &str) -> Result<Duration, Wrong> {
    duration_within(field, text, SHORTEST..=LONGEST)
}

fn duration_within(
    field: &Field,
    text: &str,
    range: RangeInclusive<Duration>,
) -> Result<Duration, Wrong> {
    if !text.is_empty() && text.chars().all(|c| c.is_ascii_digit()) {
        return Err(field.refuse(text, "has no unit"));
    }
    let duration = humantime::parse_duration(text.trim());
    let duration = duration.map_err(|_| field.refuse(text, "is not a duration"))?;
    if range.contains(&duration) {
        return Ok(duration);
    }
    Err(field.refuse(text, "is too short or too long"))
}
