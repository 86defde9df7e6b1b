//! The path of a request, in every way that some server behind the proxy might read it.
//!
//! Proxy, auth server and app seldom agree on letter case, trailing slashes, dot segments or double encoding, and each
//! disagreement has been a way around a rule (THREATS 8). So a path is never "normalised": rules see all of its
//! [views](View), and the strictest answer holds. Must not know rules, hosts or queries.

mod pattern;
mod readings;
#[cfg(test)]
pub(super) mod tests;

use std::fmt;
use std::iter::once;

use pattern::fold;
pub use pattern::{PathPattern, PatternError};

/// The longest path that is judged, in bytes.
pub const MAX_PATH: usize = 8 * 1024;

/// Why a path can't be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// It does not begin with `/`.
    #[error("the path does not begin with /")]
    NotAbsolute,
    /// It is longer than [`MAX_PATH`].
    #[error("the path is too long")]
    TooLong,
    /// It holds a space, a control character, `?`, `#` or a byte that is not ASCII, none of them encoded.
    #[error("the path holds a character that must be encoded")]
    Character,
    /// A `%` without two hexadecimal digits behind it, or bytes that are no UTF-8 once decoded.
    #[error("the path is not encoded properly")]
    Encoding,
    /// A control character, encoded once or twice.
    #[error("the path holds an encoded control character")]
    Control,
    /// It can be read in more ways than are worth judging.
    #[error("the path can be read in too many ways")]
    Ambiguous,
}

/// A path with all its readings; the first is the path as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestPath<'r> {
    raw: &'r str,
    /// The readings that differ from `raw`, none of them twice. Empty, and unallocated, for a plain path.
    others: Vec<String>,
}

impl<'r> RequestPath<'r> {
    /// Reads the path of a request target: all before the first `?`, still encoded.
    ///
    /// # Errors
    ///
    /// When the path is malformed, hides control characters, or can be read in too many ways.
    pub fn parse(raw: &'r str) -> Result<Self, PathError> {
        if raw.len() > MAX_PATH {
            return Err(PathError::TooLong);
        }
        if !raw.starts_with('/') {
            return Err(PathError::NotAbsolute);
        }
        let others = if readings::is_plain(raw) {
            Vec::new()
        } else {
            readings::others(raw)?
        };
        Ok(Self { raw, others })
    }

    /// The path as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &'r str {
        self.raw
    }

    /// Every reading of the text: decoded or not, with dot segments resolved or not, and so on.
    pub fn readings(&self) -> impl Iterator<Item = &str> {
        once(self.raw).chain(self.others.iter().map(String::as_str))
    }

    /// Every reading four times: with letter case and trailing slashes taken seriously or not.
    pub fn views(&self) -> impl Iterator<Item = View<'_>> {
        self.readings().flat_map(View::all)
    }
}

impl fmt::Display for RequestPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.raw)
    }
}

/// One way to read a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View<'a> {
    text: &'a str,
    folded: bool,
    slashless: bool,
}

impl<'a> View<'a> {
    /// The four views of one reading.
    fn all(text: &'a str) -> impl Iterator<Item = Self> {
        let kinds = [(false, false), (true, false), (false, true), (true, true)];
        kinds.into_iter().map(move |(folded, slashless)| Self {
            text,
            folded,
            slashless,
        })
    }

    /// The reading, with letters and slashes as they are.
    #[must_use]
    pub const fn text(&self) -> &'a str {
        self.text
    }

    /// Whether upper and lower case count as the same.
    #[must_use]
    pub const fn ignores_case(&self) -> bool {
        self.folded
    }

    /// Whether slashes at the end count for nothing.
    #[must_use]
    pub const fn ignores_trailing_slash(&self) -> bool {
        self.slashless
    }

    /// Whether the reading would be the same without letter case.
    pub(super) fn is_folded(&self) -> bool {
        if self.text.is_ascii() {
            return !self.text.bytes().any(|byte| byte.is_ascii_uppercase());
        }
        self.text.chars().all(|c| fold(c).eq(once(c)))
    }

    /// Whether the reading has a slash at its end that could be missing.
    pub(super) fn ends_in_slash(&self) -> bool {
        self.text.len() > 1 && self.text.ends_with('/')
    }

    /// The reading as patterns see it, apart from letter case.
    fn subject(&self) -> &'a str {
        if self.slashless {
            trim_slashes(self.text)
        } else {
            self.text
        }
    }
}

/// `path` without slashes at its end; the root stays the root.
fn trim_slashes(path: &str) -> &str {
    match path.trim_end_matches('/') {
        "" => "/",
        trimmed => trimmed,
    }
}
