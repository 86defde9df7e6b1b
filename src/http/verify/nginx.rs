//! nginx `auth_request`: knows 2xx, 401 and 403, and drops everything else of an answer but its headers.
//!
//! See the documentation of `ngx_http_auth_request_module`. The example configuration sets both headers on the
//! subrequest, so that nothing a client sends under these names gets through.

use axum::http::HeaderName;
use axum::http::request::Parts;

use super::headers::only;
use super::{Dialect, Manner, Unclear};
use crate::domain::original_request::OriginalRequest;

/// `/verify/nginx`.
pub(super) const DIALECT: Dialect = Dialect {
    name: "nginx",
    read,
    manner: Manner::StatusOnly,
    returns_cookies: false,
};

static METHOD: HeaderName = HeaderName::from_static("x-original-method");
static URL: HeaderName = HeaderName::from_static("x-original-url");

/// `X-Original-Method` and `X-Original-URL`, the latter absolute.
pub(super) fn read(parts: &Parts) -> Result<OriginalRequest<'_>, Unclear> {
    let method = only(&parts.headers, &METHOD)?;
    let url = only(&parts.headers, &URL)?;
    Ok(OriginalRequest::from_url(method, url)?)
}
