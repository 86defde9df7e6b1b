//! `[sessions]`: the cookie and how long a session lasts.

use std::time::Duration;

use crate::config::declaration::{Fallback, Field, Section, Shape};
use crate::config::errors::{Read, Wrong};
use crate::config::fields::Fields;

/// The session cookie and how long a session lasts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionsConfig {
    /// The name of the cookie, before the prefix that https adds.
    pub cookie_name: String,
    /// How long a session may lie unused; never more than `absolute_timeout`.
    pub idle_timeout: Duration,
    /// How long a session may last at all.
    pub absolute_timeout: Duration,
}

const SHORTEST: Duration = Duration::from_secs(1);
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

pub(super) const SECTION: Section = Section {
    name: "sessions",
    by_id: false,
    about: "What a sign-in leaves behind: a cookie in the browser and a session in the database.",
    fields: &[COOKIE_NAME, IDLE_TIMEOUT, ABSOLUTE_TIMEOUT],
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
        Ok(Self {
            cookie_name: cookie_name?,
            idle_timeout: idle_timeout?,
            absolute_timeout: absolute_timeout?,
        })
    }
}

fn cookie_name(text: &str) -> Result<String, Wrong> {
    if text.starts_with("__") {
        let problem = "begins with __, which Doorward adds itself where it belongs";
        return Err(COOKIE_NAME.refuse(text, problem));
    }
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if (1..=64).contains(&text.len()) && text.chars().all(token) {
        return Ok(text.to_owned());
    }
    Err(COOKIE_NAME.refuse(text, "is not a cookie name"))
}

fn duration(field: &Field, text: &str) -> Result<Duration, Wrong> {
    if !text.is_empty() && text.chars().all(|c| c.is_ascii_digit()) {
        return Err(field.refuse(text, "has no unit"));
    }
    let duration = humantime::parse_duration(text.trim());
    let duration = duration.map_err(|_| field.refuse(text, "is not a duration"))?;
    if (SHORTEST..=LONGEST).contains(&duration) {
        return Ok(duration);
    }
    Err(field.refuse(text, "is too short or too long"))
}
