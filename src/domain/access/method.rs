//! The method of a request.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

const MAX_METHOD: usize = 32;

/// Methods that need no allocation.
const USUAL: [&str; 9] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE",
];

/// A text that is no method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a method such as GET: at most 32 characters, in upper case")]
pub struct MethodError;

/// A method, compared exactly (RFC 9110, 9.1). One with lower-case letters is refused, because some servers would take
/// `get` for `GET` and others not.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Method(Cow<'static, str>);

impl Method {
    /// GET.
    pub const GET: Self = Self(Cow::Borrowed("GET"));

    /// Reads a method.
    ///
    /// # Errors
    ///
    /// When the text is no token of RFC 9110, holds lower-case letters or is longer than 32 characters.
    pub fn parse(text: &str) -> Result<Self, MethodError> {
        if let Some(usual) = USUAL.iter().find(|usual| **usual == text) {
            return Ok(Self(Cow::Borrowed(usual)));
        }
        let token =
            |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b"!#$%&'*+-.^_`|~".contains(&b);
        let fits = (1..=MAX_METHOD).contains(&text.len()) && text.bytes().all(token);
        if fits {
            Ok(Self(Cow::Owned(text.to_owned())))
        } else {
            Err(MethodError)
        }
    }

    /// The method as rules and signatures see it: CONNECT, which reaches an app only as the extended CONNECT of a
    /// WebSocket over HTTP/2 (RFC 8441), counts as GET.
    #[must_use]
    pub fn canonical(self) -> Self {
        if self.as_str() == "CONNECT" {
            Self::GET
        } else {
            self
        }
    }

    /// The method's name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a rule for this method covers `asked`. A rule for GET covers HEAD, which shows less of the same.
    #[must_use]
    pub fn covers(&self, asked: &Self) -> bool {
        let asked = match asked.as_str() {
            "CONNECT" => "GET",
            other => other,
        };
        self.as_str() == asked || (self.as_str() == "GET" && asked == "HEAD")
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Method {
    type Err = MethodError;

    fn from_str(text: &str) -> Result<Self, MethodError> {
        Self::parse(text)
    }
}
