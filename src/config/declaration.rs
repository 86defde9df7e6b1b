//! How a section and its keys are declared: once, for the reader and for the reference page.
//!
//! Must not read a value.

use crate::config::errors::Wrong;

/// A section of the file.
#[derive(Debug)]
pub(super) struct Section {
    /// Its name in the file.
    pub(super) name: &'static str,
    /// Whether there is one for each id, as `[apps.shop]`.
    pub(super) by_id: bool,
    /// What the reference says before the keys, as Markdown.
    pub(super) about: &'static str,
    /// Its keys, in the order of the reference.
    pub(super) fields: &'static [Field],
}

impl Section {
    /// The names of all keys, those of secrets in files included.
    pub(super) fn keys(&self) -> Vec<String> {
        self.fields.iter().flat_map(Field::keys).collect()
    }
}

/// A key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    /// Its name.
    pub(super) name: &'static str,
    /// What its value looks like in TOML.
    pub(super) shape: Shape,
    /// What the value is, with its unit and bounds, for the reference and for errors.
    pub(super) form: &'static str,
    /// What holds when it is left out.
    pub(super) fallback: Fallback,
    /// What it does, in a sentence or two, as Markdown.
    pub(super) about: &'static str,
}

/// What a value looks like in TOML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// `"text"`
    Text,
    /// `123`
    Number,
    /// `true`
    Flag,
    /// `["text", "text"]`
    List,
    /// `[{ … }, { … }]`
    Tables,
    /// As text, or in a file named by the same key with `_file`.
    Secret,
    /// As a list, or one a line in a file named by the same key with `_file`.
    SecretList,
}

/// What holds for a key that is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fallback {
    /// This value, written as it would be in an environment variable.
    Value(&'static str),
    /// What this text says.
    Stated(&'static str),
    /// An error.
    Required,
}

impl Field {
    /// Whether errors and logs may not show the value.
    pub(super) const fn is_secret(&self) -> bool {
        matches!(self.shape, Shape::Secret | Shape::SecretList)
    }

    /// The key that names a file instead.
    pub(super) fn file_key(&self) -> String {
        format!("{}_file", self.name)
    }

    /// The error for a value that may be shown; the remedy is the form of this key.
    pub(super) fn refuse(&self, text: &str, problem: &str) -> Wrong {
        Wrong::value(text, problem, format!("write {}", self.form))
    }

    fn keys(&self) -> Vec<String> {
        let file = self.is_secret().then(|| self.file_key());
        std::iter::once(self.name.to_owned()).chain(file).collect()
    }
}

/// Where a key that stands in the wrong place belongs.
pub(super) fn owner_of(key: &str, sections: &[&Section]) -> Option<String> {
    let owner = sections
        .iter()
        .find(|section| section.keys().iter().any(|known| known == key))?;
    let id = if owner.by_id { ".<id>" } else { "" };
    Some(format!("it belongs in [{}{id}]", owner.name))
}

/// The known word that comes nearest to `word`, if any comes near.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_ascii_lowercase().replace('-', "_");
    let score = |candidate: &str| {
        if word == candidate {
            return 2.0;
        }
        let related = candidate.starts_with(&word) || word.starts_with(candidate);
        strsim::jaro_winkler(&word, candidate) + if related { 0.1 } else { 0.0 }
    };
    let scored = known
        .into_iter()
        .map(|candidate| (score(candidate), candidate));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0));
    best.filter(|(score, _)| *score > 0.8)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_near() {
        let known = [
            "listen",
            "internal_listen",
            "base_path",
            "hops",
            "trusted_proxies",
        ];
        for (typed, meant) in [
            ("lisen", Some("listen")),
            ("internal-listen", Some("internal_listen")),
            ("hop", Some("hops")),
            ("trusted_proxy", Some("trusted_proxies")),
            ("colour", None),
        ] {
            assert_eq!(nearest(typed, known), meant, "{typed}");
        }
    }
}
