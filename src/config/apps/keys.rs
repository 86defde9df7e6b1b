//! The keys of one app.

use crate::config::errors::{Read, Wrong};
use crate::config::fields::Fields;
use crate::config::secrets::{AppKey, KEY_REMEDY};

use super::fields::KEYS;

/// The most keys an app may have: enough for any rotation, and a bound on the work for a forged header.
const MAX_KEYS: usize = 8;

pub(super) fn read(fields: &mut Fields<'_>) -> Read<Vec<AppKey>> {
    let keys = fields.secret_list(&KEYS, AppKey::parse)?;
    let Some(keys) = keys else {
        let remedy = format!("{KEY_REMEDY} and put it here or into a file named by keys_file");
        return Err(fields.wrong(&KEYS, Wrong::new("is missing", remedy)));
    };
    let twice = keys.iter().enumerate().find_map(|(index, key)| {
        let first = keys
            .iter()
            .take(index)
            .position(|earlier| earlier.is(key))?;
        Some((first + 1, index + 1))
    });
    let wrong = match (keys.len(), twice) {
        (0, _) => Wrong::new("holds no key", KEY_REMEDY),
        (1..=MAX_KEYS, None) => return Ok(keys),
        (_, Some((first, second))) => {
            let problem =
                format!("holds the same key twice, as number {first} and number {second}");
            Wrong::new(problem, "drop one of them")
        }
        (count, None) => {
            let problem = format!("holds {count} keys, more than {MAX_KEYS}");
            Wrong::new(problem, "drop those that no app uses any more")
        }
    };
    Err(fields.wrong(&KEYS, wrong))
}
