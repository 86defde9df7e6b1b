//! The names of keys in Redis.
//!
//! A record's name is made from the hash of its session's id, so that nobody who reads names holds a session. Must not
//! ask Redis.

use tower_sessions_core::session::Id;

use crate::domain::ids::UserId;
use crate::storage::sessions::IdHash;

/// How many bytes of a hash make a name: those that tower-sessions' ids have.
const LENGTH: usize = 16;

const ACCOUNT: &str = "doorward:user:";
const CANARY: &str = "doorward:canary:";

/// What a changed key is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Concern {
    /// Every session whose hash begins like this: one, for all that can happen.
    Session([u8; LENGTH]),
    /// All sessions of a user.
    User(UserId),
    /// A key by which a node watches its link.
    Canary,
    /// Nothing of ours.
    Other,
}

/// The id under which the record of a session is kept.
pub(super) fn record(id_hash: &IdHash) -> Id {
    let mut bytes = [0; LENGTH];
    for (byte, of_hash) in bytes.iter_mut().zip(id_hash) {
        *byte = *of_hash;
    }
    Id(i128::from_le_bytes(bytes))
}

/// The key of what Redis knows of an account.
pub(super) fn account(user: UserId) -> String {
    format!("{ACCOUNT}{user}")
}

/// A key by which `node` watches its link. In a cluster `tag` decides which server keeps it.
pub(super) fn canary(node: &str, tag: Option<u32>) -> String {
    match tag {
        None => format!("{CANARY}{node}"),
        Some(tag) => format!("{CANARY}{node}:{{{tag}}}"),
    }
}

/// What a key is about.
pub(super) fn concern(key: &[u8]) -> Concern {
    let Ok(key) = std::str::from_utf8(key) else {
        return Concern::Other;
    };
    if key.starts_with(CANARY) {
        return Concern::Canary;
    }
    if let Some(user) = key.strip_prefix(ACCOUNT) {
        return user.parse().map_or(Concern::Other, Concern::User);
    }
    match key.parse::<Id>() {
        Ok(id) => Concern::Session(id.0.to_le_bytes()),
        Err(_) => Concern::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::random::SystemRandom;
    use crate::sessions::Token;

    #[test]
    fn what_a_key_is_about_is_read_from_its_name() {
        let hash = Token::generate(&SystemRandom).unwrap().hash();
        let name = record(&hash).to_string();
        let Concern::Session(beginning) = concern(name.as_bytes()) else {
            panic!("{name}");
        };
        assert_eq!(beginning, hash[..LENGTH]);
        let user: UserId = "8f14e45f-ceea-467f-a8b0-1d7d6c3f2a11".parse().unwrap();
        assert_eq!(concern(account(user).as_bytes()), Concern::User(user));
        for canary in [canary("5eed", None), canary("5eed", Some(7))] {
            assert_eq!(concern(canary.as_bytes()), Concern::Canary);
        }
        for foreign in [
            "",
            "cache:7",
            "doorward:user:",
            "doorward:user:ann",
            "\u{0}",
        ] {
            assert_eq!(concern(foreign.as_bytes()), Concern::Other, "{foreign}");
        }
        assert_eq!(concern(&[0xff; 22]), Concern::Other);
    }

    #[test]
    fn threat_20_the_name_of_a_record_is_not_the_id_of_its_session() {
        let token = Token::generate(&SystemRandom).unwrap();
        let name = record(&token.hash()).to_string();
        assert_ne!(name, token.reveal());
        assert_eq!(name.len(), 22);
    }
}
