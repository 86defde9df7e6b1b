//! What the proxies are told, as a table: a row for each visitor, and one column for all proxies that are told the same.

use super::text::listed;
use crate::app::{Answer, Answers, Body, Proxy, Visit};

/// The table.
pub(super) fn table(answers: &[Answers]) -> String {
    let columns = columns(answers);
    let titles: Vec<String> = columns.iter().map(|column| column.title()).collect();
    let mut rows = vec![("what the proxy is told".to_owned(), titles)];
    for (index, row) in answers.iter().enumerate() {
        let cells = columns.iter().map(|column| column.cell(index));
        rows.push((format!("  {}", visitor(row)), cells.collect()));
    }
    aligned(&rows)
}

fn visitor(row: &Answers) -> String {
    let visit = match row.visit {
        Visit::Navigation => "a browser",
        Visit::Form => "a browser's form",
        Visit::Script => "a script",
        Visit::WebSocket => "a WebSocket",
    };
    match row.roles.as_deref() {
        None => format!("nobody, {visit}"),
        Some([]) => "a user without roles".to_owned(),
        Some([role]) => format!("a user with the role {role}"),
        Some(roles) => format!("a user with the roles {}", listed(roles, ", ")),
    }
}

/// Proxies that are told the same throughout.
struct Column {
    proxies: Vec<Proxy>,
    cells: Vec<String>,
}

impl Column {
    fn title(&self) -> String {
        if self.proxies.len() == Proxy::ALL.len() {
            return "all five".to_owned();
        }
        let names: Vec<_> = self.proxies.iter().map(|proxy| proxy.name()).collect();
        names.join(", ")
    }

    fn cell(&self, index: usize) -> String {
        self.cells.get(index).cloned().unwrap_or_default()
    }
}

fn columns(answers: &[Answers]) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    for proxy in Proxy::ALL {
        let of = |row: &Answers| {
            let mut found = row.by_proxy.iter().filter(|(name, _)| *name == proxy);
            found
                .next()
                .map(|(_, answer)| cell(answer))
                .unwrap_or_default()
        };
        let cells: Vec<String> = answers.iter().map(of).collect();
        match columns.iter_mut().find(|column| column.cells == cells) {
            Some(column) => column.proxies.push(proxy),
            None => columns.push(Column {
                proxies: vec![proxy],
                cells,
            }),
        }
    }
    columns
}

fn cell(answer: &Answer) -> String {
    let status = answer.status;
    match (status, answer.subject.as_deref(), answer.body) {
        (200, Some("anonymous"), _) => "200, anonymous".to_owned(),
        (200, Some(_), _) => "200, as this user".to_owned(),
        (302, ..) => "302 to the sign-in".to_owned(),
        (401, ..) if answer.location.is_some() => "401 with Location".to_owned(),
        (_, _, Body::Html) => format!("{status}, a page"),
        (_, _, Body::Json) => format!("{status}, JSON"),
        (_, _, Body::None) => status.to_string(),
    }
}

/// Rows in columns.
fn aligned(rows: &[(String, Vec<String>)]) -> String {
    let length = |text: &String| text.chars().count();
    let first = rows.iter().map(|(name, _)| length(name)).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|(_, cells)| cells.get(column));
        cells.map(length).max().unwrap_or(0)
    };
    let mut text = String::new();
    for (name, cells) in rows {
        let mut line = format!("{name:first$}");
        for (column, cell) in cells.iter().enumerate() {
            let width = width(column);
            line.push_str(&format!("  {cell:width$}"));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
