//! Reading a header that may come on one line only.
//!
//! Must not repair what came: no trimming, no joining, no first of several.

use axum::http::HeaderMap;
use axum::http::header::AsHeaderName;

/// Why the value of a header can not be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Doubtful {
    /// It came on several lines.
    Repeated,
    /// It is not visible ASCII.
    NotText,
}

/// The value of a header that came once, as text; none where it did not come.
///
/// # Errors
///
/// As [`Doubtful`].
pub(in crate::http) fn only(
    headers: &HeaderMap,
    name: impl AsHeaderName,
) -> Result<Option<&str>, Doubtful> {
    let mut lines = headers.get_all(name).iter();
    match (lines.next(), lines.next()) {
        (None, _) => Ok(None),
        (Some(line), None) => line.to_str().map(Some).map_err(|_| Doubtful::NotText),
        (Some(_), Some(_)) => Err(Doubtful::Repeated),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_has_one_line_or_no_value() {
        let mut headers = HeaderMap::new();
        assert_eq!(only(&headers, "origin"), Ok(None));
        headers.append("origin", " a, b ".parse().unwrap());
        assert_eq!(only(&headers, "Origin"), Ok(Some(" a, b ")));
        headers.append("origin", " a, b ".parse().unwrap());
        assert_eq!(only(&headers, "origin"), Err(Doubtful::Repeated));
        headers.insert("origin", "\u{e9}".parse().unwrap());
        assert_eq!(only(&headers, "origin"), Err(Doubtful::NotText));
    }
}
