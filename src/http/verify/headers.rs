//! Reading a header that must be there exactly once.
//!
//! Must not repair what came: no trimming, no joining, no first of several.

use axum::http::HeaderMap;

use super::Unclear;

/// The value of a header that came once, as text.
///
/// # Errors
///
/// When it is missing, came on several lines, or is not ASCII.
pub(super) fn only<'h>(headers: &'h HeaderMap, name: &'static str) -> Result<&'h str, Unclear> {
    let mut lines = headers.get_all(name).iter();
    match (lines.next(), lines.next()) {
        (None, _) => Err(Unclear::Missing(name)),
        (Some(_), Some(_)) => Err(Unclear::Repeated(name)),
        (Some(line), None) => line.to_str().map_err(|_| Unclear::NotText(name)),
    }
}
