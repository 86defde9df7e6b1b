//! A session as tower-sessions' `Record`, and back.
//!
//! A record that Doorward did not write is no session: reading it yields nothing, and never a panic.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tower_sessions_core::session::Record;

use super::Token;
use crate::domain::clock::Timestamp;
use crate::domain::ids::UserId;
use crate::domain::session::{Factor, Session};

#[derive(Serialize, Deserialize)]
struct Fields {
    pool: String,
    app: String,
    user: uuid::Uuid,
    roles: Vec<String>,
    epoch: i64,
    created_at: i64,
    signed_in_at: i64,
    last_seen_at: i64,
    /// The record itself may be kept for a shorter or a longer time.
    expires_at: i64,
    factors: Vec<String>,
    remembered: bool,
    device: String,
}

/// The record that a store keeps for a session.
#[must_use]
pub fn to_record(token: Token, session: &Session) -> Record {
    let fields = Fields {
        pool: session.pool.to_string(),
        app: session.app.to_string(),
        user: session.user.0,
        roles: session.roles.iter().map(ToString::to_string).collect(),
        epoch: session.epoch,
        created_at: session.created_at.micros(),
        signed_in_at: session.signed_in_at.micros(),
        last_seen_at: session.last_seen_at.micros(),
        expires_at: session.expires_at.micros(),
        factors: session
            .factors
            .iter()
            .map(|factor| factor.as_str().to_owned())
            .collect(),
        remembered: session.remembered,
        device: session.device.clone(),
    };
    let data = match serde_json::to_value(fields) {
        Ok(Value::Object(map)) => map.into_iter().collect(),
        _ => Default::default(),
    };
    Record {
        id: token.id(),
        data,
        expiry_date: session.expires_at.to_datetime(),
    }
}

/// The session that a record holds; nothing when it holds none.
#[must_use]
pub fn from_record(record: Record) -> Option<Session> {
    let fields: Fields =
        serde_json::from_value(Value::Object(record.data.into_iter().collect())).ok()?;
    Some(Session {
        pool: fields.pool.parse().ok()?,
        app: fields.app.parse().ok()?,
        user: UserId(fields.user),
        roles: fields
            .roles
            .iter()
            .map(|role| role.parse().ok())
            .collect::<Option<_>>()?,
        epoch: fields.epoch,
        created_at: Timestamp::from_micros(fields.created_at),
        signed_in_at: Timestamp::from_micros(fields.signed_in_at),
        last_seen_at: Timestamp::from_micros(fields.last_seen_at),
        expires_at: Timestamp::from_micros(fields.expires_at),
        factors: fields
            .factors
            .iter()
            .map(|word| Factor::from_word(word))
            .collect::<Option<_>>()?,
        remembered: fields.remembered,
        device: fields.device,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::random::SystemRandom;

    #[test]
    fn a_session_survives_the_record() {
        let token = Token::generate(&SystemRandom).unwrap();
        assert_eq!(
            from_record(to_record(token, &Session::sample())),
            Some(Session::sample())
        );
    }

    #[test]
    fn threat_02_a_record_of_somebody_else_is_no_session() {
        let token = Token::generate(&SystemRandom).unwrap();
        let good = to_record(token, &Session::sample());
        for key in good.data.keys() {
            let mut missing = good.clone();
            missing.data.remove(key);
            assert_eq!(from_record(missing), None, "without {key}");
            let mut wrong = good.clone();
            wrong.data.insert(key.clone(), Value::Null);
            assert_eq!(from_record(wrong), None, "with {key} = null");
        }
        let mut upper = good;
        upper
            .data
            .insert("pool".to_owned(), Value::String("SHOP".to_owned()));
        assert_eq!(from_record(upper), None);
    }
}
