//! The environment: `DOORWARD__SECTION__KEY`, and `DOORWARD__SECTION__ID__KEY` for sections by id.
//!
//! Sorts the variables to the keys they set and refuses those that set none. Must not guess what kind of value a text
//! is: whoever reads the key parses it.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::declaration::{Section, nearest};
use crate::config::errors::{Problems, Wrong};
use crate::domain::ids::AppId;

/// What every variable that sets a key begins with.
const PREFIX: &str = "DOORWARD__";

/// Texts by section path (`server`, `apps.my-shop`) and key. Holds secrets, so it can't be shown.
#[derive(Default)]
pub(super) struct Variables(BTreeMap<String, BTreeMap<String, String>>);

impl Variables {
    /// Sorts an environment. Variables that do not begin with `DOORWARD__` are none of ours.
    pub(super) fn sort(
        environment: impl IntoIterator<Item = (String, String)>,
        sections: &[&Section],
        problems: &mut Problems,
    ) -> Self {
        let ours = environment
            .into_iter()
            .filter(|(name, _)| name.starts_with(PREFIX));
        let mut variables = Self::default();
        for (name, text) in ours.collect::<BTreeMap<_, _>>() {
            match place(&name, &text, sections) {
                Ok((path, key)) => {
                    problems.set_by(format!("{path}.{key}"), name);
                    variables.0.entry(path).or_default().insert(key, text);
                }
                Err(wrong) => {
                    problems.add(name, wrong);
                }
            }
        }
        variables
    }

    /// The ids that the environment has keys for in `section`.
    pub(super) fn ids(&self, section: &Section) -> BTreeSet<String> {
        let ids = self.0.keys().filter_map(|path| path.split_once('.'));
        ids.filter(|(name, _)| *name == section.name)
            .map(|(_, id)| id.to_owned())
            .collect()
    }

    /// Takes out what is set for the section at `path`.
    pub(super) fn take(&mut self, path: &str) -> BTreeMap<String, String> {
        self.0.remove(path).unwrap_or_default()
    }
}

/// The variables of this process, to be handed to [`Config::load`](super::Config::load).
///
/// What is not UTF-8 arrives with replacement characters, which `load` refuses.
#[must_use]
pub fn process_environment() -> Vec<(String, String)> {
    let text = |os: std::ffi::OsString| os.to_string_lossy().into_owned();
    std::env::vars_os()
        .map(|(name, value)| (text(name), text(value)))
        .collect()
}

/// Which section path and key a variable sets.
fn place(name: &str, text: &str, sections: &[&Section]) -> Result<(String, String), Wrong> {
    let upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    if !name.chars().all(upper) {
        let remedy = "write it in capitals, with _ for the - of an id";
        return Err(Wrong::new("is not a variable name of Doorward's", remedy));
    }
    if text.contains(char::REPLACEMENT_CHARACTER) {
        return Err(Wrong::new(
            "does not hold UTF-8",
            "set it to a text in UTF-8",
        ));
    }
    let rest = name
        .strip_prefix(PREFIX)
        .unwrap_or_default()
        .to_ascii_lowercase();
    let Some((section_name, rest)) = rest.split_once("__") else {
        let remedy = format!("write {PREFIX}SECTION__KEY, such as {PREFIX}SERVER__LISTEN");
        return Err(Wrong::new("names no key", remedy));
    };
    let section = find_section(section_name, sections)?;
    let (path, key) = if section.by_id {
        by_id(section, rest)?
    } else {
        (section.name.to_owned(), rest)
    };
    if section.keys().iter().any(|known| known == key) {
        return Ok((path, key.to_owned()));
    }
    let known = section.keys();
    let remedy = match nearest(key, known.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean {}?", variable_name(&path, meant)),
        None => format!("the keys of [{}] are {}", section.name, known.join(", ")),
    };
    Err(Wrong::new(
        format!("sets {path}.{key}, which is not a key"),
        remedy,
    ))
}

fn find_section<'a>(name: &str, sections: &[&'a Section]) -> Result<&'a Section, Wrong> {
    let found = sections.iter().find(|section| section.name == name);
    found.copied().ok_or_else(|| {
        let known = || sections.iter().map(|section| section.name);
        let remedy = match nearest(name, known()) {
            Some(meant) => format!("did you mean {}…?", variable_name(meant, "")),
            None => format!(
                "the sections are {}",
                known().collect::<Vec<_>>().join(", ")
            ),
        };
        Wrong::new(
            format!("names the section {name}, which does not exist"),
            remedy,
        )
    })
}

/// Splits `my_shop__hosts` to the path `apps.my-shop` and the key `hosts`.
fn by_id<'a>(section: &Section, rest: &'a str) -> Result<(String, &'a str), Wrong> {
    let upper = section.name.to_ascii_uppercase();
    let form = || format!("write {PREFIX}{upper}__ID__KEY, with _ for the - of an id");
    let (id, key) = rest
        .rsplit_once("__")
        .ok_or_else(|| Wrong::new("names no id", form()))?;
    let id = id.replace('_', "-");
    match id.parse::<AppId>() {
        Ok(_) => Ok((format!("{}.{id}", section.name), key)),
        Err(error) => Err(Wrong::new(format!("the id in it {error}"), form())),
    }
}

/// The variable that sets `key` in the section at `path`.
pub(super) fn variable_name(path: &str, key: &str) -> String {
    let dotted = format!("{path}.{key}");
    format!(
        "{PREFIX}{}",
        dotted
            .replace('.', "__")
            .replace('-', "_")
            .to_ascii_uppercase()
    )
}
