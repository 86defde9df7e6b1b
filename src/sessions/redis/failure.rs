//! Errors of Redis and of the way to it, told apart.
//!
//! Must not show what a key holds.

use fred::error::{Error, ErrorKind};
use tower_sessions_core::session_store;

/// The first Redis that can do all that is asked of it.
const OLDEST: &str = "6.2";
/// The codes by which Redis refuses to write: it is full, a replica, without its replicas, or can't save to disk.
const UNWRITABLE: [&str; 4] = ["OOM", "READONLY", "NOREPLICAS", "MISCONF"];

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

/// Redis itself has refused to write anything, for now; also from within a script.
pub(super) fn takes_no_writes(error: &Error) -> bool {
    let mut words = error.details().split(|c: char| !c.is_ascii_uppercase());
    is_answer(error) && words.any(|word| UNWRITABLE.contains(&word))
}

/// What Redis said, with what can be done where that is known.
pub(super) fn explained(reason: String) -> String {
    if reason.contains("unknown command") && reason.contains("HELLO") {
        return format!("{reason}: Redis {OLDEST} or newer is needed");
    }
    // Redis 6.0 tracks, and does not know every option that is written with.
    if reason.contains("ERR syntax error") {
        return format!("{reason}: is this Redis {OLDEST} or newer, which is needed?");
    }
    if reason.contains("NOPERM") {
        return format!("{reason}: docs/redis.md lists the rights that are needed");
    }
    reason
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

    #[test]
    fn a_refusal_to_write_is_told_from_other_answers() {
        for (text, is) in [
            (
                "READONLY You can't write against a read only replica.",
                true,
            ),
            (
                "OOM command not allowed when used memory > 'maxmemory'. script: a1b2, on @user_script:10.",
                true,
            ),
            (
                "ERR Error running script (call to f_a1): @user_script:10: @user_script: 10: -OOM command not allowed",
                true,
            ),
            ("WRONGTYPE Operation against a key", false),
            ("NOPERM this user has no permissions", false),
            ("Connection closed.", false),
        ] {
            let error = Error::new(ErrorKind::Unknown, text);
            assert_eq!(takes_no_writes(&error), is, "{text}");
        }
        assert!(!takes_no_writes(&Error::new(ErrorKind::IO, "READONLY")));
    }

    #[test]
    fn an_old_redis_and_missing_rights_are_explained() {
        let explained = |reason: &str| super::explained(reason.to_owned());
        let old = explained("Unknown Error: ERR unknown command `HELLO`, with args");
        assert!(old.ends_with("Redis 6.2 or newer is needed"), "{old}");
        let middling = explained("Redis: Unknown Error: ERR syntax error");
        assert!(middling.contains("Redis 6.2"), "{middling}");
        let rights = explained("NOPERM this user has no permissions to run the 'eval' command");
        assert!(rights.contains("docs/redis.md"), "{rights}");
        assert_eq!(explained("refused"), "refused");
    }
}
