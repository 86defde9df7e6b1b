//! How often something may happen: up to so many at once, refilled evenly over a time.
//!
//! Must not count anything itself.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

const MOST: u32 = 1_000_000;
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// `60 per 1m`: sixty at once, then one a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    count: NonZeroU32,
    per: Duration,
}

/// Why a text is no rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RateError {
    /// Not `<number> per <time>`.
    #[error("is not a number and a time with \"per\" between them")]
    Shape,
    /// What stands before `per` is no whole number.
    #[error("does not begin with a whole number")]
    Count,
    /// The number is 0.
    #[error("lets nothing pass")]
    Nothing,
    /// The number is larger than any limit needs.
    #[error("is more than 1000000 at once")]
    TooMany,
    /// The time is a number alone.
    #[error("has a time without a unit")]
    Unit,
    /// What stands behind `per` is no time.
    #[error("does not end in a time")]
    Time,
    /// Less than a second, or more than a day.
    #[error("has a time that is shorter than 1s or longer than 1d")]
    Range,
}

impl Rate {
    /// How many may happen at once.
    #[must_use]
    pub const fn count(&self) -> NonZeroU32 {
        self.count
    }

    /// How long it takes until one more may happen; never zero.
    #[must_use]
    pub fn interval(&self) -> Duration {
        self.per / self.count.get()
    }
}

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let mut words = text.split_whitespace();
        let (Some(count), Some("per"), Some(per), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(RateError::Shape);
        };
        Ok(Self {
            count: parse_count(count)?,
            per: parse_time(per)?,
        })
    }
}

fn parse_count(text: &str) -> Result<NonZeroU32, RateError> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(RateError::Count);
    }
    // Digits alone: what does not fit is too large.
    let count = text.parse().ok().filter(|count| *count <= MOST);
    NonZeroU32::new(count.ok_or(RateError::TooMany)?).ok_or(RateError::Nothing)
}

fn parse_time(text: &str) -> Result<Duration, RateError> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(RateError::Unit);
    }
    let per = humantime::parse_duration(text).map_err(|_| RateError::Time)?;
    Some(per)
        .filter(|per| (SHORTEST..=LONGEST).contains(per))
        .ok_or(RateError::Range)
}

/// As it is written in the configuration.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per = humantime::format_duration(self.per).to_string();
        write!(f, "{} per {}", self.count, per.replace(' ', ""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_number_and_a_time() {
        for (text, count, interval) in [
            ("60 per 1m", 60, Duration::from_secs(1)),
            (" 20  per 1h ", 20, Duration::from_secs(180)),
            ("1 per 1d", 1, Duration::from_secs(86_400)),
            ("1000000 per 1s", 1_000_000, Duration::from_micros(1)),
            ("3 per 1m30s", 3, Duration::from_secs(30)),
        ] {
            let rate: Rate = text.parse().unwrap();
            assert_eq!((rate.count().get(), rate.interval()), (count, interval));
            assert_eq!(rate.to_string().parse(), Ok(rate), "{rate}");
        }
    }

    #[test]
    fn anything_else_is_told_apart() {
        for (text, error) in [
            ("", RateError::Shape),
            ("60", RateError::Shape),
            ("60/1m", RateError::Shape),
            ("60 in 1m", RateError::Shape),
            ("60 Per 1m", RateError::Shape),
            ("60 per 1 m", RateError::Shape),
            ("60 per 1m each", RateError::Shape),
            ("many per 1m", RateError::Count),
            ("-1 per 1m", RateError::Count),
            ("+1 per 1m", RateError::Count),
            ("1.5 per 1m", RateError::Count),
            ("\u{661} per 1m", RateError::Count),
            ("0 per 1m", RateError::Nothing),
            ("1000001 per 1m", RateError::TooMany),
            ("99999999999999999999 per 1m", RateError::TooMany),
            ("60 per 60", RateError::Unit),
            ("60 per minute", RateError::Time),
            ("60 per -1m", RateError::Time),
            ("60 per 999ms", RateError::Range),
            ("60 per 0s", RateError::Range),
            ("60 per 25h", RateError::Range),
        ] {
            assert_eq!(text.parse::<Rate>(), Err(error), "{text}");
        }
    }
}
