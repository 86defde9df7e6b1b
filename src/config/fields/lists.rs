//! Keys that hold several values: lists of texts and lists of tables.
//!
//! Every bad entry is recorded with its index.

use std::collections::BTreeMap;

use toml::Value;

use super::{Fields, Found, first_line, mistyped};
use crate::config::declaration::{Field, Section, Shape};
use crate::config::errors::{Read, Wrong};

impl Fields<'_> {
    /// A list of texts that may be left out. Every bad entry is recorded with its index.
    pub(in crate::config) fn list<T>(
        &mut self,
        field: &Field,
        parse: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Read<Option<Vec<T>>> {
        self.entries(field, parse)?
            .map(|entries| entries.into_iter().collect())
            .transpose()
    }

    /// The same, with the good entries where some are bad.
    pub(in crate::config) fn entries<T>(
        &mut self,
        field: &Field,
        parse: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Read<Option<Vec<Read<T>>>> {
        let Some(found) = self.take(field) else {
            return Ok(None);
        };
        let texts = self.texts(field, found)?;
        Ok(Some(self.each(field, &texts, parse)))
    }

    /// Parses the entries of a list.
    pub(in crate::config) fn each<T>(
        &mut self,
        field: &Field,
        texts: &[String],
        parse: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Vec<Read<T>> {
        let mut read = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            let key = format!("{}[{index}]", self.at(field.name));
            read.push(parse(text).map_err(|wrong| self.problems.add(key, wrong)));
        }
        read
    }

    /// A list of tables that may be left out; `read` takes one.
    pub(in crate::config) fn tables<T>(
        &mut self,
        field: &Field,
        inner: &'static Section,
        read: impl Fn(Fields<'_>) -> Read<T>,
    ) -> Read<Option<Vec<T>>> {
        let value = match self.take(field) {
            None => return Ok(None),
            Some(Found::File(value)) => value,
            Some(Found::Text(text)) => text.parse().map_err(|error: toml::de::Error| {
                let problem = format!(
                    "is not a TOML list of tables: {}",
                    first_line(error.message())
                );
                self.wrong(field, Wrong::new(problem, format!("write {}", field.form)))
            })?,
        };
        let Value::Array(values) = value else {
            return Err(self.mistyped(field, &value));
        };
        let mut tables = Vec::new();
        for (index, value) in values.into_iter().enumerate() {
            let path = format!("{}[{index}]", self.at(field.name));
            tables.push(match value {
                Value::Table(table) => {
                    let (variables, problems) = (BTreeMap::new(), &mut *self.problems);
                    let mut fields = Fields {
                        path,
                        table,
                        variables,
                        problems,
                    };
                    fields.refuse_unknown(inner, &[]);
                    read(fields)
                }
                _ => {
                    let wrong = Wrong::new("is not a table", format!("write {}", field.form));
                    Err(self.problems.add(path, wrong))
                }
            });
        }
        tables.into_iter().collect::<Read<_>>().map(Some)
    }

    /// The entries of a list: an array of texts in the file, separated by commas in the environment.
    pub(in crate::config) fn texts(&mut self, field: &Field, found: Found) -> Read<Vec<String>> {
        let values = match found {
            Found::Text(text) if text.trim().is_empty() => return Ok(Vec::new()),
            Found::Text(text) => {
                return Ok(text.split(',').map(|part| part.trim().to_owned()).collect());
            }
            Found::File(Value::Array(values)) => values,
            Found::File(other) => return Err(self.mistyped(field, &other)),
        };
        let mut texts = Vec::new();
        for (index, value) in values.into_iter().enumerate() {
            texts.push(match value {
                Value::String(text) => Ok(text),
                other => {
                    let key = format!("{}[{index}]", self.at(field.name));
                    Err(self
                        .problems
                        .add(key, mistyped(Shape::Text, field.form, &other)))
                }
            });
        }
        texts.into_iter().collect()
    }
}
