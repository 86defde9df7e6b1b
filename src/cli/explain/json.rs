//! The explanation for programs.

use std::collections::BTreeMap;

use serde::Serialize;

use super::notes::{Note, sign_in_url};
use super::text::{Report, admitted_by};
use super::verdict::{By, Refusal, Row};
use crate::app::{Answer, Answers, Body, Visit};
use crate::domain::app::{App, Binding};
use crate::domain::host::HostEntry;
use crate::domain::ids::Role;

#[derive(Serialize)]
struct Explained<'r> {
    method: &'r str,
    url: String,
    app: Option<Found<'r>>,
    nearest: Option<String>,
    refused: Option<&'r str>,
    readings: Vec<Reading<'r>>,
    needs: Option<Needs<'r>>,
    sign_in_url: Option<&'r str>,
    answers: Vec<Told<'r>>,
    notes: &'r [Note],
}

#[derive(Serialize)]
struct Found<'r> {
    id: &'r str,
    entry: String,
    scheme: &'static str,
    users: &'r str,
    binding: &'static str,
}

#[derive(Serialize)]
struct Reading<'r> {
    path: &'r str,
    any_letter_case: bool,
    any_trailing_slash: bool,
    covered_by: &'static str,
    /// Counted from 1, as the text does.
    rule: Option<usize>,
    access: &'static str,
    roles: Vec<&'r str>,
    decides: bool,
}

#[derive(Serialize)]
struct Needs<'r> {
    access: &'static str,
    one_role_of_each: Vec<Vec<&'r str>>,
    who: String,
}

#[derive(Serialize)]
struct Told<'r> {
    visitor: &'static str,
    request: &'static str,
    roles: Option<Vec<&'r str>>,
    proxies: BTreeMap<&'static str, Said<'r>>,
}

#[derive(Serialize)]
struct Said<'r> {
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<&'static str>,
}

impl Report<'_> {
    /// One object.
    pub(super) fn json(&self) -> serde_json::Result<String> {
        let asked = self.asked;
        let judged = self.verdict.judged.as_ref();
        let nearest = self.verdict.found.as_ref().err().and_then(Option::as_ref);
        let explained = Explained {
            method: asked.method.as_str(),
            url: format!("{}://{}{}", asked.scheme, asked.host, asked.uri),
            app: self.verdict.app().map(|(app, entry)| found(app, entry)),
            nearest: nearest.map(super::nearest::Nearest::words),
            refused: judged.err().map(Refusal::words),
            readings: judged.map_or_else(
                |_| Vec::new(),
                |judged| judged.rows.iter().map(reading).collect(),
            ),
            needs: judged.ok().map(|judged| Needs {
                access: judged.needs.access().as_str(),
                one_role_of_each: judged
                    .needs
                    .role_groups()
                    .iter()
                    .map(|group| words(group))
                    .collect(),
                who: admitted_by(&judged.needs),
            }),
            sign_in_url: sign_in_url(self.answers),
            answers: self.answers.iter().map(told).collect(),
            notes: &self.notes,
        };
        serde_json::to_string_pretty(&explained)
    }
}

fn found<'r>(app: &'r App, entry: &HostEntry) -> Found<'r> {
    Found {
        id: app.id.as_str(),
        entry: entry.to_string(),
        scheme: entry.scheme().as_str(),
        users: app.pool.as_str(),
        binding: match app.binding {
            Binding::App => "app",
            Binding::Request => "request",
        },
    }
}

fn words(roles: &[Role]) -> Vec<&str> {
    roles.iter().map(Role::as_str).collect()
}

fn reading<'r>(row: &'r Row<'r>) -> Reading<'r> {
    let (covered_by, rule) = match row.by {
        By::OwnPages => ("own_page", None),
        By::LoginPage => ("login_page", None),
        By::Default => ("default_access", None),
        By::Rule(index) => ("rule", Some(index + 1)),
    };
    Reading {
        path: &row.path,
        any_letter_case: row.any_case,
        any_trailing_slash: row.any_slash,
        covered_by,
        rule,
        access: row.access.as_str(),
        roles: words(row.roles),
        decides: row.decides,
    }
}

fn told(row: &Answers) -> Told<'_> {
    let by_proxy = row.by_proxy.iter();
    Told {
        visitor: if row.roles.is_none() {
            "nobody"
        } else {
            "user"
        },
        request: match row.visit {
            Visit::Navigation => "navigation",
            Visit::Form => "form",
            Visit::Script => "script",
            Visit::WebSocket => "websocket",
        },
        roles: row.roles.as_deref().map(words),
        proxies: by_proxy
            .map(|(proxy, answer)| (proxy.name(), said(answer)))
            .collect(),
    }
}

fn said(answer: &Answer) -> Said<'_> {
    Said {
        status: answer.status,
        location: answer.location.as_deref(),
        code: answer.code.as_deref(),
        body: match answer.body {
            Body::None => None,
            Body::Html => Some("html"),
            Body::Json => Some("json"),
        },
        identity: answer.subject.as_deref().map(|subject| {
            if subject == "anonymous" {
                "anonymous"
            } else {
                "user"
            }
        }),
    }
}
