//! A new password, from a terminal or from standard input. Never from an argument, which other users of the machine see.

use std::io::{BufRead, IsTerminal, stdin};

use anyhow::{Context, bail, ensure};
use zeroize::Zeroizing;

use crate::domain::email::Email;
use crate::domain::password::{MAX_PASSWORD, NewPassword, PasswordError};

/// Asks for it twice on a terminal; otherwise it is the first line of standard input.
pub(super) fn read_for(email: &Email) -> anyhow::Result<NewPassword> {
    let text = if stdin().is_terminal() {
        typed_twice(email)?
    } else {
        first_line(stdin().lock())?
    };
    accept(text, email)
}

fn typed_twice(email: &Email) -> anyhow::Result<Zeroizing<String>> {
    let ask = |question: String| {
        let typed = rpassword::prompt_password(question).context("no password could be read");
        typed.map(Zeroizing::new)
    };
    let first = ask(format!("New password for {}: ", email.as_str()))?;
    let second = ask("The same again: ".to_owned())?;
    ensure!(
        first == second,
        "these were two different passwords: nothing was changed"
    );
    Ok(first)
}

/// The longest line that can hold a password: four bytes for each character, and a line break.
const LONGEST: usize = 4 * MAX_PASSWORD + 2;

fn first_line(input: impl BufRead) -> anyhow::Result<Zeroizing<String>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST + 1));
    input
        .take(LONGEST as u64 + 1)
        .read_until(b'\n', &mut bytes)
        .context("no password could be read")?;
    ensure!(
        bytes.len() <= LONGEST,
        "the password {}",
        PasswordError::TooLong
    );
    let line = std::str::from_utf8(&bytes).context("the password is no text in UTF-8")?;
    let line = line.strip_suffix('\n').unwrap_or(line);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() {
        bail!("no password: type it on a terminal, or write it to standard input as one line");
    }
    Ok(Zeroizing::new(line.to_owned()))
}

fn accept(mut text: Zeroizing<String>, email: &Email) -> anyhow::Result<NewPassword> {
    let local = email.as_str().split('@').next().unwrap_or_default();
    let known = [email.as_str(), local, email.domain()];
    NewPassword::parse(std::mem::take(&mut *text), &known).map_err(|error| match error {
        PasswordError::TooWeak(Some(advice)) => {
            anyhow::anyhow!("the password is too easy to guess. {advice}")
        }
        error => anyhow::anyhow!("the password {error}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(input: &str) -> Result<String, String> {
        let email = Email::parse("augusta.lovelace@example.com").unwrap();
        let accepted = first_line(input.as_bytes()).and_then(|text| accept(text, &email));
        let shown = accepted.map(|password| password.expose().to_owned());
        shown.map_err(|error| error.to_string())
    }

    #[test]
    fn the_first_line_is_the_password() {
        assert_eq!(
            read("plum skyline 42 \nmore\n"),
            Ok("plum skyline 42 ".into())
        );
        assert_eq!(read("plum skyline 42\r\n"), Ok("plum skyline 42".into()));
        assert_eq!(read("plum skyline 42"), Ok("plum skyline 42".into()));
    }

    #[test]
    fn threat_31_a_refusal_says_why_and_repeats_nothing() {
        assert!(read("").is_err_and(|error| error.starts_with("no password")));
        assert_eq!(
            read("short\n"),
            Err("the password must have at least 8 characters".into())
        );
        for long in ["x".repeat(1025), "x".repeat(1 << 20), "€".repeat(2000)] {
            assert_eq!(
                read(&long),
                Err("the password must have at most 1,024 characters".into())
            );
        }
        for weak in ["password1", "augusta.lovelace"] {
            let refused = read(weak).unwrap_err();
            assert!(
                refused.starts_with("the password is too easy to guess"),
                "{refused}"
            );
            assert!(!refused.contains(weak), "{refused}");
        }
    }
}
