//! Why a request is judged as it is, from the functions that judge it.

use std::sync::Arc;

use super::nearest::{Nearest, nearest};
use crate::app::Asked;
use crate::domain::access::{Access, Judgement, Requirement, Source};
use crate::domain::app::App;
use crate::domain::host::{Authority, HostEntry};
use crate::domain::ids::Role;
use crate::domain::original_request::{MAX_URI, OriginalRequest, Unreadable};
use crate::domain::path::{PathPattern, RequestPath, View};
use crate::services::gate::Gate;

/// What a request meets.
#[derive(Debug)]
pub(super) struct Verdict<'g> {
    /// The app, with the entry of its hosts that matched; or what is nearest to the host.
    pub(super) found: Result<(&'g Arc<App>, &'g HostEntry), Option<Nearest>>,
    /// The host and port that were asked for.
    pub(super) authority: Authority,
    /// How the path is judged, or why it is not.
    pub(super) judged: Result<Judged<'g>, Refusal>,
}

/// Why no rule is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No app has the host.
    UnknownHost,
    /// The request is malformed or ambiguous.
    Unreadable(String),
}

impl Refusal {
    /// The reason.
    pub(super) fn words(&self) -> &str {
        match self {
            Self::UnknownHost => "no app has this host",
            Self::Unreadable(reason) => reason,
        }
    }
}

/// How a path is judged.
#[derive(Debug)]
pub(super) struct Judged<'g> {
    /// In how many ways the text can be read.
    pub(super) readings: usize,
    /// Every reading; further rows for one that is judged differently in another letter case or without its slash.
    pub(super) rows: Vec<Row<'g>>,
    /// What the request needs.
    pub(super) needs: Requirement<'g>,
}

/// One reading, and what it meets.
#[derive(Debug)]
pub(super) struct Row<'g> {
    pub(super) path: String,
    pub(super) any_case: bool,
    pub(super) any_slash: bool,
    pub(super) by: By,
    pub(super) access: Access,
    pub(super) roles: &'g [Role],
    /// Whether nothing is stricter.
    pub(super) decides: bool,
}

/// What covers a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// The pages of Doorward.
    OwnPages,
    /// The app's `login_page`.
    LoginPage,
    /// The rule at this index, counted from 0.
    Rule(usize),
    /// `default_access`.
    Default,
}

impl<'g> Verdict<'g> {
    /// Judges.
    pub(super) fn of(gate: &'g Gate, asked: &Asked, authority: &Authority) -> Self {
        let apps = &gate.apps;
        let request = OriginalRequest::new(asked.method.as_str(), &asked.host, &asked.uri);
        let request = request.map_err(|error| Refusal::Unreadable(reason(error, &asked.uri)));
        let authority = authority.clone();
        let Some((app, entry)) = apps.at(&authority) else {
            return Self {
                found: Err(nearest(apps, &authority)),
                authority,
                judged: request.and(Err(Refusal::UnknownHost)),
            };
        };
        let judged = request.and_then(|request| {
            let target = gate.target(&request, Some(app.id.as_str()));
            // The app was found by this very host.
            let needs = target.map_err(|_| Refusal::UnknownHost)?.requirement;
            Ok(Judged {
                readings: request.path().readings().count(),
                rows: rows(app, &request, &needs),
                needs,
            })
        });
        Self {
            found: Ok((app, entry)),
            authority,
            judged,
        }
    }

    /// The app and the entry of its hosts, where there is one.
    pub(super) fn app(&self) -> Option<(&'g Arc<App>, &'g HostEntry)> {
        self.found.as_ref().ok().copied()
    }
}

impl Judged<'_> {
    /// The path as it was sent.
    pub(super) fn plain(&self) -> Option<&Row<'_>> {
        self.rows.first()
    }

    /// Whether the path as it was sent needs less than some other reading of it.
    pub(super) fn is_tightened(&self) -> bool {
        self.plain().is_some_and(|plain| !plain.decides)
    }
}

/// Why a request is refused before any rule is asked.
fn reason(error: Unreadable, uri: &str) -> String {
    let path = uri.split_once('?').map_or(uri, |(path, _)| path);
    match (error, RequestPath::parse(path)) {
        (Unreadable::Path, Err(error)) => error.to_string(),
        (Unreadable::Uri, _) if uri.len() > MAX_URI => {
            format!("path and query are longer than {MAX_URI} bytes")
        }
        (Unreadable::Uri, _) => "it holds a character that must be encoded".to_owned(),
        _ => error.to_string(),
    }
}

fn rows<'g>(app: &'g App, request: &OriginalRequest, needs: &Requirement<'g>) -> Vec<Row<'g>> {
    let login_page = app.login_page.as_ref();
    let login_page = login_page.and_then(|page| PathPattern::parse(page).ok());
    let mut rows: Vec<Row<'g>> = Vec::new();
    let mut plain = None;
    for (view, judged) in app.policy.judgements(request.path(), request.method()) {
        let as_it_is = !view.ignores_case() && !view.ignores_trailing_slash();
        if as_it_is {
            plain = Some(judged);
        } else if plain == Some(judged) || tells_nothing_new(&rows, &view, judged) {
            continue;
        }
        rows.push(Row {
            path: view.text().to_owned(),
            any_case: view.ignores_case(),
            any_slash: view.ignores_trailing_slash(),
            by: by(judged, &view, login_page.as_ref()),
            access: judged.access,
            roles: judged.roles,
            decides: decides(judged, needs),
        });
    }
    rows
}

/// Whether a narrower view of the same reading was judged so already.
fn tells_nothing_new(rows: &[Row<'_>], view: &View<'_>, judged: Judgement<'_>) -> bool {
    let same = |row: &&Row<'_>| row.path == view.text();
    let mut others = rows.iter().rev().take_while(same);
    others.any(|row| source(row.by) == judged.source)
}

const fn source(by: By) -> Source {
    match by {
        By::OwnPages | By::LoginPage => Source::OwnPages,
        By::Rule(index) => Source::Rule(index),
        By::Default => Source::Default,
    }
}

fn by(judged: Judgement<'_>, view: &View<'_>, login_page: Option<&PathPattern>) -> By {
    match judged.source {
        Source::Rule(index) => By::Rule(index),
        Source::Default => By::Default,
        Source::OwnPages if login_page.is_some_and(|page| page.matches(view)) => By::LoginPage,
        Source::OwnPages => By::OwnPages,
    }
}

fn decides(judged: Judgement<'_>, needs: &Requirement<'_>) -> bool {
    let roles = needs.role_groups().is_empty() || !judged.roles.is_empty();
    judged.access == needs.access() && roles
}
