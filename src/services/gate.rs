//! May this request pass? The one pipeline behind every proxy's endpoint and the built-in gateway.
//!
//! A pure read: nothing is written, and any failure denies. Must not know headers or cookies.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use tokio::time::timeout;

use super::Failure;
use super::assertion::Assertion;
use super::sessions::{Sessions, Visitor};
use crate::domain::access::{Access, Requirement};
use crate::domain::app::{App, Apps, Binding};
use crate::domain::decision::{Decision, Subject, decide};
use crate::domain::host::{HostEntry, Origin, Scheme};
use crate::domain::original_request::OriginalRequest;
use crate::sessions::{Known, Token};

/// How long the store may take to say who a visitor is that this node does not know. Proxies wait longer, so that the
/// answer stays ours; the question itself goes on, so that the next one is answered.
const LOOKUP_TIMEOUT: Duration = Duration::from_millis(150);

/// Judges requests.
#[derive(Debug)]
pub struct Gate {
    /// The protected apps.
    pub apps: Arc<Apps>,
    /// The sessions of their users.
    pub sessions: Arc<Sessions>,
    /// Signs what is allowed.
    pub assertion: Assertion,
}

/// The app that a request is for, and what its rules ask.
#[derive(Debug)]
pub struct Target<'a> {
    /// The app.
    pub app: &'a App,
    /// The entry of its `hosts` that matched: scheme, cookie and login URL follow it.
    pub entry: &'a HostEntry,
    /// What the rules ask of this method and path.
    pub requirement: Requirement<'a>,
}

/// What is decided about a request.
#[derive(Debug)]
pub struct Verdict {
    /// The decision.
    pub decision: Decision,
    /// The visitor's session, where the decision depended on it.
    known: Option<Arc<Known>>,
}

/// No app answers to the host, or not the app that the endpoint is pinned to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnknownApp {
    /// No app has this host.
    #[error("no app has this host")]
    Host,
    /// There is no app with the pinned id.
    #[error("there is no app with this id")]
    Pinned,
    /// The pinned app does not have this host.
    #[error("the host is not one of the pinned app's")]
    PinnedHost,
}

impl Target<'_> {
    /// Whether the answer depends on who the visitor is.
    #[must_use]
    pub fn needs_session(&self) -> bool {
        matches!(self.requirement.access(), Access::Optional | Access::User)
    }

    /// The host that `request` asked for, as the visitor knows it.
    #[must_use]
    pub fn origin(&self, request: &OriginalRequest<'_>) -> Origin {
        self.entry.origin(request.authority())
    }
}

impl Gate {
    /// The app that `request` is for: the pinned one, if it has the host, otherwise the one that has it.
    ///
    /// # Errors
    ///
    /// As [`UnknownApp`].
    pub fn target(
        &self,
        request: &OriginalRequest<'_>,
        pinned: Option<&str>,
    ) -> Result<Target<'_>, UnknownApp> {
        let authority = request.authority();
        let (app, entry) = match pinned {
            None => self.apps.at(authority).ok_or(UnknownApp::Host)?,
            Some(id) => {
                let app = self.apps.get(id).ok_or(UnknownApp::Pinned)?;
                (app, app.entry_for(authority).ok_or(UnknownApp::PinnedHost)?)
            }
        };
        let requirement = app.policy.judge(request.path(), request.method());
        Ok(Target {
            app,
            entry,
            requirement,
        })
    }

    /// Judges the request of a visitor who came with these session cookies.
    ///
    /// # Errors
    ///
    /// When the store fails and the answer depends on it.
    pub async fn decide(
        &self,
        target: &Target<'_>,
        candidates: &[Token],
    ) -> Result<Verdict, Failure> {
        let visitor = if target.needs_session() {
            self.find(candidates, target.app).await?
        } else {
            Visitor::Nobody
        };
        let decision = match &visitor {
            Visitor::Conflicting => Decision::LoginNeeded,
            Visitor::Known(..) | Visitor::Nobody => decide(&target.requirement, visitor.session()),
        };
        let known = match visitor {
            Visitor::Known(_, known) => Some(known),
            Visitor::Conflicting | Visitor::Nobody => None,
        };
        Ok(Verdict { decision, known })
    }

    async fn find(&self, candidates: &[Token], app: &App) -> Result<Visitor, Failure> {
        let mut found = pin!(self.sessions.find(candidates, app));
        // Most are known here: that is told at once, and takes no timer.
        if let Some(known) = found.as_mut().now_or_never() {
            return known;
        }
        let found = timeout(LOOKUP_TIMEOUT, found).await;
        found.map_err(|late| Failure::Store(late.into()))?
    }

    /// The value of `X-UserId` for a request that may pass by this verdict.
    ///
    /// # Errors
    ///
    /// When the request can't be signed; it must then not pass.
    pub fn sign(
        &self,
        target: &Target<'_>,
        (subject, verdict): (Subject, &Verdict),
        request: &OriginalRequest<'_>,
    ) -> Result<Bytes, Failure> {
        let app = target.app;
        match (app.binding, subject, &verdict.known) {
            (Binding::App, Subject::User(user), Some(known)) if known.session.user == user => {
                self.assertion.sign_again(app, subject, &known.said)
            }
            (Binding::App, ..) => self.assertion.sign(app, subject, None),
            (Binding::Request, ..) => {
                let origin = target.origin(request);
                let bound = bind(&origin, request)?;
                self.assertion.sign(app, subject, Some(&bound))
            }
        }
    }
}

fn bind<'r>(
    origin: &Origin,
    request: &'r OriginalRequest<'_>,
) -> Result<doorward_verify::Request<'r>, Failure> {
    let scheme = match origin.scheme() {
        Scheme::Http => doorward_verify::Scheme::Http,
        Scheme::Https => doorward_verify::Scheme::Https,
    };
    let (method, host) = (request.method().as_str(), origin.host());
    doorward_verify::Request::new(scheme, method, &*host, request.uri())
        .map_err(|error| Failure::Internal(error.into()))
}
