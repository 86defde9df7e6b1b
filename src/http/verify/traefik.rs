//! Traefik ForwardAuth: any answer but 2xx is passed to the visitor as it is.
//!
//! Traefik can't take one cookie out of a request, but it can replace a header by the answer's. So an answer that allows
//! has the app's own cookies, for `authResponseHeaders`.

use axum::http::HeaderName;
use axum::http::request::Parts;

use super::headers::only;
use super::{Dialect, Manner, Unclear};
use crate::domain::original_request::{OriginalRequest, scheme_of};

/// `/verify/traefik`.
pub(super) const DIALECT: Dialect = Dialect {
    name: "traefik",
    read,
    manner: Manner::PassedOn { aliases: false },
    returns_cookies: true,
};

static METHOD: HeaderName = HeaderName::from_static("x-forwarded-method");
static PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
static HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
static URI: HeaderName = HeaderName::from_static("x-forwarded-uri");

/// `X-Forwarded-Method`, `-Proto`, `-Host` and `-Uri`. The scheme is checked and not used.
pub(super) fn read(parts: &Parts) -> Result<OriginalRequest<'_>, Unclear> {
    let headers = &parts.headers;
    scheme_of(only(headers, &PROTO)?)?;
    let method = only(headers, &METHOD)?;
    let host = only(headers, &HOST)?;
    let uri = only(headers, &URI)?;
    Ok(OriginalRequest::new(method, host, uri)?)
}
