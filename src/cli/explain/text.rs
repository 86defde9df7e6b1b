//! The explanation for people: a hundred columns wide, where the path allows it.

use super::answers;
use super::nearest::Nearest;
use super::notes::{Note, sign_in_url};
use super::verdict::{By, Judged, Refusal, Row, Verdict};
use crate::app::{Answers, Asked};
use crate::cli::check_config::{admitted, covered};
use crate::cli::layout::Facts;
use crate::domain::access::{Access, Requirement};
use crate::domain::app::{App, Binding, Realm};
use crate::domain::host::HostEntry;
use crate::domain::ids::Role;

/// Where the values of facts begin.
const WIDTH: usize = 11;
/// Columns of a line.
const LINE: usize = 100;
/// The widest a reading may be and share its line.
const READING: usize = 40;

/// Everything that is told.
#[derive(Debug)]
pub(super) struct Report<'r> {
    pub(super) asked: &'r Asked,
    pub(super) verdict: &'r Verdict<'r>,
    pub(super) answers: &'r [Answers],
    pub(super) notes: Vec<Note>,
}

impl Report<'_> {
    /// The whole text.
    pub(super) fn text(&self) -> String {
        let Asked {
            method,
            scheme,
            host,
            uri,
        } = self.asked;
        let mut sections = vec![visible(&format!("{method} {scheme}://{host}{uri}")) + "\n"];
        match &self.verdict.found {
            Ok((app, entry)) => sections.push(self.app(app, entry)),
            Err(nearest) => {
                let label = match nearest {
                    Some(Nearest::SignIn { .. }) => "it is",
                    _ => "nearest",
                };
                let words = nearest.as_ref().map_or("none".to_owned(), Nearest::words);
                let facts = Facts::default().add(label, words);
                sections.push(facts.under(&format!("no app has the host {host}"), WIDTH));
            }
        }
        match (&self.verdict.judged, self.verdict.app()) {
            (Ok(judged), Some((app, _))) => sections.push(path(app, judged)),
            (Err(Refusal::Unreadable(reason)), _) => {
                sections.push(format!("the request is refused: {reason}\n"));
            }
            (Err(Refusal::UnknownHost), _) | (Ok(_), None) => {}
        }
        sections.push(self.answers());
        if !self.notes.is_empty() {
            let notes = self.notes.iter().map(|note| wrapped(&note.text));
            sections.push(format!("notes\n{}", notes.collect::<String>()));
        }
        sections.join("\n")
    }

    fn app(&self, app: &App, entry: &HostEntry) -> String {
        let users = match &app.realm {
            Realm::Own => "a session of this app alone counts",
            Realm::Shared(_) => "a session of any app of the pool counts",
        };
        let binding = match app.binding {
            Binding::App => vec!["app: an X-UserId counts for any request to the app".to_owned()],
            Binding::Request => {
                let host = entry.origin(&self.verdict.authority);
                let Asked { method, uri, .. } = self.asked;
                vec![
                    "request: an X-UserId counts for this request alone, and the app must see"
                        .to_owned(),
                    format!("{method}, {} and {}", host.host(), visible(uri)),
                ]
            }
        };
        Facts::default()
            .add("entry", format!("{entry}, with {}", entry.scheme()))
            .add("users", format!("the pool {}; {users}", app.pool))
            .add_all("binding", binding)
            .add("asked at", format!("/verify/<proxy>/{}", app.id))
            .under(&format!("app {}", app.id), WIDTH)
    }

    fn answers(&self) -> String {
        let text = answers::table(self.answers);
        match sign_in_url(self.answers) {
            Some(url) => format!("{text}\nsign-in at\n  {url}\n"),
            None => text,
        }
    }
}

/// What covers a reading: its name in the configuration, and for a rule what it covers.
pub(super) fn covering(app: &App, by: By) -> (String, String) {
    let plain = |name: &str| (name.to_owned(), String::new());
    match by {
        By::OwnPages => plain("Doorward's own page"),
        By::LoginPage => plain("login_page"),
        By::Default => plain("default_access"),
        By::Rule(index) => {
            let rule = app.policy.rules().get(index);
            let pattern = rule.map(covered).unwrap_or_default();
            (format!("rule {}", index + 1), pattern)
        }
    }
}

