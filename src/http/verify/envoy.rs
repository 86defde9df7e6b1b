//! Envoy `ext_authz` over HTTP: the subrequest has the visitor's own method and host, and the visitor's path behind a
//! prefix.
//!
//! The prefix names the app. It is always there, so that no path of a visitor can choose one (THREATS 44). The path
//! is taken from the raw target: nothing has decoded or shortened it.

use axum::http::request::Parts;
use axum::http::{Uri, header};

use super::headers::only;
use super::{Dialect, Manner, Unclear};
use crate::domain::original_request::OriginalRequest;

/// `/verify/envoy/{app}`.
pub(super) const DIALECT: Dialect = Dialect {
    name: "envoy",
    read,
    manner: Manner::PassedOn { aliases: true },
    returns_cookies: false,
};

const PREFIX: &str = "/verify/envoy/";

/// The app that the endpoint is pinned to.
pub(super) fn pinned(target: &Uri) -> Option<&str> {
    split(target).map(|(app, _)| app)
}

/// The app, and the raw path and query behind it.
fn split(target: &Uri) -> Option<(&str, &str)> {
    let target = target.path_and_query()?.as_str().strip_prefix(PREFIX)?;
    let end = target.find(['/', '?']).unwrap_or(target.len());
    target
        .split_at_checked(end)
        .filter(|(app, _)| !app.is_empty())
}

fn read(parts: &Parts) -> Result<OriginalRequest<'_>, Unclear> {
    let (_, uri) = split(&parts.uri).ok_or(Unclear::NotPinned)?;
    let host = match parts.uri.authority() {
        Some(authority) if !parts.headers.contains_key(header::HOST) => authority.as_str(),
        _ => only(&parts.headers, &header::HOST)?,
    };
    Ok(OriginalRequest::new(parts.method.as_str(), host, uri)?)
}
