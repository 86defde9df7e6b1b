//! Passwords between the form and the hash.
//!
//! Bounded before any work is done on them (THREATS 31), wiped from memory when dropped, never shown by `Debug`. Must
//! not hash, and must not compare.

#[cfg(test)]
mod tests;

use std::fmt;
use std::iter::once;

use zeroize::Zeroizing;
use zxcvbn::{Score, zxcvbn};

/// The fewest characters of a new password.
pub const MIN_PASSWORD: usize = 8;
/// The most characters of any password.
pub const MAX_PASSWORD: usize = 1024;
/// How many characters of a new password are estimated. The work grows with their cube: a hundred that all stand for
/// other letters (`4@8({…`) take two seconds, as long as sixty hashes. What these alone are worth, the whole is too.
const MAX_ESTIMATED: usize = 32;
/// How many words about the user the estimate considers, and the longest of them in bytes.
const MAX_WORDS: usize = 32;
const MAX_WORD: usize = 100;

/// Why a password is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Nothing was given.
    #[error("is empty")]
    Empty,
    /// Fewer than [`MIN_PASSWORD`] characters, for a new password.
    #[error("must have at least 8 characters")]
    TooShort,
    /// More than [`MAX_PASSWORD`] characters.
    #[error("must have at most 1,024 characters")]
    TooLong,
    /// A NUL, a line break or another control character.
    #[error("must not hold control characters")]
    ControlCharacter,
    /// Too easy to guess; with an advice in English, where there is one.
    #[error("is too easy to guess")]
    TooWeak(Option<String>),
}

/// A password as somebody gave it to sign in; it may be any that was ever accepted.
pub struct GivenPassword(Zeroizing<String>);

impl GivenPassword {
    /// Reads a password.
    ///
    /// # Errors
    ///
    /// When it is empty, has more than 1,024 characters, or holds a control character.
    pub fn parse(text: String) -> Result<Self, PasswordError> {
        bounded(text).map(Self)
    }

    /// The password itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// A password that somebody chose and that may be kept.
pub struct NewPassword(Zeroizing<String>);

impl NewPassword {
    /// Reads a new password. `context` holds what an attacker knows about the user or the place, such as the parts of
    /// the e-mail address; a password made of it is weak.
    ///
    /// # Errors
    ///
    /// When it has fewer than 8 or more than 1,024 characters, holds a control character, or would be guessed in about
    /// a million attempts (a zxcvbn score below 2).
    pub fn parse(text: String, context: &[&str]) -> Result<Self, PasswordError> {
        let text = bounded(text)?;
        if text.chars().count() < MIN_PASSWORD {
            return Err(PasswordError::TooShort);
        }
        let judged = text
            .char_indices()
            .nth(MAX_ESTIMATED)
            .map_or(text.as_str(), |(end, _)| text.get(..end).unwrap_or(&text));
        let estimate = zxcvbn(judged, &known_words(context));
        if estimate.score() >= Score::Two {
            return Ok(Self(text));
        }
        let advice = estimate.feedback().and_then(|feedback| {
            let warning = feedback.warning().map(|warning| warning.to_string());
            warning.or_else(|| feedback.suggestions().first().map(ToString::to_string))
        });
        Err(PasswordError::TooWeak(advice))
    }

    /// The password itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for GivenPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GivenPassword(…)")
    }
}

impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPassword(…)")
    }
}

/// What `context` says as a whole and in its single words: `anna.berg@example.com` is also `anna` and `berg`.
fn known_words<'a>(context: &[&'a str]) -> Vec<&'a str> {
    let parts = |text: &&'a str| {
        let text: &'a str = text;
        text.split(|c: char| !c.is_alphanumeric()).chain(once(text))
    };
    let words = context.iter().flat_map(parts);
    words
        .filter(|word| (3..=MAX_WORD).contains(&word.len()))
        .take(MAX_WORDS)
        .collect()
}

/// The checks that every password passes; a refused one is wiped too.
fn bounded(text: String) -> Result<Zeroizing<String>, PasswordError> {
    let text = Zeroizing::new(text);
    if text.is_empty() {
        return Err(PasswordError::Empty);
    }
    // A character has at most four bytes, so an enormous text is refused without being read.
    if text.len() > 4 * MAX_PASSWORD || text.chars().count() > MAX_PASSWORD {
        return Err(PasswordError::TooLong);
    }
    if text.chars().any(char::is_control) {
        Err(PasswordError::ControlCharacter)
    } else {
        Ok(text)
    }
}
