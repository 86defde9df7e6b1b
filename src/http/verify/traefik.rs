//! Traefik ForwardAuth: any answer but 2xx is passed to the visitor as it is.
//!
//! Traefik can't take one cookie out of a request, but it can replace a header by the answer's. So an answer that allows
//! has the app's own cookies, for `authResponseHeaders`.

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

/// `X-Forwarded-Method`, `-Proto`, `-Host` and `-Uri`. The scheme is checked and not used.
pub(super) fn read(parts: &Parts) -> Result<OriginalRequest, Unclear> {
    let headers = &parts.headers;
    scheme_of(only(headers, "x-forwarded-proto")?)?;
    let method = only(headers, "x-forwarded-method")?;
    let host = only(headers, "x-forwarded-host")?;
    let uri = only(headers, "x-forwarded-uri")?;
    Ok(OriginalRequest::new(method, host, uri)?)
}
