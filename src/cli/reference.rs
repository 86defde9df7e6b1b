//! The reference of the commands, made from what clap knows of them.
//!
//! A test holds `docs/commands.md` against it, and writes it when `UPDATE_REFERENCE` is set.

use std::fmt::{self, Write as _};

use clap::{Arg, Command, CommandFactory};

const INTRODUCTION: &str = "\
# Commands

One binary, `doorward`, serves and is also what an operator works with. `doorward help` and `--help` behind any command
say the same as this page, which is generated.

- Every command takes `--config <FILE>`, or the variable `DOORWARD_CONFIG`: the configuration file. Without it,
  `doorward.toml` in the working directory is read if it is there. See [configuration](configuration.md).
- Results go to standard output, all else to standard error.
- Exit codes: 0 done, 1 failed, 2 wrong configuration or wrong words.
- Commands that work on users or sessions work on the database itself: no server needs to run, and one that runs
  sees the change at once.
";

/// The whole page, as Markdown.
#[must_use]
pub fn reference() -> String {
    let mut doorward = super::Arguments::command();
    doorward.build();
    let mut page = INTRODUCTION.to_owned();
    // Writing to a text can't fail.
    let _ = write_below(&mut page, &doorward);
    page
}

fn write_below(page: &mut String, parent: &Command) -> fmt::Result {
    for command in parent
        .get_subcommands()
        .filter(|command| command.get_name() != "help")
    {
        if command.has_subcommands() {
            write_below(page, command)?;
        } else {
            write_command(page, command)?;
        }
    }
    Ok(())
}

fn write_command(page: &mut String, command: &Command) -> fmt::Result {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    writeln!(page, "\n## `{name}`\n")?;
    writeln!(page, "{}.\n", text(command.get_about()))?;
    let usage = command.clone().render_usage().to_string();
    writeln!(page, "    {}", usage.trim_start_matches("Usage: "))?;
    let own = |arg: &&Arg| !["config", "help", "version"].contains(&arg.get_id().as_str());
    let mut arguments: Vec<_> = command.get_arguments().filter(own).collect();
    arguments.sort_by_key(|arg| !arg.is_positional());
    for (index, arg) in arguments.into_iter().enumerate() {
        page.push_str(if index == 0 { "\n" } else { "" });
        write_argument(page, arg)?;
    }
    write_after(page, &text(command.get_after_help()))
}

fn write_argument(page: &mut String, arg: &Arg) -> fmt::Result {
    let default = match arg.get_default_values().first() {
        Some(default) if arg.get_action().takes_values() => {
            format!(" [default: {}]", default.to_string_lossy())
        }
        _ => String::new(),
    };
    writeln!(page, "- `{arg}`: {}{default}", text(arg.get_help()))
}

/// Prose as it is, and the indented examples as a block of code.
fn write_after(page: &mut String, after: &str) -> fmt::Result {
    let (prose, examples) = after.split_once("Examples:").unwrap_or((after, ""));
    if !prose.is_empty() {
        writeln!(page, "\n{}", prose.trim())?;
    }
    if !examples.is_empty() {
        let lines = examples.trim().lines().map(str::trim_start);
        writeln!(
            page,
            "\n```sh\n{}\n```",
            lines.collect::<Vec<_>>().join("\n")
        )?;
    }
    Ok(())
}

fn text(styled: Option<&clap::builder::StyledStr>) -> String {
    styled.map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_page_in_the_repository_is_this_one() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/commands.md");
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
    fn the_words_of_the_command_line_are_consistent() {
        crate::cli::Arguments::command().debug_assert();
    }
}
