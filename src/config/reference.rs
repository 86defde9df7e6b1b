//! The reference page, made from the declarations that the reader uses.
//!
//! A test holds `docs/configuration.md` against it, and writes it when `UPDATE_REFERENCE` is set.

use std::fmt::{self, Write as _};

use crate::config::SECTIONS;
use crate::config::apps;
use crate::config::declaration::{Fallback, Field, Section, Shape};
use crate::config::env::variable_name;

/// What stands before the sections.
const INTRODUCTION: &str = include_str!("reference/introduction.md");
/// What stands behind them: everything at once.
const EXAMPLE: &str = include_str!("reference/example.toml");

/// The longest line of prose, in characters.
const WIDTH: usize = 116;

/// The whole page, as Markdown.
#[must_use]
pub fn reference() -> String {
    let mut page = String::new();
    // Writing to a text can't fail.
    let _ = write_page(&mut page);
    page
}

fn write_page(page: &mut String) -> fmt::Result {
    writeln!(page, "{}", INTRODUCTION.trim_end())?;
    for section in SECTIONS {
        let id = if section.by_id { ".<id>" } else { "" };
        writeln!(page, "\n## `[{}{id}]`\n", section.name)?;
        write_section(page, section)?;
        if section.name == apps::SECTION.name {
            writeln!(page)?;
            write_section(page, &apps::RULE_SECTION)?;
        }
    }
    writeln!(
        page,
        "\n## A complete example\n\nEvery key once. An installation needs few of them:\n"
    )?;
    writeln!(page, "```toml\n{}\n```", EXAMPLE.trim_end())
}

fn write_section(page: &mut String, section: &Section) -> fmt::Result {
    write_wrapped(page, "", section.about)?;
    writeln!(page)?;
    for field in section.fields {
        write_field(page, section, field)?;
    }
    Ok(())
}

fn write_field(page: &mut String, section: &Section, field: &Field) -> fmt::Result {
    let Field {
        name, form, about, ..
    } = field;
    let file_key = field.file_key();
    let title = match field.is_secret() {
        true => format!("**`{name}`** or **`{file_key}`**"),
        false => format!("**`{name}`**"),
    };
    write_wrapped(page, "- ", &format!("{title}: {about}"))?;
    if field.is_secret() {
        let path = if section.by_id {
            format!("{}.ID", section.name)
        } else {
            section.name.to_owned()
        };
        let variable = variable_name(&path, &file_key);
        let secret = format!("A secret, better in a file: `{file_key}`, `{variable}`.");
        write_wrapped(page, "  - ", &secret)?;
    }
    write_wrapped(page, "  - ", &format!("Value: {}.", as_markdown(form)))?;
    write_wrapped(page, "  - ", &default_of(field))
}

/// Plain text with the characters escaped that Markdown would take for its own.
fn as_markdown(text: &str) -> String {
    let escaped = |c: char| {
        if "\\`*_[<".contains(c) {
            vec!['\\', c]
        } else {
            vec![c]
        }
    };
    text.chars().flat_map(escaped).collect()
}

fn default_of(field: &Field) -> String {
    match field.fallback {
        Fallback::Required => "Required.".to_owned(),
        Fallback::Stated(text) => format!("Default: {text}."),
        Fallback::Value(text) => format!("Default: `{}`.", in_toml(field.shape, text)),
    }
}

/// A default as one would write it in the file.
fn in_toml(shape: Shape, text: &str) -> String {
    match shape {
        Shape::Number | Shape::Flag | Shape::Tables => text.to_owned(),
        Shape::Text | Shape::Secret => format!("{text:?}"),
        Shape::List | Shape::SecretList => {
            let entries = text
                .split(',')
                .map(str::trim)
                .filter(|entry| !entry.is_empty());
            let entries: Vec<_> = entries.map(|entry| format!("{entry:?}")).collect();
            format!("[{}]", entries.join(", "))
        }
    }
}

/// Writes prose in lines of bounded length, the first behind `mark` and the others under it.
fn write_wrapped(page: &mut String, mark: &str, text: &str) -> fmt::Result {
    let indent = " ".repeat(mark.len());
    let mut line = mark.to_owned();
    for word in text.split_whitespace() {
        let begun = line.len() > mark.len();
        if begun && line.chars().count() + 1 + word.chars().count() > WIDTH {
            writeln!(page, "{line}")?;
            line = indent.clone();
        } else if begun {
            line.push(' ');
        }
        line.push_str(word);
    }
    writeln!(page, "{line}")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;

    #[test]
    fn the_page_in_the_repository_is_this_one() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
        if std::env::var_os("UPDATE_REFERENCE").is_some() {
            std::fs::write(&path, reference()).unwrap();
        }
        let page = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            page == reference(),
            "run: UPDATE_REFERENCE=1 cargo test reference"
        );
    }

    #[test]
    fn the_example_loads_and_has_every_key() {
        let folder = tempfile::tempdir().unwrap();
        let kept = |name: &str| folder.path().join(name).display().to_string();
        let mut example = EXAMPLE.to_owned();
        for (name, byte) in [
            ("shop.keys", 0x35),
            ("intranet.keys", 0x53),
            ("wiki.keys", 0x71),
        ] {
            let key: Vec<u8> = (0..32_u8)
                .map(|n| n.wrapping_mul(n).wrapping_mul(byte) ^ byte)
                .collect();
            std::fs::write(kept(name), hex::encode(key)).unwrap();
            example = example.replace(&format!("/run/secrets/{name}"), &kept(name));
        }
        std::fs::write(
            kept("database-url"),
            "postgres://doorward@localhost/doorward\n",
        )
        .unwrap();
        example = example.replace("/run/secrets/database-url", &kept("database-url"));
        std::fs::write(kept("redis-url"), "rediss://doorward:word@localhost\n").unwrap();
        example = example.replace("/run/secrets/redis-url", &kept("redis-url"));
        std::fs::write(kept("google"), "GOCSPX-of-this-example").unwrap();
        example = example.replace("/run/secrets/google", &kept("google"));
        let authority = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(kept("redis-ca.pem"), authority.cert.pem()).unwrap();
        example = example.replace("/etc/doorward/redis-ca.pem", &kept("redis-ca.pem"));
        std::fs::write(kept("doorward.toml"), &example).unwrap();
        let loaded = Config::load(Some(Path::new(&kept("doorward.toml"))), []);
        assert!(loaded.is_ok(), "{}", loaded.unwrap_err());
        for section in SECTIONS.into_iter().chain([&apps::RULE_SECTION]) {
            for field in section.fields {
                let name = field.name;
                let written = |key: &str| example.contains(&format!("{key} = "));
                assert!(
                    written(name) || written(&field.file_key()),
                    "{}.{name}",
                    section.name
                );
            }
        }
    }
}
