//! What was last signed for a session. A browser asks for many things in the same second, and the same words have the
//! same signature.
//!
//! Must not decide anything: whoever asks has judged the request first. Nobody waits for another one here.

use std::fmt;
use std::sync::Mutex;

use bytes::Bytes;

/// The last signed value of one session.
#[derive(Default)]
pub struct Said(Mutex<Option<Value>>);

struct Value {
    key: usize,
    second: u64,
    bytes: Bytes,
}

impl Said {
    /// What was signed with this key in this second; nothing when that is something else, or somebody else is just here.
    #[must_use]
    pub fn again(&self, key: usize, second: u64) -> Option<Bytes> {
        let value = self.0.try_lock().ok()?;
        let value = value.as_ref()?;
        (value.key == key && value.second == second).then(|| value.bytes.clone())
    }

    /// Keeps what was signed with this key in this second.
    pub fn keep(&self, key: usize, second: u64, bytes: Bytes) {
        if let Ok(mut value) = self.0.try_lock() {
            *value = Some(Value { key, second, bytes });
        }
    }
}

/// Whoever reads it could be the user for a minute.
impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Said(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_and_second_are_said_again() {
        let said = Said::default();
        assert_eq!(said.again(0, 10), None);
        said.keep(0, 10, Bytes::from_static(b"value"));
        assert_eq!(said.again(0, 10).as_deref(), Some(&b"value"[..]));
        assert_eq!(said.again(1, 10), None, "another app");
        assert_eq!(said.again(0, 11), None, "a second later");
        assert_eq!(said.again(0, 9), None, "a clock that was set back");
        assert_eq!(format!("{said:?}"), "Said(…)");
    }
}
