//! Where to return, as the query of a page says it.
//!
//! Must not be redirected to as it is: [`Here::return_to`](super::Here::return_to) says where it may lead.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;

/// The first `rd` of the query.
#[derive(Debug)]
pub(crate) struct Rd(pub(crate) Option<String>);

impl Rd {
    /// The one in this request target.
    pub(crate) fn of(uri: &Uri) -> Self {
        let query = uri.query().unwrap_or_default();
        let rd = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "rd");
        Self(rd.map(|(_, rd)| rd.into_owned()))
    }
}

impl<S: Sync> FromRequestParts<S> for Rd {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.uri))
    }
}
