//! The answer to a subrequest, in the manner that the proxy understands.
//!
//! nginx and HAProxy act on a status and copy headers; the others pass the whole answer to the visitor. Must not
//! decide anything.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::domain::app::Realm;
use crate::domain::decision::{Decision, Forbidden, Subject};
use crate::domain::host::{Origin, Scheme};
use crate::domain::original_request::OriginalRequest;
use crate::http::Door;
use crate::http::error::{Problem, challenge};
use crate::http::extract::names;
use crate::http::login_url::login_url;
use crate::http::metrics::Outcome;
use crate::http::pages::{ErrorKind, ErrorPage, Frame, SignInToContinue, html, text};
use crate::http::security_headers;
use crate::services::Failure;
use crate::services::gate::Target;

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

/// What is said about a request.
#[derive(Debug)]
pub(crate) enum Answer<'d> {
    /// 200, with the signed header.
    Allow {
        value: HeaderValue,
        subject: Subject,
    },
    /// Signing in would help.
    SignIn {
        visitor: Visitor<'d>,
        login_url: String,
    },
    /// 403, for a request that was understood.
    Forbidden {
        visitor: Visitor<'d>,
        reason: Forbidden,
    },
    /// 503: a store is down and the answer depends on it.
    Unavailable { visitor: Visitor<'d> },
    /// 403, for a subrequest that was not understood.
    Unclear,
}

/// How the visitor's request wants to be answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visitor<'d> {
    kind: Kind,
    base_path: &'d str,
    realm: &'d str,
    https: bool,
    /// The host that several apps share for the pages; none where each app's host has them.
    login_origin: Option<&'d Origin>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A browser that shows the answer and follows a redirect.
    Navigation,
    /// A browser that shows the answer to a form.
    FormNavigation,
    /// A script, a frame, a WebSocket or a program.
    Other,
}

impl<'d> Visitor<'d> {
    /// The visitor who made a request with this method and these headers, of the app `realm` if that is known.
    pub(crate) fn of(door: &'d Door, realm: &'d str, method: &str, headers: &HeaderMap) -> Self {
        Self {
            kind: Kind::of(method, headers),
            base_path: &door.base_path,
            realm,
            https: false,
            login_origin: None,
        }
    }

    /// The same visitor, at the host and the app that the request is for.
    pub(crate) fn at(self, target: &Target<'d>) -> Self {
        let login_origin = match &target.app.realm {
            Realm::Own => None,
            Realm::Shared(login) => Some(&login.login_origin),
        };
        Self {
            https: target.entry.scheme() == Scheme::Https,
            login_origin,
            ..self
        }
    }

    /// Where Doorward's URLs begin, as a page on the app's host names them.
    fn base(&self) -> Cow<'d, str> {
        match self.login_origin {
            None => Cow::Borrowed(self.base_path),
            Some(origin) => Cow::Owned(format!("{origin}{}", self.base_path)),
        }
    }

    fn frame<'f>(&self, base: &'f str) -> Frame<'f>
    where
        'd: 'f,
    {
        Frame {
            base,
            text: &text::ENGLISH,
            app_name: self.realm,
        }
    }
}

impl Kind {
    /// `Sec-Fetch-Mode: navigate` with `Sec-Fetch-Dest: document`; without both headers, `text/html` in `Accept`.
    fn of(method: &str, headers: &HeaderMap) -> Self {
        let value = |name: &str| headers.get(name).map(|value| value.as_bytes());
        let shown = match (value("sec-fetch-mode"), value("sec-fetch-dest")) {
            (None, None) => {
                names(headers, header::ACCEPT, "text/html")
                    && !headers.contains_key("sec-websocket-key")
            }
            (mode, dest) => mode == Some(b"navigate") && dest == Some(b"document"),
        };
        match method {
            "GET" | "HEAD" if shown => Self::Navigation,
            "POST" if shown => Self::FormNavigation,
            _ => Self::Other,
        }
    }
}

impl<'d> Answer<'d> {
    /// The answer to a request that was understood. A header that can't be signed is no answer of 200.
    pub(crate) fn to(
        door: &'d Door,
        target: &Target<'d>,
        (request, headers): (&OriginalRequest<'_>, &HeaderMap),
        outcome: Result<Decision, Failure>,
    ) -> Self {
        let visitor = || {
            let realm = target.app.id.as_str();
            Visitor::of(door, realm, request.method().as_str(), headers).at(target)
        };
        let signed = |subject| {
            let value = door.services.gate.sign(target, subject, request)?;
            let value = HeaderValue::from_str(value.as_str());
            let value = value.map_err(|error| Failure::Internal(error.into()))?;
            Ok(Self::Allow { value, subject })
        };
        let answer = outcome.and_then(|decision| match decision {
            Decision::Allow(subject) => signed(subject),
            Decision::LoginNeeded => Ok(Self::SignIn {
                visitor: visitor(),
                login_url: login_url(target, request, &door.base_path),
            }),
            Decision::Forbidden(reason) => Ok(Self::Forbidden {
                visitor: visitor(),
                reason,
            }),
        });
        answer.unwrap_or_else(|error| {
            if let Some(left_out) = door.outage_lines.due(door.clock.now()) {
                let app = target.app.id.as_str();
                tracing::error!(%error, app, left_out, "verification failed, the request is denied");
            }
            Self::Unavailable { visitor: visitor() }
        })
    }

    /// The same as a word for the metrics.
    pub(in crate::http) fn outcome(&self) -> Outcome {
        match self {
            Self::Allow { subject, .. } => Decision::Allow(*subject).into(),
            Self::SignIn { .. } => Outcome::LoginNeeded,
            Self::Forbidden { reason, .. } => Decision::Forbidden(*reason).into(),
            Self::Unavailable { .. } | Self::Unclear => Outcome::Unavailable,
        }
    }

    /// Why the request may not pass, for the log. A failure was logged with its cause already.
    pub(crate) fn denial(&self) -> Option<&'static str> {
        match self {
            Self::SignIn { .. } => Some("login_needed"),
            Self::Forbidden { reason, .. } => Some(reason.as_str()),
            Self::Allow { .. } | Self::Unavailable { .. } | Self::Unclear => None,
        }
    }
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
