//! Errors of Redis and of the way to it, told apart.
//!
//! Must not show what a key holds.

use fred::error::{Error, ErrorKind};
use tower_sessions_core::session_store;

/// The key holds something of another type than text.
pub(super) fn is_wrong_type(error: &Error) -> bool {
    error.details().starts_with("WRONGTYPE")
}

/// Redis itself has answered with this error: it begins with a word in capitals.
pub(super) fn is_answer(error: &Error) -> bool {
    let first = error.details().split(' ').next().unwrap_or_default();
    let is_code = first.len() > 2 && first.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_ours = matches!(
        error.kind(),
        ErrorKind::IO | ErrorKind::Timeout | ErrorKind::Canceled
    );
    is_code && !is_ours
}

/// The error as session stores tell it.
pub(super) fn backend(error: &Error) -> session_store::Error {
    session_store::Error::Backend(format!("Redis: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_that_redis_answers_is_an_answer() {
        for (text, is) in [
            (
                "READONLY You can't write against a read only replica.",
                true,
            ),
            (
                "OOM command not allowed when used memory > 'maxmemory'.",
                true,
            ),
            ("MISCONF Redis is configured to save RDB snapshots", true),
            ("NOREPLICAS Not enough good replicas to write.", true),
            ("Request timed out.", false),
            ("Connection closed.", false),
            ("", false),
        ] {
            let error = Error::new(ErrorKind::Unknown, text);
            assert_eq!(is_answer(&error), is, "{text}");
        }
        assert!(!is_answer(&Error::new(ErrorKind::Timeout, "READONLY")));
    }
}
