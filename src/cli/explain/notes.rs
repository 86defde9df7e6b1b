//! What an operator should know beyond the answers.

use super::nearest::Nearest;
use super::text::covering;
use super::verdict::{By, Judged, Row, Verdict};
use crate::app::{Answers, Asked};
use crate::cli::check_config::covered;
use crate::config::Config;
use crate::domain::access::{Access, Method};
use crate::domain::app::App;
use crate::domain::ids::Role;
use crate::domain::path::RequestPath;

/// A remark, with a word that stays the same for programs.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(super) struct Note {
    pub(super) code: &'static str,
    pub(super) text: String,
}

fn note(code: &'static str, text: impl Into<String>) -> Note {
    let text = text.into();
    Note { code, text }
}

/// All that there is to say.
pub(super) fn notes(
    verdict: &Verdict<'_>,
    (asked, roles): (&Asked, &[Role]),
    answers: &[Answers],
    config: &Config,
) -> Vec<Note> {
    let mut notes = Vec::new();
    if config.server.trusted_proxies.nets().is_empty() {
        let text = "server.trusted_proxies is empty, so every proxy is answered 403.";
        notes.push(note("no_trusted_proxy", text));
    }
    notes.extend(host(verdict, asked));
    if let (Some((app, _)), Ok(judged)) = (verdict.app(), &verdict.judged) {
        notes.extend(readings(app, judged));
        notes.extend(rules(app, judged, asked));
        notes.extend(own_page(judged, config));
        notes.extend(session(app, judged, roles));
    }
    if !asked.uri.is_ascii() {
        let text = "Browsers send what is not ASCII encoded, ü as %C3%BC: ask about that.";
        notes.push(note("not_ascii", text));
    }
    let sign_in = sign_in_url(answers);
    if sign_in.is_some_and(|url| !url.contains("?rd=")) {
        let text = "The sign-in URL has no way back: the address could be taken for another host, is too long, or has \
                    a port that is not in hosts. Visitors land at the app's start page.";
        notes.push(note("no_way_back", text));
    }
    notes
}

/// The sign-in page that somebody without a session is sent to.
pub(super) fn sign_in_url(answers: &[Answers]) -> Option<&str> {
    let answers = answers.iter().flat_map(|row| &row.by_proxy);
    let mut urls = answers
        .filter_map(|(_, answer)| answer.location.as_deref().or(answer.login_url.as_deref()));
    urls.next()
}

fn host(verdict: &Verdict<'_>, asked: &Asked) -> Option<Note> {
    match &verdict.found {
        Err(Some(Nearest::SignIn { pool })) => {
            let text = format!(
                "All of this host is the sign-in pages of the pool {pool}: the proxy sends it to the pages listener and asks \
                 nothing."
            );
            Some(note("sign_in_host", text))
        }
        Err(_) => {
            let text = "A request for a host that no app has is refused: write it into the hosts of an app.";
            Some(note("unknown_host", text))
        }
        Ok((_, entry)) => {
            let asked = if asked.scheme.to_ascii_lowercase().ends_with('s') {
                "https"
            } else {
                "http"
            };
            let scheme = entry.scheme();
            let text = format!(
                "The entry {entry} says {scheme}: cookie, sign-in URL and signature follow it, and not the {asked} of this \
                 URL."
            );
            (scheme.as_str() != asked).then(|| note("scheme", text))
        }
    }
}

fn readings(app: &App, judged: &Judged<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    if judged.readings > 1 {
        let text = format!(
            "The path can be read in {} ways. Proxy, Doorward and app may not agree on one, so each is judged and the \
             strictest holds.",
            judged.readings
        );
        notes.push(note("several_readings", text));
    }
    let groups = judged.needs.role_groups();
    if groups.len() > 1 {
        let text = "Several readings ask for roles: a user needs one of each.";
        notes.push(note("several_role_groups", text));
    }
    let Some(plain) = judged.plain().filter(|_| judged.is_tightened()) else {
        return notes;
    };
    let mut deciding = judged.rows.iter().filter(|row| row.decides);
    if deciding.clone().any(is_slash(plain)) {
        notes.push(slash(app, judged, plain));
    }
    if deciding.any(|row| row.any_case && row.path == plain.path) {
        let text = format!(
            "Some apps ignore letter case and take {} for a path that {} covers, so the stricter of the two holds.",
            plain.path,
            strictest(app, judged)
        );
        notes.push(note("letter_case", text));
    }
    notes
}

