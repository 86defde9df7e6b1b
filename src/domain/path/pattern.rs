//! The `path` of a rule.
//!
//! Must not be clever: two forms, plain text, no encoding.

use std::fmt;
use std::str::FromStr;

use super::{View, trim_slashes};

/// Why a text is no pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It does not begin with `/`.
    #[error("must begin with /")]
    NotAbsolute,
    /// A `*` that is not the whole last segment.
    #[error("may hold one *, as the whole last segment: /x/*")]
    Star,
    /// A query or a fragment.
    #[error("must be a path alone: rules do not see what follows ? or #")]
    Query,
    /// A `%`.
    #[error("must be plain text without %: requests are decoded before they are compared")]
    Encoded,
    /// A backslash, a `;` or a control character.
    #[error("must not hold \\, ; or control characters: requests are compared without them")]
    Character,
    /// An empty or a dot segment.
    #[error("must not hold //, /./ or /../: requests are compared without them")]
    Segment,
}

/// `/x` (that path), `/x/*` (everything below it, not the path itself) or `/*` (everything).
///
/// The text is plain: what a visitor reads, not what a browser sends. `/x` and `/x/` are two paths which some apps treat
/// as one, so a request for either is judged both ways, and the stricter answer holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PathPattern {
    /// The path, or for `/x/*` all before the `*`.
    text: String,
    folded: String,
    below: bool,
}

impl PathPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// For every text in which some part could never match, or could match what was not meant.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        if !text.starts_with('/') {
            return Err(PatternError::NotAbsolute);
        }
        let (path, below) = match text.strip_suffix("/*") {
            Some(_) => (text.trim_end_matches('*'), true),
            None => (text, false),
        };
        if path.contains('*') || text.ends_with("**") {
            return Err(PatternError::Star);
        }
        if path.contains(['?', '#']) {
            return Err(PatternError::Query);
        }
        if path.contains('%') {
            return Err(PatternError::Encoded);
        }
        if path.contains(['\\', ';']) || path.chars().any(char::is_control) {
            return Err(PatternError::Character);
        }
        if path.contains("//") || path.split('/').any(|segment| matches!(segment, "." | "..")) {
            return Err(PatternError::Segment);
        }
        Ok(Self {
            text: path.to_owned(),
            folded: path.chars().flat_map(fold).collect(),
            below,
        })
    }

    /// Whether the pattern covers the path as `view` reads it.
    #[must_use]
    pub fn matches(&self, view: &View<'_>) -> bool {
        if self.begins_differently(view.text()) {
            return false;
        }
        let pattern = if view.ignores_case() {
            &self.folded
        } else {
            &self.text
        };
        let path = view.subject();
        if self.below {
            return begins_with(path, pattern, view.ignores_case());
        }
        let pattern = if view.ignores_trailing_slash() {
            trim_slashes(pattern)
        } else {
            pattern
        };
        equals(path, pattern, view.ignores_case())
    }

    /// Whether the first letters behind the slash tell that no view of `path` can match. Most patterns differ from most paths
    /// there already.
    fn begins_differently(&self, path: &str) -> bool {
        match (self.text.as_bytes().get(1), path.as_bytes().get(1)) {
            // Two ASCII letters are the same without letter case, or differ in every view.
            (Some(own), Some(byte)) => {
                own.is_ascii() && byte.is_ascii() && !own.eq_ignore_ascii_case(byte)
            }
            _ => false,
        }
    }

    /// Whether letter case can make a difference to this pattern although it makes none to the path.
    pub(in crate::domain) fn has_case(&self) -> bool {
        self.text != self.folded
    }

    /// Whether a slash at the end is part of the pattern.
    pub(in crate::domain) fn ends_in_slash(&self) -> bool {
        !self.below && self.text.len() > 1 && self.text.ends_with('/')
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        f.write_str(if self.below { "*" } else { "" })
    }
}

impl FromStr for PathPattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        Self::parse(text)
    }
}

/// A character without letter case. By way of upper case, so that it equals whatever either conversion equals: an app
/// that compares in upper case takes `ſ` for `s`, one that compares in lower case takes the Kelvin sign for `k`.
pub(super) fn fold(c: char) -> impl Iterator<Item = char> {
    c.to_uppercase().flat_map(char::to_lowercase)
}

fn begins_with(path: &str, folded: &str, ignore_case: bool) -> bool {
    if !ignore_case {
        return path.starts_with(folded);
    }
    if path.is_ascii() {
        let front = path.as_bytes().get(..folded.len());
        return front.is_some_and(|front| front.eq_ignore_ascii_case(folded.as_bytes()));
    }
    let mut path = path.chars().flat_map(fold);
    folded.chars().all(|c| path.next() == Some(c))
}

fn equals(path: &str, folded: &str, ignore_case: bool) -> bool {
    if !ignore_case {
        return path == folded;
    }
    if path.is_ascii() {
        return path.eq_ignore_ascii_case(folded);
    }
    path.chars().flat_map(fold).eq(folded.chars())
}
