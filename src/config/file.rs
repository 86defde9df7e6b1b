//! The configuration file, as TOML.
//!
//! An error says where, and nothing of what stands there: it could be a secret.

use std::io;
use std::path::Path;

use toml::Table;

use crate::config::errors::{ConfigErrors, Wrong};
use crate::config::fields::first_line;

/// The file that is read when no other is named, in the working directory.
const DEFAULT_FILE: &str = "doorward.toml";

/// Reads `file`, or the default file if there is one.
pub(super) fn read(file: Option<&Path>) -> Result<Table, ConfigErrors> {
    let path = file.unwrap_or(Path::new(DEFAULT_FILE));
    let name = path.display().to_string();
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if file.is_none() && error.kind() == io::ErrorKind::NotFound => {
            return Ok(Table::new());
        }
        Err(error) => {
            let wrong = Wrong::new(
                format!("can not be read ({error})"),
                "name a file that Doorward may read",
            );
            return Err(ConfigErrors::one(name, wrong));
        }
    };
    let Ok(text) = String::from_utf8(bytes) else {
        let wrong = Wrong::new("is not UTF-8", "save it as a text in UTF-8");
        return Err(ConfigErrors::one(name, wrong));
    };
    text.parse().map_err(|error: toml::de::Error| {
        let (line, column) = position(&text, error.span().map_or(0, |span| span.start));
        let problem = format!("is not TOML: {}", first_line(error.message()));
        let key = format!("{name}, line {line}, column {column}");
        ConfigErrors::one(
            key,
            Wrong::new(
                problem,
                "texts stand in quotes, sections in [ ]: see https://toml.io",
            ),
        )
    })
}

/// Line and column, counted from 1, of a place in a text.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}
