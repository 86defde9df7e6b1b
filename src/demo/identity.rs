//! Who is asking: all that the shop does about authentication.
//!
//! A handler that takes a [`Reader`] runs for signed-in readers alone; one that takes an `Option<Reader>` runs for
//! everybody who came through the door. A request without a genuine `X-UserId` reaches neither.

use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use doorward_verify::{Error, HEADER, Request, Scheme, UserId, Verifier, unix_now};

use super::pages::{self, page};

/// What visitors use. Behind a proxy with TLS this would be https, whatever the proxy speaks to the app.
pub(super) const SCHEME: Scheme = Scheme::Http;

/// A signed-in reader.
pub(super) struct Reader(pub(super) UserId);

impl FromRequestParts<Arc<Verifier>> for Reader {
    type Rejection = TurnedAway;

    async fn from_request_parts(
        parts: &mut Parts,
        verifier: &Arc<Verifier>,
    ) -> Result<Self, TurnedAway> {
        let reader = read(parts, verifier).map_err(TurnedAway::Unproven)?;
        reader.ok_or_else(|| TurnedAway::NotSignedIn(parts.uri.path().to_owned()))
    }
}

impl OptionalFromRequestParts<Arc<Verifier>> for Reader {
    type Rejection = TurnedAway;

    async fn from_request_parts(
        parts: &mut Parts,
        verifier: &Arc<Verifier>,
    ) -> Result<Option<Self>, TurnedAway> {
        read(parts, verifier).map_err(TurnedAway::Unproven)
    }
}

fn read(parts: &Parts, verifier: &Verifier) -> Result<Option<Reader>, Error> {
    let values = parts.headers.get_all(HEADER);
    let user = verifier.optional_user(values, Some(&request(parts)?), unix_now())?;
    Ok(user.map(Reader))
}

/// The request as it was received, which the header is bound to.
pub(super) fn request(parts: &Parts) -> Result<Request<'_>, Error> {
    let host = parts
        .headers
        .get(header::HOST)
        .map_or(&b""[..], HeaderValue::as_bytes);
    let uri = parts.uri.path_and_query().map_or("", |uri| uri.as_str());
    Ok(Request::new(SCHEME, parts.method.as_str(), host, uri)?)
}

/// Why a handler does not run.
pub(super) enum TurnedAway {
    /// No header, or a false one.
    Unproven(Error),
    /// A guest on a page for readers: Doorward's rules are more open than the shop's. The path that was asked for.
    NotSignedIn(String),
}

impl IntoResponse for TurnedAway {
    fn into_response(self) -> Response {
        match self {
            Self::Unproven(error) => {
                tracing::warn!(code = error.code(), "the shop refused a request: {error}");
                page(
                    StatusCode::FORBIDDEN,
                    &pages::Unproven {
                        reason: &error.to_string(),
                    },
                )
            }
            Self::NotSignedIn(path) => {
                let rd: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
                Redirect::to(&format!("/login?rd={rd}")).into_response()
            }
        }
    }
}
