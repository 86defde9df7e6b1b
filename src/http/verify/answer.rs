//! What is said about a request, before it is known how a proxy wants it said.
//!
//! A request that may pass is vouched for here; one that can't be vouched for does not pass. Must not decide anything,
//! and must not make a response.

use std::borrow::Cow;

use axum::http::{HeaderMap, HeaderValue, header};

use crate::domain::app::Realm;
use crate::domain::decision::{Decision, Forbidden, Subject};
use crate::domain::host::{Origin, Scheme};
use crate::domain::original_request::OriginalRequest;
use crate::http::Door;
use crate::http::extract::names;
use crate::http::login_url::login_url;
use crate::http::metrics::Outcome;
use crate::http::pages::{Frame, text};
use crate::services::Failure;
use crate::services::gate::{Target, Verdict};

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
    pub(super) kind: Kind,
    base_path: &'d str,
    pub(super) realm: &'d str,
    pub(super) https: bool,
    /// The host that several apps share for the pages; none where each app's host has them.
    pub(super) login_origin: Option<&'d Origin>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
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
    pub(super) fn base(&self) -> Cow<'d, str> {
        match self.login_origin {
            None => Cow::Borrowed(self.base_path),
            Some(origin) => Cow::Owned(format!("{origin}{}", self.base_path)),
        }
    }

    pub(super) fn frame<'f>(&self, base: &'f str) -> Frame<'f>
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
        outcome: Result<Verdict, Failure>,
    ) -> Self {
        let visitor = || {
            let realm = target.app.id.as_str();
            Visitor::of(door, realm, request.method().as_str(), headers).at(target)
        };
        let signed = |subject, verdict: &Verdict| {
            let value = (door.services.gate).sign(target, (subject, verdict), request)?;
            let value = HeaderValue::from_maybe_shared(value);
            let value = value.map_err(|error| Failure::Internal(error.into()))?;
            Ok(Self::Allow { value, subject })
        };
        let answer = outcome.and_then(|verdict| match verdict.decision {
            Decision::Allow(subject) => signed(subject, &verdict),
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
