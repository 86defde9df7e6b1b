//! The cookies of one browser at one host.

use std::collections::BTreeMap;

use super::Answer;

/// Cookies by name. Paths and times are not looked at: a test sends what it likes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Jar(BTreeMap<String, String>);

impl Jar {
    /// Keeps what an answer sets, and drops what it takes back.
    pub(crate) fn keep(&mut self, answer: &Answer) {
        for cookie in answer.cookies() {
            let gone = cookie.attribute("max-age") == Some("0") || cookie.value.is_empty();
            if gone {
                self.0.remove(&cookie.name);
            } else {
                self.0.insert(cookie.name, cookie.value);
            }
        }
    }

    /// Adds a cookie.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }

    /// The value of a cookie.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The value of a `Cookie` header.
    pub(crate) fn line(&self) -> String {
        let pairs: Vec<_> = self
            .0
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }
}
