//! Whether an answer is a page or JSON.
//!
//! Must not refuse anything: who names neither gets a page.

use axum::http::{HeaderMap, HeaderName, header};

/// How to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// A page, for browsers.
    Html,
    /// JSON, for programs.
    Json,
}

impl Format {
    /// JSON for a JSON body, and where JSON is accepted but HTML is not named; otherwise a page.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let holds = |name, media| names(headers, name, media);
        let sends_json = holds(header::CONTENT_TYPE, "application/json");
        let wants_json = holds(header::ACCEPT, "application/json")
            || holds(header::ACCEPT, "application/problem+json");
        if sends_json || (wants_json && !holds(header::ACCEPT, "text/html")) {
            Self::Json
        } else {
            Self::Html
        }
    }
}

/// Whether a header that lists media types names this one.
pub(crate) fn names(headers: &HeaderMap, name: HeaderName, media: &str) -> bool {
    let lines = headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    lines
        .flat_map(|line| line.split(','))
        .any(|entry| media_type(entry).eq_ignore_ascii_case(media))
}

/// A media type without its parameters.
pub(super) fn media_type(value: &str) -> &str {
    value.split(';').next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_type_is_named_whole_in_any_case_and_with_parameters() {
        let accepts = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, value.parse().unwrap());
            names(&headers, header::ACCEPT, "text/html")
        };
        for value in [
            "text/html",
            "TEXT/HTML",
            "*/*, text/html;q=0.9",
            "a/b;x=1 , text/html ; q=1",
        ] {
            assert!(accepts(value), "{value}");
        }
        for value in ["*/*", "text/htmlx", "xtext/html", "a/b;x=text/html", ""] {
            assert!(!accepts(value), "{value}");
        }
    }
}
