//! Everything that is wrong with a configuration, collected so that it is reported at once.
//!
//! An error names a key, what is wrong and what would be right. It never holds any part of a secret.

use std::collections::BTreeMap;
use std::fmt;

/// The longest piece of a value that an error shows, in characters.
const MAX_SHOWN: usize = 80;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The dotted key, such as `apps.shop.hosts[1]`, or the file with line and column.
    pub key: String,
    /// The environment variable the value came from, if it did.
    pub variable: Option<String>,
    /// What is wrong.
    pub problem: String,
    /// What would be right.
    pub remedy: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key)?;
        if let Some(variable) = self.variable.as_ref().filter(|name| **name != self.key) {
            write!(f, " (from {variable})")?;
        }
        write!(f, ": {}; {}", self.problem, self.remedy)
    }
}

/// All that is wrong; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors(Vec<ConfigError>);

impl ConfigErrors {
    /// The errors, in the order of the sections.
    #[must_use]
    pub fn all(&self) -> &[ConfigError] {
        &self.0
    }

    /// A single error that leaves nothing else to look at, such as a file that can't be read.
    pub(super) fn one(key: String, wrong: Wrong) -> Self {
        let Wrong { problem, remedy } = wrong;
        Self(vec![ConfigError {
            key: printable(&key),
            variable: None,
            problem,
            remedy,
        }])
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => f.write_str("1 error in the configuration:")?,
            count => write!(f, "{count} errors in the configuration:")?,
        }
        self.0
            .iter()
            .try_for_each(|error| write!(f, "\n  - {error}"))
    }
}

impl std::error::Error for ConfigErrors {}

/// What is wrong with a value and what would be right, before it is known where the value stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) problem: String,
    pub(super) remedy: String,
}

impl Wrong {
    pub(super) fn new(problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }

    /// A value that may be shown, with what is wrong with it.
    pub(super) fn value(text: &str, problem: &str, remedy: impl Into<String>) -> Self {
        Self::new(format!("{} {problem}", shown(text)), remedy)
    }
}

/// A value as an error shows it: quoted, without control characters, and cut when it is long.
pub(super) fn shown(text: &str) -> String {
    let cut: String = text.chars().take(MAX_SHOWN).collect();
    let more = if cut.len() < text.len() { "…" } else { "" };
    format!("{cut:?}{more}")
}

/// A key or a file's name without the control characters that TOML allows in them.
fn printable(key: &str) -> String {
    key.replace(char::is_control, "\u{fffd}")
}

/// The mark of a value whose error has been recorded; it makes up no value and reports nothing twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reported;

/// A value, or the mark that there is an error in its place.
pub(super) type Read<T> = Result<T, Reported>;

/// The errors found so far, and which keys the environment has set.
#[derive(Debug, Default)]
pub(super) struct Problems {
    errors: Vec<ConfigError>,
    variables: BTreeMap<String, String>,
}

impl Problems {
    /// Remembers that `key` was set by `variable`, so that errors can name both.
    pub(super) fn set_by(&mut self, key: String, variable: String) {
        self.variables.insert(key, variable);
    }

    /// Records an error at `key`, which may end in an index.
    pub(super) fn add(&mut self, key: impl Into<String>, wrong: Wrong) -> Reported {
        let key = printable(&key.into());
        let variable = self.variable_of(&key).cloned();
        let Wrong { problem, remedy } = wrong;
        self.errors.push(ConfigError {
            key,
            variable,
            problem,
            remedy,
        });
        Reported
    }

    fn variable_of(&self, key: &str) -> Option<&String> {
        let whole = key.split_once('[').map_or(key, |(whole, _)| whole);
        self.variables
            .get(whole)
            .or_else(|| self.variables.get(&format!("{whole}_file")))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    pub(super) fn into_errors(self) -> ConfigErrors {
        ConfigErrors(self.errors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_begins_with_a_count_and_names_the_variable() {
        let mut problems = Problems::default();
        problems.set_by(
            "apps.shop.hosts".into(),
            "DOORWARD__APPS__SHOP__HOSTS".into(),
        );
        problems.add(
            "apps.shop.hosts[1]",
            Wrong::new("is wrong", "write it right"),
        );
        problems.add("server.hops", Wrong::new("is wrong too", "leave it out"));
        assert_eq!(
            problems.into_errors().to_string(),
            "2 errors in the configuration:\n  \
             - apps.shop.hosts[1] (from DOORWARD__APPS__SHOP__HOSTS): is wrong; write it right\n  \
             - server.hops: is wrong too; leave it out"
        );
    }

    #[test]
    fn threat_40_a_value_can_not_forge_a_line() {
        assert_eq!(shown("a\nb\u{1b}[31m"), "\"a\\nb\\u{1b}[31m\"");
        assert!(shown(&"x".repeat(500)).len() < 100);
        let mut problems = Problems::default();
        problems.add("apps.a\nb", Wrong::new("is wrong", "mend it"));
        assert_eq!(problems.into_errors().all()[0].key, "apps.a\u{fffd}b");
    }
}
