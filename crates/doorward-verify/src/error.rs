//! Why a header was refused.

use crate::request::RequestError;
use std::fmt;

/// Why a header was refused. Every variant means: do not treat the request as that of any user.
///
/// The text is for logs, not for the visitor. It never repeats what the header said.
/// [`Error::code`] is the same word in every language's verifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A verifier with [`Binding::Request`](crate::Binding::Request) was given no request, or one
    /// without a canonical form. Code `request`.
    Request(RequestError),
    /// No header line. Doorward signs every request, `anonymous` ones too, so this one did not come
    /// through the proxy, or the proxy does not forward the header. Code `missing`.
    Missing,
    /// Two header lines or more, as when a proxy adds the signed one to one sent by the client.
    /// Code `repeated`.
    Repeated,
    /// A comma: several header lines that were joined into one. Code `list`.
    List,
    /// Fewer than three fields separated by dots. Code `fields_missing`.
    FieldsMissing,
    /// More than three fields. Code `fields_extra`.
    FieldsExtra,
    /// A subject with upper-case letters: changed on its way, or not from Doorward. Code
    /// `subject_case`.
    SubjectCase,
    /// A subject that is not `[a-z0-9-]{1,64}`. Code `subject`.
    Subject,
    /// A time that is not `[1-9][0-9]{0,11}`. Code `time`.
    Time,
    /// A mac that has not 43 bytes. Code `mac_length`.
    MacLength,
    /// A mac that is not base64url in its one canonical writing. Code `mac_encoding`.
    MacEncoding,
    /// No key yields this mac: forged, changed, signed for another app or request, with the other
    /// binding, or with a key that this verifier does not have. Code `mac`.
    Mac,
    /// Well signed, but too long ago: a replay, or clocks that differ. Code `expired`.
    Expired {
        /// Seconds since it was signed.
        age: u64,
        /// The most that this verifier accepts.
        max_age: u64,
    },
    /// Well signed, but in the future: the clock of this machine is behind Doorward's. Code
    /// `future`.
    Future {
        /// Seconds until the time at which it says it was signed.
        lead: u64,
        /// The most that this verifier accepts.
        max_lead: u64,
    },
    /// Well signed for nobody. Only from [`Verifier::user`](crate::Verifier::user). Code
    /// `anonymous`.
    Anonymous,
}

impl Error {
    /// A stable word for logs, metrics and tests, the same in every language's verifier.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Request(_) => "request",
            Self::Missing => "missing",
            Self::Repeated => "repeated",
            Self::List => "list",
            Self::FieldsMissing => "fields_missing",
            Self::FieldsExtra => "fields_extra",
            Self::SubjectCase => "subject_case",
            Self::Subject => "subject",
            Self::Time => "time",
            Self::MacLength => "mac_length",
            Self::MacEncoding => "mac_encoding",
            Self::Mac => "mac",
            Self::Expired { .. } => "expired",
            Self::Future { .. } => "future",
            Self::Anonymous => "anonymous",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request(why) => return write!(f, "X-UserId cannot be checked: {why}"),
            Self::Expired { age, max_age } => {
                return write!(
                    f,
                    "X-UserId is {age} s old, the limit is {max_age} s: a replay, or clocks differ"
                );
            }
            Self::Future { lead, max_lead } => {
                return write!(
                    f,
                    "X-UserId is {lead} s ahead, the limit is {max_lead} s: clocks differ"
                );
            }
            Self::Missing => {
                "no X-UserId: the request came past the proxy, or the header was dropped"
            }
            Self::Repeated => "several X-UserId lines: the proxy must replace the client's own",
            Self::List => "X-UserId is a list: several header lines were joined into one",
            Self::FieldsMissing => "X-UserId has fewer than three fields",
            Self::FieldsExtra => "X-UserId has more than three fields",
            Self::SubjectCase => "the subject of X-UserId has upper-case letters",
            Self::Subject => "the subject of X-UserId is not 1 to 64 of a-z, 0-9 and -",
            Self::Time => "the time of X-UserId is not a plain number of Unix seconds",
            Self::MacLength => "the mac of X-UserId has not 43 characters",
            Self::MacEncoding => "the mac of X-UserId is not canonical base64url",
            Self::Mac => "X-UserId was not signed with one of our keys for this app and binding",
            Self::Anonymous => "X-UserId is well signed, but nobody is signed in",
        })
    }
}

impl std::error::Error for Error {}

impl From<RequestError> for Error {
    fn from(why: RequestError) -> Self {
        Self::Request(why)
    }
}
