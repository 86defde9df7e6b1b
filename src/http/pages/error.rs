//! The page for every refusal and failure.
//!
//! Must not show a cause: what went wrong inside is in the log, under the same reference.

use super::frame::Frame;
use super::text::{ErrorWords, Text};
use askama::Template;
use axum::http::StatusCode;

/// Any answer of 400 and above to a browser.
#[derive(Clone, Copy, Debug, Template)]
#[template(path = "pages/error.html")]
pub(crate) struct ErrorPage<'a> {
    /// What all pages share.
    pub frame: Frame<'a>,
    /// What went wrong.
    pub kind: ErrorKind,
    /// The app's start page, a path or an absolute URL; empty where the app is not known.
    pub app_url: &'a str,
    /// Seconds after which to try again, where that is known.
    pub retry_after: Option<u64>,
    /// The request id, by which the operator finds the log line; empty for none.
    pub reference: &'a str,
}

/// What went wrong, as far as a visitor is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    /// 400: the request could not be read.
    BadRequest,
    /// 403: no app has this host.
    UnknownHost,
    /// 403: a form sent from another site.
    CrossSite,
    /// 403: a rule denies it to everybody, or asks for a role that the visitor does not have.
    NotAllowed,
    /// 404.
    NotFound,
    /// 405.
    MethodNotAllowed,
    /// 413: body over the limit.
    TooLarge,
    /// 415: neither form nor JSON.
    UnsupportedMediaType,
    /// 429: too much in a short time.
    TooMany,
    /// 500.
    Internal,
    /// 502: the gateway can't reach the app.
    AppUnreachable,
    /// 503: a store is down or a pool is full; it passes.
    Unavailable,
    /// 504: the app did not answer the gateway in time.
    AppLate,
}

/// The one button of an error page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// To the app's start page.
    Home,
    /// To the sign-in form.
    SignIn,
    /// To the address that was just asked for.
    TryAgain,
}

impl ErrorKind {
    /// Every kind.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 13] = [
        Self::BadRequest,
        Self::UnknownHost,
        Self::CrossSite,
        Self::NotAllowed,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::TooMany,
        Self::Internal,
        Self::AppUnreachable,
        Self::Unavailable,
        Self::AppLate,
    ];

    /// The status to answer with.
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::UnknownHost | Self::CrossSite | Self::NotAllowed => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::AppUnreachable => StatusCode::BAD_GATEWAY,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::AppLate => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// The words for it.
    pub(crate) fn words(self, text: &Text) -> &ErrorWords {
        let errors = &text.errors;
        match self {
            Self::BadRequest => &errors.bad_request,
            Self::UnknownHost => &errors.unknown_host,
            Self::CrossSite => &errors.cross_site,
            Self::NotAllowed => &errors.not_allowed,
            Self::NotFound => &errors.not_found,
            Self::MethodNotAllowed => &errors.method_not_allowed,
            Self::TooLarge => &errors.too_large,
            Self::UnsupportedMediaType => &errors.unsupported_media_type,
            Self::TooMany => &errors.too_many,
            Self::Internal => &errors.internal,
            Self::AppUnreachable => &errors.app_unreachable,
            Self::Unavailable => &errors.unavailable,
            Self::AppLate => &errors.app_late,
        }
    }

    /// What the page offers; nothing where no link would lead anywhere.
    pub(crate) fn action(self) -> Option<Action> {
        match self {
            Self::UnknownHost => None,
            Self::BadRequest | Self::NotAllowed | Self::NotFound => Some(Action::Home),
            Self::CrossSite
            | Self::MethodNotAllowed
            | Self::TooLarge
            | Self::UnsupportedMediaType => Some(Action::SignIn),
            Self::TooMany
            | Self::Internal
            | Self::AppUnreachable
            | Self::Unavailable
            | Self::AppLate => Some(Action::TryAgain),
        }
    }
}