/// Whether a row is the path as it was sent but for slashes at its end.
fn is_slash(plain: &Row<'_>) -> impl Fn(&Row<'_>) -> bool {
    let bare = |path: &str| path.trim_end_matches('/').to_owned();
    let wanted = bare(&plain.path);
    move |row| row.any_slash && bare(&row.path) == wanted
}

fn slash(app: &App, judged: &Judged<'_>, plain: &Row<'_>) -> Note {
    let bare = match plain.path.trim_end_matches('/') {
        "" => "/",
        bare => bare,
    };
    let (sent, other) = if plain.path.ends_with('/') {
        (plain.path.as_str(), bare.to_owned())
    } else {
        (bare, format!("{bare}/"))
    };
    let text = format!(
        "Some apps take {sent} for {other}, which {} covers, so the stricter of the two holds. To open one of them, open \
         both: with a rule for {bare} and one for {bare}/*.",
        strictest(app, judged)
    );
    note("trailing_slash", text)
}

/// What decides, as part of a sentence.
fn strictest(app: &App, judged: &Judged<'_>) -> String {
    let mut deciding = judged.rows.iter().filter(|row| row.decides);
    let by = deciding.next().map_or(By::Default, |row| row.by);
    match covering(app, by) {
        (name, pattern) if pattern.is_empty() => name,
        (name, pattern) => format!("{name} ({pattern})"),
    }
}

/// Rules that cover the path as it was sent and yet do not count.
fn rules(app: &App, judged: &Judged<'_>, asked: &Asked) -> Vec<Note> {
    let Some(plain) = judged.plain() else {
        return Vec::new();
    };
    let Ok(path) = RequestPath::parse(&plain.path) else {
        return Vec::new();
    };
    let Some(view) = path.views().next() else {
        return Vec::new();
    };
    let first = match plain.by {
        By::Rule(index) => index,
        By::Default => usize::MAX,
        By::OwnPages | By::LoginPage => return Vec::new(),
    };
    let covering = app.policy.rules().iter().enumerate();
    let covering = covering.filter(|(_, rule)| rule.pattern.matches(&view));
    covering
        .filter_map(|(index, rule)| {
            let counts = |method: &Method| method.covers(&asked.method);
            let number = index + 1;
            if !rule.methods.is_empty() && !rule.methods.iter().any(counts) {
                let text = format!(
                    "Rule {number} ({}) covers the path, but not {}.",
                    covered(rule),
                    asked.method
                );
                Some(note("other_method", text))
            } else if index > first {
                let text = format!(
                    "Rule {number} ({}) covers the path too, but rule {} comes first.",
                    covered(rule),
                    first + 1
                );
                Some(note("later_rule", text))
            } else {
                None
            }
        })
        .collect()
}

fn own_page(judged: &Judged<'_>, config: &Config) -> Option<Note> {
    let text = match judged.plain()?.by {
        By::LoginPage => {
            "The path is the app's own sign-in page (login_page), which is open to everybody."
                .to_owned()
        }
        By::OwnPages => format!(
            "The path is Doorward's own: the proxy sends it to the pages listener ({}) and asks nothing.",
            config.server.listen
        ),
        By::Rule(_) | By::Default => return None,
    };
    Some(note("own_page", text))
}

fn session(app: &App, judged: &Judged<'_>, roles: &[Role]) -> Vec<Note> {
    let mut notes = Vec::new();
    let own = judged.plain().map(|row| row.by);
    let rule = matches!(own, Some(By::Rule(_) | By::Default));
    if judged.needs.access() == Access::Public && rule {
        let text = "Where the access is public the session is not read, and the app is told \"anonymous\" also of people who \
                    are signed in. With access = \"optional\" it learns who they are.";
        notes.push(note("session_not_read", text));
    }
    let asks = |role: &Role| {
        let mut rules = app.policy.rules().iter();
        rules.any(|rule| rule.roles.contains(role))
    };
    if app.upstream.is_some() {
        let text = "The built-in gateway judges in the same way; visitors see of it what Traefik would pass on.";
        notes.push(note("gateway", text));
    }
    for role in roles.iter().filter(|role| !asks(role)) {
        let text = format!("No rule of the app {} asks for the role {role}.", app.id);
        notes.push(note("role_not_used", text));
    }
    notes
}
