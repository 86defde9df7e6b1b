//! The answer to a subrequest, in the manner that the proxy understands.
//!
//! nginx and HAProxy act on a status and copy headers; the others pass the whole answer to the visitor. Must not
//! decide anything.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::answer::{Answer, Kind, Visitor};
use crate::http::error::{Problem, challenge};
use crate::http::pages::{ErrorKind, ErrorPage, SignInToContinue, html};
use crate::http::security_headers;

/// The identity header.
pub(crate) const X_USER_ID: HeaderName = HeaderName::from_static("x-userid");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
/// Spellings that some servers take for it. Envoy is told to strip them; it removes after it sets, so the header itself
/// may not be among them.
const ALIASES: &str = "x_userid,x-user-id,x_user_id,x-user_id,x_user-id,x.userid";

/// What a proxy does with an answer.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Manner {
    /// It looks at the status and may copy headers. Nothing but 200, 401, 403 and 503 is said.
    StatusOnly,
    /// It passes everything but 200 to the visitor.
    PassedOn {
        /// Whether it takes a list of headers to strip.
        aliases: bool,
    },
}

/// The answer as the proxy wants it.
pub(crate) fn reply(manner: Manner, answer: Answer<'_>) -> Response {
    let mut response = match (answer, manner) {
        (Answer::Allow { value, .. }, _) => return allow(value, manner),
        (Answer::SignIn { visitor, login_url }, _) => {
            let mut response = sign_in(manner, visitor, &login_url);
            if response.status() == StatusCode::UNAUTHORIZED {
                let challenge = challenge(visitor.realm);
                let headers = response.headers_mut();
                headers.insert(header::WWW_AUTHENTICATE, challenge);
            }
            response
        }
        (Answer::Forbidden { .. } | Answer::Unclear, Manner::StatusOnly) => {
            StatusCode::FORBIDDEN.into_response()
        }
        (Answer::Unavailable { .. }, Manner::StatusOnly) => {
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        (Answer::Forbidden { visitor, .. }, Manner::PassedOn { .. }) => {
            refuse(Some(visitor), ErrorKind::NotAllowed)
        }
        (Answer::Unclear, Manner::PassedOn { .. }) => refuse(None, ErrorKind::NotAllowed),
        (Answer::Unavailable { visitor }, Manner::PassedOn { .. }) => {
            refuse(Some(visitor), ErrorKind::Unavailable)
        }
    };
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, NO_STORE);
    response
}

/// Nothing but headers, for which there is room from the start.
fn allow(value: HeaderValue, manner: Manner) -> Response {
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.reserve(3);
    headers.insert(X_USER_ID, value);
    if let Manner::PassedOn { aliases: true } = manner {
        headers.insert(
            "x-envoy-auth-headers-to-remove",
            HeaderValue::from_static(ALIASES),
        );
    }
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    response
}

fn add_location(response: &mut Response, login_url: &str) {
    if let Ok(location) = HeaderValue::try_from(login_url) {
        response.headers_mut().insert(header::LOCATION, location);
    }
}

fn sign_in(manner: Manner, visitor: Visitor<'_>, login_url: &str) -> Response {
    match (manner, visitor.kind) {
        (Manner::StatusOnly, kind) => {
            let mut response = StatusCode::UNAUTHORIZED.into_response();
            if kind == Kind::Navigation {
                add_location(&mut response, login_url);
            }
            response
        }
        (Manner::PassedOn { .. }, Kind::Navigation) => {
            let mut response = StatusCode::FOUND.into_response();
            add_location(&mut response, login_url);
            response
        }
        (Manner::PassedOn { .. }, Kind::FormNavigation) => {
            let base = visitor.base();
            let page = SignInToContinue {
                frame: visitor.frame(&base),
                login_url,
            };
            shown(html(StatusCode::UNAUTHORIZED, &page), visitor)
        }
        (Manner::PassedOn { .. }, Kind::Other) => {
            let problem =
                Problem::unauthorized("login_required", "Sign in first, at \"login_url\".");
            problem.with("login_url", login_url).to_json("")
        }
    }
}

/// The answer to a visitor whom no proxy stands before: a page, or a JSON problem.
pub(crate) fn turn_away(visitor: Visitor<'_>, kind: ErrorKind) -> Response {
    let mut response = refuse(Some(visitor), kind);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, NO_STORE);
    response
}

fn refuse(visitor: Option<Visitor<'_>>, kind: ErrorKind) -> Response {
    let problem = Problem::of(kind);
    let mut response = match visitor {
        Some(visitor) if visitor.kind != Kind::Other => {
            let base = visitor.base();
            let page = ErrorPage {
                frame: visitor.frame(&base),
                kind,
                app_url: "/",
                retry_after: None,
                reference: "",
            };
            shown(html(problem.status, &page), visitor)
        }
        _ => problem.to_json(""),
    };
    problem.add_headers(&mut response, "");
    response
}

/// A page that a visitor sees carries what all pages carry.
fn shown(mut page: Response, visitor: Visitor<'_>) -> Response {
    security_headers::add_elsewhere(&mut page, visitor.login_origin);
    if visitor.https {
        security_headers::add_hsts(&mut page);
    }
    page
}
