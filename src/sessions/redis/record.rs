//! A session as Redis keeps it.
//!
//! Roles are not in it: they are the account's. Neither is its id: the record bears the name that it is kept under. Must
//! not ask Redis.

use std::time::Duration;

use tower_sessions_core::session::Record;

use super::keys;
use crate::domain::session::Session;
use crate::sessions::{Token, from_record, to_record};
use crate::storage::sessions::IdHash;

/// How much longer than it lives a record is kept: clocks differ, and a use of it may be noted and not yet written.
const SLACK: Duration = Duration::from_secs(180);

/// The record of a session that ends by itself after `idle` without a use.
pub(super) fn of(id_hash: &IdHash, session: &Session, idle: Duration) -> Record {
    let name = keys::record(id_hash);
    let ends_at = if session.remembered {
        session.expires_at
    } else {
        session.expires_at.min(session.last_seen_at + idle)
    };
    let kept = Session {
        roles: Vec::new(),
        ..session.clone()
    };
    Record {
        expiry_date: (ends_at + SLACK).to_datetime(),
        ..to_record(Token::from(name), &kept)
    }
}

/// The session in a record that was found under the name of this hash; nothing when it is none of ours.
pub(super) fn session(id_hash: &IdHash, record: Record) -> Option<Session> {
    (record.id == keys::record(id_hash)).then(|| from_record(record))?
}

/// The same for a record's bytes.
pub(super) fn read(id_hash: &IdHash, bytes: &[u8]) -> Option<Session> {
    session(id_hash, rmp_serde::from_slice(bytes).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clock::Timestamp;
    use crate::domain::random::SystemRandom;

    fn any() -> (Token, Session) {
        (Token::generate(&SystemRandom).unwrap(), Session::sample())
    }

    #[test]
    fn a_session_survives_but_for_its_roles() {
        let (token, session) = any();
        let record = of(&token.hash(), &session, Duration::from_secs(60));
        let bytes = rmp_serde::to_vec(&record).unwrap();
        let kept = Session {
            roles: Vec::new(),
            ..session
        };
        assert_eq!(read(&token.hash(), &bytes), Some(kept));
    }

    #[test]
    fn a_record_is_kept_as_long_as_its_session_can_live() {
        let (token, mut session) = any();
        let idle = Duration::from_secs(60);
        let kept_for = |session: &Session, idle| {
            let record = of(&token.hash(), session, idle);
            Timestamp::from(record.expiry_date).since(session.last_seen_at)
        };
        assert_eq!(kept_for(&session, idle), idle + SLACK);
        let long = Duration::from_secs(7200);
        assert_eq!(
            kept_for(&session, long),
            long / 2 + SLACK,
            "its absolute end"
        );
        session.remembered = true;
        assert_eq!(kept_for(&session, idle), long / 2 + SLACK);
    }

    #[test]
    fn threat_20_the_record_does_not_hold_the_id() {
        let (token, session) = any();
        let record = of(&token.hash(), &session, Duration::from_secs(60));
        let bytes = rmp_serde::to_vec(&record).unwrap();
        let id = token.id().0.to_le_bytes();
        assert!(!bytes.windows(16).any(|window| window == id));
        assert!(!String::from_utf8_lossy(&bytes).contains(&token.reveal()));
        assert!(!format!("{record:?}").contains(&token.id().0.to_string()));
    }

    #[test]
    fn what_is_not_ours_is_no_session() {
        let (token, session) = any();
        let (other, _) = any();
        let hash = token.hash();
        let record = of(&hash, &session, Duration::from_secs(60));
        let bytes = rmp_serde::to_vec(&record).unwrap();
        assert_eq!(read(&other.hash(), &bytes), None, "another session's");
        for length in 0..bytes.len() {
            assert_eq!(read(&hash, &bytes[..length]), None, "cut at {length}");
        }
        let mut old = record;
        old.data.remove("expires_at");
        assert_eq!(read(&hash, &rmp_serde::to_vec(&old).unwrap()), None);
        let deep = [vec![0x91; 100_000], vec![0xc0]].concat();
        for foreign in [&b""[..], b"null", b"{}", b"\xc1", &[0xff; 64], &deep] {
            assert_eq!(read(&hash, foreign), None);
        }
    }
}
