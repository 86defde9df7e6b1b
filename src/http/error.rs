//! The one map from what went wrong to an answer.
//!
//! A handler returns a [`Problem`]; the page pipeline renders it as a page or as JSON (RFC 9457), whichever was asked
//! for. A cause is logged here, once, and never part of an answer.

use std::borrow::Cow;
use std::num::NonZeroU32;
use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::pages::ErrorKind;
use crate::services::Failure;

/// Seconds after which it is worth trying again where nobody can say more exactly.
const RETRY_AFTER: u64 = 2;

/// An answer of 400 or above.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    /// Stable: programs rely on it.
    pub(crate) code: &'static str,
    /// For people who write programs.
    pub(crate) detail: Cow<'static, str>,
    /// The page for browsers.
    pub(crate) kind: ErrorKind,
    /// Whole seconds after which to try again, where that is known.
    wait: Option<NonZeroU32>,
    /// Further members of the JSON object.
    more: Map<String, Value>,
}

impl Problem {
    /// What is said where there is no more to say: code and words follow from `kind`.
    pub(crate) fn of(kind: ErrorKind) -> Self {
        let (code, detail) = match kind {
            ErrorKind::BadRequest => (
                "invalid_request",
                "The request is malformed, or can be read in several ways.",
            ),
            ErrorKind::UnknownHost => ("unknown_host", "No app has this host."),
            ErrorKind::CrossSite => {
                let detail =
                    "This request was sent from another site, or its Origin is not the app's own.";
                ("cross_site_request", detail)
            }
            ErrorKind::NotAllowed => ("forbidden", "This request may not pass."),
            ErrorKind::NotFound => ("not_found", "There is nothing at this address."),
            ErrorKind::MethodNotAllowed => (
                "method_not_allowed",
                "This address does not take that method.",
            ),
            ErrorKind::TooLarge => ("too_large", "The request body is too long."),
            ErrorKind::UnsupportedMediaType => {
                let detail =
                    "Send a form (application/x-www-form-urlencoded) or JSON (application/json).";
                ("unsupported_media_type", detail)
            }
            ErrorKind::TooMany => (
                "too_many_requests",
                "Too many requests in a short time. Try again later.",
            ),
            ErrorKind::Internal => ("internal", "Something went wrong on our side."),
            ErrorKind::AppUnreachable => ("app_unreachable", "The app can't be reached."),
            ErrorKind::Unavailable => (
                "unavailable",
                "The service can't reach its store. Try again in a few seconds.",
            ),
            ErrorKind::AppLate => ("app_timeout", "The app took too long to answer."),
        };
        Self::new(kind, code, detail)
    }

    /// A problem with this code; the page and the status follow from `kind`.
    pub(crate) fn new(
        kind: ErrorKind,
        code: &'static str,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            status: kind.status(),
            code,
            detail: detail.into(),
            kind,
            wait: None,
            more: Map::new(),
        }
    }

    /// 401, which no page but the sign-in form shows.
    pub(crate) fn unauthorized(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            ..Self::new(ErrorKind::NotAllowed, code, detail)
        }
    }

    /// 400.
    pub(crate) fn bad_request(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::BadRequest, code, detail)
    }

    /// The same problem with another status.
    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// The same problem with one more member in its JSON.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    /// 400: what was typed as e-mail address is none.
    pub(crate) fn invalid_email() -> Self {
        let detail = "The field \"email\" must be an address such as name@example.com.";
        Self::bad_request("invalid_email", detail).with("field", "email")
    }

    /// 429: to be tried again after `wait`, which is rounded up to whole seconds and at least one.
    pub(crate) fn too_many(
        code: &'static str,
        detail: impl Into<Cow<'static, str>>,
        wait: Duration,
    ) -> Self {
        let whole = wait
            .as_secs()
            .saturating_add(u64::from(wait.subsec_nanos() > 0));
        let whole = u32::try_from(whole).unwrap_or(u32::MAX);
        Self {
            wait: NonZeroU32::new(whole.max(1)),
            ..Self::new(ErrorKind::TooMany, code, detail)
        }
    }

    /// Whole seconds after which to try again, where that is known.
    pub(crate) fn retry_after(&self) -> Option<u64> {
        self.wait.map(|seconds| u64::from(seconds.get()))
    }

    /// 503: the hashing queue is full.
    pub(crate) fn busy() -> Self {
        Self::new(
            ErrorKind::Unavailable,
            "busy",
            "Too many sign-ins at once. Try again in a few seconds.",
        )
    }

    /// As `application/problem+json`.
    pub(crate) fn to_json(&self, request_id: &str) -> Response {
        let mut body = self.more.clone();
        body.insert("type".to_owned(), "about:blank".into());
        body.insert(
            "title".to_owned(),
            self.status.canonical_reason().unwrap_or("Error").into(),
        );
        body.insert("status".to_owned(), self.status.as_u16().into());
        body.insert("code".to_owned(), self.code.into());
        body.insert("detail".to_owned(), json!(self.detail));
        if let Some(seconds) = self.retry_after() {
            body.insert("retry_after".to_owned(), seconds.into());
        }
        if !request_id.is_empty() {
            body.insert("request_id".to_owned(), request_id.into());
        }
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        (self.status, kind, Value::Object(body).to_string()).into_response()
    }

    /// Adds the headers that belong to the status.
    pub(crate) fn add_headers(&self, response: &mut Response, realm: &str) {
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, challenge(realm));
        }
        let unavailable = self.status == StatusCode::SERVICE_UNAVAILABLE;
        if let Some(seconds) = self
            .retry_after()
            .or_else(|| unavailable.then_some(RETRY_AFTER))
        {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
    }
}

/// The `WWW-Authenticate` of every 401: a scheme of our own, so that no browser asks for a password itself.
pub(crate) fn challenge(realm: &str) -> HeaderValue {
    HeaderValue::try_from(format!("Doorward realm=\"{realm}\""))
        .unwrap_or(HeaderValue::from_static("Doorward"))
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Store(error) => {
                tracing::error!(%error, "a store failed");
                Self::of(ErrorKind::Unavailable)
            }
            Failure::Internal(error) => {
                tracing::error!(%error, "an internal error");
                Self::of(ErrorKind::Internal)
            }
        }
    }
}

/// An empty answer that carries the problem; the pipeline fills it.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The answer to a path that is none of ours.
pub(crate) async fn not_found() -> Problem {
    Problem::of(ErrorKind::NotFound)
}

/// The answer to a method that a route does not have.
pub(crate) async fn method_not_allowed() -> Problem {
    Problem::of(ErrorKind::MethodNotAllowed)
}