fn path(app: &App, judged: &Judged<'_>) -> String {
    let several = judged.rows.iter().any(|row| !row.decides);
    let mut rows = vec![[
        "  READING".to_owned(),
        "COVERED BY".to_owned(),
        "ACCESS".to_owned(),
    ]];
    rows.extend(judged.rows.iter().map(|row| {
        let mark = if several && row.decides { "* " } else { "  " };
        let (name, pattern) = covering(app, row.by);
        [
            format!("{mark}{}", reading(row)),
            format!("{name}  {pattern}").trim_end().to_owned(),
            access(app, row),
        ]
    }));
    let fitting = |column: usize, most: usize| {
        let lengths = rows.iter().filter_map(|row| row.get(column));
        let lengths = lengths.map(|cell| cell.chars().count());
        lengths.filter(|length| *length <= most).max().unwrap_or(0)
    };
    let (first, second) = (fitting(0, READING), fitting(1, LINE));
    let mut text = if several {
        "how the path is judged (* decides)\n".to_owned()
    } else {
        "how the path is judged\n".to_owned()
    };
    for [reading, covering, access] in &rows {
        let padded = if reading.chars().count() > first {
            format!("{reading}\n{:first$}", "")
        } else {
            format!("{reading:first$}")
        };
        let line = format!("{padded}  {covering:second$}  {access}");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text + &format!("so {} may pass\n", admitted_by(&judged.needs))
}

fn reading(row: &Row<'_>) -> String {
    let path = visible(&row.path);
    match (row.any_case, row.any_slash) {
        (false, false) => path,
        (true, false) => format!("{path} in any letter case"),
        (false, true) => format!("{path} with or without a / behind it"),
        (true, true) => format!("{path} in any letter case, with or without a / behind it"),
    }
}

fn access(app: &App, row: &Row<'_>) -> String {
    match row.by {
        By::Rule(index) => app
            .policy
            .rules()
            .get(index)
            .map(admitted)
            .unwrap_or_default(),
        By::OwnPages | By::LoginPage | By::Default => row.access.to_string(),
    }
}

/// Who may pass.
pub(super) fn admitted_by(needs: &Requirement<'_>) -> String {
    match needs.access() {
        Access::Public | Access::Optional => "everybody".to_owned(),
        Access::Deny => "nobody".to_owned(),
        Access::User => {
            let groups = needs.role_groups().iter();
            let groups: Vec<_> = groups
                .map(|group| format!("with the role {}", listed(group, " or ")))
                .collect();
            let user = format!("a signed-in user {}", groups.join(", and "));
            user.trim_end().to_owned()
        }
    }
}

/// Roles as people read them.
pub(super) fn listed(roles: &[Role], between: &str) -> String {
    let roles: Vec<_> = roles.iter().map(Role::as_str).collect();
    roles.join(between)
}

/// A sentence as an item of a list, broken between words.
fn wrapped(text: &str) -> String {
    let mut lines = Vec::new();
    let mut line = "  -".to_owned();
    for word in visible(text).split(' ') {
        if line.chars().count() + 1 + word.chars().count() > LINE && line.len() > 4 {
            lines.push(std::mem::replace(&mut line, "   ".to_owned()));
        }
        line.push(' ');
        line.push_str(word);
    }
    lines.push(line);
    lines.join("\n") + "\n"
}

/// A text in which nothing can steer the terminal, turn the reading direction or hide.
fn visible(text: &str) -> String {
    let plain = |c: char| c == ' ' || c.is_ascii_graphic() || c.is_alphanumeric();
    let mut shown = String::new();
    for c in text.chars() {
        if plain(c) {
            shown.push(c);
        } else {
            shown.extend(c.escape_unicode());
        }
    }
    shown
}
