//! A page of the app that shows what it received: what a proxy does to headers, only the app behind it sees.
//!
//! `{"time": <Unix seconds>, "headers": [["X-UserId", "…"], …]}`: docs/doctor.md says which headers belong in it.

use serde_json::Value;

use super::ask::{Answer, Ask};
use super::client::Place;
use super::site::Site;

/// The page, and what it answered to a plain request.
#[derive(Debug)]
pub(super) struct Probe {
    /// Path and query.
    pub(super) path: String,
    /// What it said, or why that can't be used.
    pub(super) plain: Result<Seen, String>,
}

/// What the app saw of one request.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// The app's clock.
    pub(super) time: u64,
    /// Header lines, in their order.
    pub(super) headers: Vec<(String, String)>,
    pub(super) answer: Answer,
}

impl Probe {
    /// A plain request for the page.
    pub(super) fn ask(place: &Place, path: &str) -> Ask {
        Ask::json(place, path)
    }
}

impl Seen {
    /// Reads the page's JSON; the error says what is wrong with it.
    pub(super) fn read(answer: Answer) -> Result<Self, String> {
        if answer.status != 200 {
            return Err(format!("answered {}", answer.status));
        }
        let not_that =
            || "answered 200, but not with the JSON that docs/doctor.md describes".to_owned();
        let time = answer.member("time").as_ref().and_then(seconds);
        let headers = answer.member("headers").as_ref().and_then(pairs);
        Ok(Self {
            time: time.ok_or_else(not_that)?,
            headers: headers.ok_or_else(not_that)?,
            answer,
        })
    }

    /// Every line that some server reads as this header: names compared without case, `_` and `.` as `-`.
    pub(super) fn lines<'s>(&'s self, name: &'s str) -> impl Iterator<Item = (&'s str, &'s str)> {
        let lines = self.headers.iter();
        lines
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(move |(other, _)| folded(other) == name)
    }

    /// The only `X-UserId`.
    pub(super) fn identity(&self) -> Option<&str> {
        let mut lines = self.lines(super::X_USER_ID);
        let (_, only) = lines.next()?;
        lines.next().is_none().then_some(only)
    }

    /// The second in which the only `X-UserId` was signed.
    pub(super) fn signed_at(&self) -> Option<u64> {
        self.identity()?.split('.').nth(1)?.parse().ok()
    }
}

/// What to do about a probe that answered so; empty where nobody can tell.
pub(super) fn advice(status: u16, path: &str, site: &Site) -> String {
    match status {
        401 | 403 | 300..=399 => match site.access(path) {
            Some(access) => format!(
                ", though its rule says {access}: does Doorward run with this configuration, and does the app itself \
                 let strangers see the page?"
            ),
            None => {
                let path = path.split('?').next().unwrap_or_default();
                format!(
                    "; a stranger must see it: put {{ path = \"{path}\", access = \"public\" }}, first among the \
                     app's rules"
                )
            }
        },
        404 => ": the app has no such page, or it is switched off".to_owned(),
        _ => String::new(),
    }
}

/// A header's name as the most forgiving server reads it.
pub(super) fn folded(name: &str) -> String {
    name.to_ascii_lowercase().replace(['_', '.'], "-")
}

/// Seconds, with or without a fraction.
fn seconds(value: &Value) -> Option<u64> {
    let text = value.to_string();
    text.split('.').next()?.parse().ok()
}

fn pairs(value: &Value) -> Option<Vec<(String, String)>> {
    let pair = |pair: &Value| match pair.as_array()?.as_slice() {
        [name, value] => Some((name.as_str()?.to_owned(), value.as_str()?.to_owned())),
        _ => None,
    };
    value.as_array()?.iter().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(status: u16, body: &str) -> Result<Seen, String> {
        Seen::read(Answer {
            asked: String::new(),
            status,
            headers: reqwest::header::HeaderMap::new(),
            body: body.to_owned(),
        })
    }

    #[test]
    fn the_probes_json_is_read() {
        let body = r#"{"time": 1795348865.25, "headers": [["X-UserId", "a.1795348864.m"], ["Connection", "close"]]}"#;
        let one = seen(200, body).unwrap();
        assert_eq!(
            (one.time, one.signed_at()),
            (1_795_348_865, Some(1_795_348_864))
        );
        let body = r#"{"time": 1, "headers": [["X_USERID", "a"], ["x.userid", "b"]]}"#;
        let two = seen(200, body).unwrap();
        assert_eq!(two.lines("x-userid").count(), 2);
        assert_eq!(two.identity(), None);
    }

    #[test]
    fn what_is_no_probe_says_so() {
        for (status, body) in [
            (302, ""),
            (401, ""),
            (404, ""),
            (200, "<html>"),
            (200, "{}"),
            (200, r#"{"time": 1, "headers": {"a": "b"}}"#),
            (200, r#"{"time": "now", "headers": []}"#),
        ] {
            assert!(seen(status, body).is_err(), "{status} {body}");
        }
    }
}
