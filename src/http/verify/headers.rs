//! Reading a header that must be there exactly once.
//!
//! Must not repair what came: no trimming, no joining, no first of several.

use axum::http::{HeaderMap, HeaderName};

use super::Unclear;
use crate::http::extract::{self, Doubtful};

/// The value of a header that came once, as text.
///
/// # Errors
///
/// When it is missing, came on several lines, or is not ASCII.
pub(super) fn only<'h>(
    headers: &'h HeaderMap,
    name: &'static HeaderName,
) -> Result<&'h str, Unclear> {
    match extract::only(headers, name) {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err(Unclear::Missing(name.as_str())),
        Err(Doubtful::Repeated) => Err(Unclear::Repeated(name.as_str())),
        Err(Doubtful::NotText) => Err(Unclear::NotText(name.as_str())),
    }
}
