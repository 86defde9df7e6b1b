//! What commands write: results to standard output, all else to standard error.
//!
//! The print macros panic when nobody reads any more, as in `doorward user list | head`; these functions don't.

use std::fmt::Display;
use std::io::{self, BufRead, Write};

use clap::error::ErrorKind;

/// Writes a result and a line break.
pub(super) fn line(text: impl Display) -> io::Result<()> {
    block(&format!("{text}\n"))
}

/// Writes a result that has its line breaks.
pub(super) fn block(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Tells the person at the terminal something that is no result. If that fails, nobody is there to be told.
pub(super) fn note(text: impl Display) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Asks the person at the terminal; the answer comes without spaces around it.
pub(super) fn ask(question: &str) -> io::Result<String> {
    let mut terminal = io::stderr();
    write!(terminal, "{question} ")?;
    terminal.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim().to_owned())
}

/// Says what is wrong with words that clap could not judge, and ends with exit code 2, as clap does.
pub(super) fn wrong_words(problem: impl Display) -> ! {
    clap::Error::raw(ErrorKind::ValueValidation, format!("{problem}\n")).exit()
}

/// Says why a command failed.
pub(super) fn error(error: &anyhow::Error) {
    note(format!("doorward: {}", causes(error)));
}

/// Whether whoever read our output has stopped reading: no failure of the command.
pub(super) fn nobody_reads(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// An error with its causes, each said once: many errors repeat their cause in their own text.
fn causes(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_said_once() {
        let refused = || io::Error::other("refused");
        let plain = anyhow::Error::new(refused()).context("can't connect");
        assert_eq!(causes(&plain), "can't connect: refused");
        let repeated = anyhow::Error::new(refused()).context("can't connect: refused");
        assert_eq!(
            causes(&repeated.context("migrate")),
            "migrate: can't connect: refused"
        );
    }

    #[test]
    fn a_closed_pipe_is_no_failure() {
        assert!(nobody_reads(
            &io::Error::from(io::ErrorKind::BrokenPipe).into()
        ));
        assert!(!nobody_reads(
            &io::Error::from(io::ErrorKind::NotFound).into()
        ));
    }
}
