//! One request, and one answer with what of it is worth showing.
//!
//! Must not show a signature: an `X-UserId` of somebody else could be among the answers.

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName};
use serde_json::Value;

use super::client::Place;
use crate::cli::layout::harmless;

/// What a browser sends when somebody follows a link.
const NAVIGATION: [(&str, &str); 3] = [
    ("Accept", "text/html"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Dest", "document"),
];

/// What is longer could be a signature: those of an `X-UserId` have 43 signs. An id of a user has 36.
const LONGEST_WORD: usize = 40;
/// How much of a header is shown, in characters.
const MOST_SHOWN: usize = 160;

/// A request.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    pub(super) method: Method,
    pub(super) place: Place,
    pub(super) path: String,
    pub(super) headers: Vec<(&'static str, String)>,
    /// Another `Host` than the place's own.
    pub(super) host: Option<&'static str>,
}

impl Ask {
    /// GET without any header.
    pub(super) fn get(place: &Place, path: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            place: place.clone(),
            path: path.into(),
            headers: Vec::new(),
            host: None,
        }
    }

    /// GET as a browser navigates.
    pub(super) fn navigate(place: &Place, path: impl Into<String>) -> Self {
        NAVIGATION
            .into_iter()
            .fold(Self::get(place, path), |ask, (name, value)| {
                ask.with(name, value)
            })
    }

    /// GET of a program that wants JSON.
    pub(super) fn json(place: &Place, path: impl Into<String>) -> Self {
        Self::get(place, path).with("Accept", "application/json")
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    pub(super) fn host(mut self, host: &'static str) -> Self {
        self.host = Some(host);
        self
    }

    /// The request in one line.
    pub(super) fn shown(&self) -> String {
        let host = self.host.map(|host| ("Host", host));
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        let headers: Vec<_> = host
            .into_iter()
            .chain(headers)
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        let with = if headers.is_empty() { "" } else { " with " };
        format!(
            "{} {}{}{with}{}",
            self.method,
            self.place.origin(),
            self.path,
            headers.join(", ")
        )
    }
}

/// An answer; the body is cut after some kilobytes.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) asked: String,
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Answer {
    /// The first value of a header, where it is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Every value of a header that is text.
    pub(super) fn header_lines(&self, name: &'static str) -> impl Iterator<Item = &str> {
        let values = self.headers.get_all(HeaderName::from_static(name)).iter();
        values.filter_map(|value| value.to_str().ok())
    }

    pub(super) fn location(&self) -> Option<&str> {
        self.header("location")
    }

    pub(super) fn is_redirect(&self) -> bool {
        (300..400).contains(&self.status) && self.status != 304
    }

    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A member of a JSON object in the body.
    pub(super) fn member(&self, name: &str) -> Option<Value> {
        let body: Value = serde_json::from_str(&self.body).ok()?;
        body.get(name).cloned()
    }

    /// Status and these headers, where they are there, in one line.
    pub(super) fn shown(&self, headers: &[&str]) -> String {
        let mut text = self.status.to_string();
        for name in headers {
            for value in self.headers.get_all(*name) {
                let value = harmless(&String::from_utf8_lossy(value.as_bytes()));
                let value = if *name == "location" {
                    value
                } else {
                    masked(&value)
                };
                text.push_str(&format!(", {}: {value}", title_case(name)));
            }
        }
        text
    }
}

/// A header value as it may be shown: without signatures, and not too long.
pub(super) fn masked(value: &str) -> String {
    let mut text = String::new();
    let mut run = String::new();
    let coded = |sign: char| sign.is_ascii_alphanumeric() || sign == '-' || sign == '_';
    for sign in value.chars().chain(['\n']) {
        if coded(sign) {
            run.push(sign);
            continue;
        }
        text.push_str(if run.len() > LONGEST_WORD {
            "…"
        } else {
            &run
        });
        run.clear();
        text.push(sign);
    }
    text.pop();
    if text.chars().count() > MOST_SHOWN {
        text = text.chars().take(MOST_SHOWN).chain(['…']).collect();
    }
    text
}

/// `x-userid` as people write it.
fn title_case(name: &str) -> String {
    let parts = name.split('-').map(|part| {
        let mut signs = part.chars();
        let first = signs.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(signs).collect::<String>()
    });
    parts.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_not_shown() {
        let value = format!("anonymous.1795348865.{}", "x".repeat(43));
        assert_eq!(masked(&value), "anonymous.1795348865.…");
        let two = format!("{value}, {value}");
        assert!(!masked(&two).contains("xx"), "{two}");
        assert_eq!(masked("no-store"), "no-store");
        assert_eq!(masked(&"é".repeat(200)).chars().count(), 161);
    }

    #[test]
    fn an_answer_is_shown_in_one_line_that_can_not_steer_the_terminal() {
        let mut headers = HeaderMap::new();
        headers.insert("location", "/a".parse().unwrap());
        headers.insert(
            "x-userid",
            reqwest::header::HeaderValue::from_bytes(b"\xff\x80").unwrap(),
        );
        let answer = Answer {
            asked: String::new(),
            status: 302,
            headers,
            body: String::new(),
        };
        assert_eq!(
            answer.shown(&["location", "x-userid", "vary"]),
            "302, Location: /a, X-Userid: \u{fffd}\u{fffd}"
        );
    }
}
