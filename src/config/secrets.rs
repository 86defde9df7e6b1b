//! Secrets: from a key, from a variable or from a file of their own, and never shown.
//!
//! What is wrong with a secret is said without any part of it.

mod generated;
mod key;
mod weak;

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt;

use zeroize::Zeroizing;

use crate::config::declaration::Field;
use crate::config::errors::{Read, Wrong, shown};
use crate::config::fields::{Fields, SecretSource};

pub use generated::{GeneratedKeyError, resolve_generated};
pub use key::AppKey;
pub(super) use key::KEY_REMEDY;

/// The longest file of secrets that is read, in bytes.
const MAX_FILE: u64 = 64 * 1024;

impl Fields<'_> {
    /// A secret that is one text. `parse` must not repeat it in an error.
    pub(super) fn secret<T>(
        &mut self,
        field: &Field,
        parse: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Read<Option<T>> {
        match self.secret_source(field)? {
            None => Ok(None),
            Some(SecretSource::Inline(found)) => {
                let text = Zeroizing::new(self.text(field, found)?);
                parse(&text)
                    .map(Some)
                    .map_err(|wrong| self.wrong(field, wrong))
            }
            Some(SecretSource::File(path)) => {
                let parsed = read_file(&path).and_then(|text| parse(without_newline(&text)));
                parsed
                    .map(Some)
                    .map_err(|wrong| self.wrong_file(field, wrong))
            }
        }
    }

    /// A list of secrets: in a file one a line.
    pub(super) fn secret_list<T>(
        &mut self,
        field: &Field,
        parse: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Read<Option<Vec<T>>> {
        match self.secret_source(field)? {
            None => Ok(None),
            Some(SecretSource::Inline(found)) => {
                let texts = Zeroizing::new(self.texts(field, found)?);
                self.each(field, &texts, parse)
                    .into_iter()
                    .collect::<Read<_>>()
                    .map(Some)
            }
            Some(SecretSource::File(path)) => {
                let text = read_file(&path).map_err(|wrong| self.wrong_file(field, wrong))?;
                self.lines(field, &text, parse).map(Some)
            }
        }
    }

    fn lines<T>(
        &mut self,
        field: &Field,
        text: &str,
        parse: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Read<Vec<T>> {
        let mut read = Vec::new();
        for (number, line) in lines(text) {
            read.push(parse(line).map_err(|wrong| {
                let problem = format!("line {number} {}", wrong.problem);
                self.wrong_file(field, Wrong::new(problem, wrong.remedy))
            }));
        }
        read.into_iter().collect()
    }
}

/// The lines of a file of secrets that hold one, with their numbers: without comments, which begin with `#`, and without
/// spaces and tabs around them. The verifiers of the apps read their files in the same way.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = (1..).zip(text.lines()).map(|(number, line)| {
        let secret = line.split('#').next().unwrap_or_default();
        (number, secret.trim_matches([' ', '\t']))
    });
    numbered.filter(|(_, line)| !line.is_empty())
}

/// Reads a file of secrets.
fn read_file(path: &str) -> Result<Zeroizing<String>, Wrong> {
    let unreadable = |error: io::Error| {
        let problem = format!(
            "names the file {}, which can not be read ({error})",
            shown(path)
        );
        Wrong::new(problem, "name a file that Doorward may read")
    };
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(Wrong::value(path, "is not a file", "name a plain file"));
    }
    if metadata.permissions().mode() & 0o022 != 0 {
        let problem = "can be written by others than its owner";
        return Err(Wrong::value(
            path,
            problem,
            "take that right away: chmod go-w",
        ));
    }
    let mut text = Zeroizing::new(String::new());
    let read = file.take(MAX_FILE + 1).read_to_string(&mut text);
    match read.map_err(unreadable)? {
        0 => Err(Wrong::value(path, "is empty", "write the secret to it")),
        length if length as u64 > MAX_FILE => Err(Wrong::value(
            path,
            "is larger than 64 KiB",
            "name a file that holds the secret alone",
        )),
        _ => Ok(text),
    }
}

/// The text without the one newline that editors and `echo` leave at its end.
fn without_newline(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever passes a file of keys to Doorward passes the same file to the verifier in an app.
    #[test]
    fn files_of_keys_are_read_as_the_verifiers_read_them() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../sdk/vectors.json")).unwrap();
        let cases = vectors["keys_files"].as_array().unwrap();
        assert!(!cases.is_empty());
        for case in cases {
            let long = |line: &str| hex::decode(line).ok().filter(|key| key.len() >= 32);
            let text = case["text"].as_str().unwrap();
            let keys: Option<Vec<_>> = lines(text).map(|(_, line)| long(line)).collect();
            let keys = keys.filter(|keys| !keys.is_empty());
            let expected = case["keys"].as_array().map(|keys| {
                keys.iter()
                    .map(|key| hex::decode(key.as_str().unwrap()).unwrap())
                    .collect()
            });
            assert_eq!(keys, expected, "{}", case["name"]);
            if let Some(number) = case["line"].as_u64() {
                let bad = lines(text).find(|(_, line)| long(line).is_none()).unwrap();
                assert_eq!(bad.0 as u64, number, "{}", case["name"]);
            }
        }
    }
}
