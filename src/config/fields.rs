//! The typed reader of one section's keys: texts and numbers here, lists and tables in a file of their own.
//!
//! An error is recorded where it is found, and the caller gets a mark in place of the value.

mod lists;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use toml::{Table, Value};

use crate::config::declaration::{Fallback, Field, Section, Shape, nearest, owner_of};
use crate::config::errors::{Problems, Read, Reported, Wrong};

/// The keys of one section, to be read one by one.
pub(super) struct Fields<'a> {
    path: String,
    table: Table,
    variables: BTreeMap<String, String>,
    problems: &'a mut Problems,
}

/// A value as it was found.
pub(super) enum Found {
    /// In the file, typed.
    File(Value),
    /// In the environment or as a default: a text that says nothing of its type.
    Text(String),
}

/// Where a secret was found.
pub(super) enum SecretSource {
    /// In the key itself.
    Inline(Found),
    /// In a file at this path.
    File(String),
}

impl<'a> Fields<'a> {
    /// What the file and the environment hold at `path`.
    pub(super) fn new(
        path: String,
        table: Table,
        variables: BTreeMap<String, String>,
        problems: &'a mut Problems,
    ) -> Self {
        Self {
            path,
            table,
            variables,
            problems,
        }
    }
}

impl Fields<'_> {
    /// The dotted name of a key of this section.
    pub(super) fn at(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }

    /// Records an error at a key.
    pub(super) fn wrong(&mut self, field: &Field, wrong: Wrong) -> Reported {
        let key = self.at(field.name);
        self.problems.add(key, wrong)
    }

    /// Records an error at the key that names a secret's file.
    pub(super) fn wrong_file(&mut self, field: &Field, wrong: Wrong) -> Reported {
        let key = self.at(&field.file_key());
        self.problems.add(key, wrong)
    }

    /// A text that may be left out.
    pub(super) fn optional<T>(
        &mut self,
        field: &Field,
        parse: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Read<Option<T>> {
        let Some(found) = self.take(field) else {
            return Ok(None);
        };
        let text = self.text(field, found)?;
        parse(&text)
            .map(Some)
            .map_err(|wrong| self.wrong(field, wrong))
    }

    /// A text that has a default or has to be there.
    pub(super) fn value<T>(
        &mut self,
        field: &Field,
        parse: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Read<T> {
        self.optional(field, parse)?
            .ok_or_else(|| self.missing(field))
    }

    /// A whole number within bounds that may be left out.
    pub(super) fn number(
        &mut self,
        field: &Field,
        bounds: RangeInclusive<u32>,
    ) -> Read<Option<u32>> {
        let number = match self.take(field) {
            None => return Ok(None),
            Some(Found::File(Value::Integer(number))) => u32::try_from(number).ok(),
            Some(Found::File(Value::Float(_))) => None,
            Some(Found::Text(text)) => text.trim().parse().ok(),
            Some(Found::File(other)) => return Err(self.mistyped(field, &other)),
        };
        number
            .filter(|number| bounds.contains(number))
            .map(Some)
            .ok_or_else(|| {
                let problem = format!(
                    "is not a whole number from {} to {}",
                    bounds.start(),
                    bounds.end()
                );
                self.wrong(field, Wrong::new(problem, format!("write {}", field.form)))
            })
    }

    /// A whole number within bounds that has a default.
    pub(super) fn number_or_default(
        &mut self,
        field: &Field,
        bounds: RangeInclusive<u32>,
    ) -> Read<u32> {
        self.number(field, bounds)?
            .ok_or_else(|| self.missing(field))
    }

    /// A yes or no that may be left out.
    pub(super) fn flag(&mut self, field: &Field) -> Read<Option<bool>> {
        match self.take(field) {
            None => Ok(None),
            Some(Found::File(Value::Boolean(flag))) => Ok(Some(flag)),
            Some(Found::Text(text)) => text.trim().parse().map(Some).map_err(|_| {
                let wrong = field.refuse(&text, "is neither true nor false");
                self.wrong(field, wrong)
            }),
            Some(Found::File(other)) => Err(self.mistyped(field, &other)),
        }
    }

    /// Records that a key is missing.
    pub(super) fn missing(&mut self, field: &Field) -> Reported {
        self.wrong(
            field,
            Wrong::new("is missing", format!("write {}", field.form)),
        )
    }

    /// A value or its default, out of the environment before the file.
    fn take(&mut self, field: &Field) -> Option<Found> {
        let text = self.variables.remove(field.name).map(Found::Text);
        let value = self.table.remove(field.name).map(Found::File);
        text.or(value).or(match field.fallback {
            Fallback::Value(text) => Some(Found::Text(text.to_owned())),
            Fallback::Stated(_) | Fallback::Required => None,
        })
    }

    /// Where a secret is: in its key or in a file, and in the environment before the configuration file.
    pub(super) fn secret_source(&mut self, field: &Field) -> Read<Option<SecretSource>> {
        let (name, file_key) = (field.name, field.file_key());
        let set = [name, &file_key].map(|key| self.variables.remove(key).map(Found::Text));
        let written = [name, &file_key].map(|key| self.table.remove(key).map(Found::File));
        let [inline, file] = if set.iter().any(Option::is_some) {
            set
        } else {
            written
        };
        match (inline, file) {
            (Some(_), Some(_)) => {
                let problem = format!("is given together with {file_key}");
                Err(self.wrong(field, Wrong::new(problem, "keep one of the two")))
            }
            (Some(found), None) => Ok(Some(SecretSource::Inline(found))),
            (None, Some(Found::Text(path) | Found::File(Value::String(path)))) => {
                Ok(Some(SecretSource::File(path)))
            }
            (None, Some(Found::File(other))) => {
                let wrong = mistyped(Shape::Text, "the path of a file", &other);
                Err(self.problems.add(self.at(&file_key), wrong))
            }
            (None, None) => Ok(self.take(field).map(SecretSource::Inline)),
        }
    }

    /// A text, whatever it says.
    pub(super) fn text(&mut self, field: &Field, found: Found) -> Read<String> {
        match found {
            Found::Text(text) | Found::File(Value::String(text)) => Ok(text),
            Found::File(other) => Err(self.mistyped(field, &other)),
        }
    }

    pub(super) fn mistyped(&mut self, field: &Field, value: &Value) -> Reported {
        self.wrong(field, mistyped(field.shape, field.form, value))
    }

    /// Records the keys of the file that the section does not have. `sections` are searched for where they belong.
    pub(super) fn refuse_unknown(&mut self, section: &Section, sections: &[&Section]) {
        let known = section.keys();
        let unknown: Vec<_> = self
            .table
            .keys()
            .filter(|key| !known.contains(key))
            .cloned()
            .collect();
        for key in unknown {
            let remedy = match nearest(&key, known.iter().map(String::as_str)) {
                Some(meant) => format!("did you mean {meant}?"),
                None => owner_of(&key, sections)
                    .unwrap_or_else(|| format!("the keys here are {}", known.join(", "))),
            };
            self.problems
                .add(self.at(&key), Wrong::new("is not a key", remedy));
        }
    }
}

/// What is wrong with a value of another type than its shape asks for. Shows nothing of the value.
fn mistyped(shape: Shape, form: &str, value: &Value) -> Wrong {
    let kind = match value {
        Value::String(_) => "a text",
        Value::Integer(_) | Value::Float(_) => "a number",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(_) => "a list",
        Value::Table(_) => "a table",
    };
    let (wanted, how) = match shape {
        Shape::Text | Shape::Secret => ("a text", ", in quotes"),
        Shape::Number => ("a number", ", without quotes"),
        Shape::Flag => ("true or false", ", without quotes"),
        Shape::List | Shape::SecretList => ("a list", ", as a list of texts in [ ]"),
        Shape::Tables => ("a list of tables", ""),
    };
    Wrong::new(
        format!("is {kind}, not {wanted}"),
        format!("write {form}{how}"),
    )
}

/// The first line of a parser's message.
pub(super) fn first_line(message: &str) -> &str {
    message.lines().next().unwrap_or_default()
}
