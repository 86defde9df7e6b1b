//! The verify endpoints: one pipeline, and one small adapter for each proxy.
//!
//! An adapter turns its proxy's headers into the original request, or refuses; everything after that is shared. Any
//! doubt or internal error denies. Bodies, `Upgrade` and the query of the subrequest are never looked at.

mod answer;
mod caddy;
mod endpoint;
mod envoy;
mod haproxy;
mod headers;
mod nginx;
mod reply;
mod traefik;

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

use super::Door;
use super::cookie::{CookieName, Presented};
use super::extract::{client_address, forwarded_request_id};
use super::metrics::Refused;
use super::peer::Peer;
use super::watch::Watch;
use crate::domain::cookies::without_session;
use crate::domain::original_request::{OriginalRequest, Unreadable};
use crate::services::Failure;
use crate::services::gate::{Target, UnknownApp, Verdict};

pub(super) use answer::{Answer, Visitor};
pub(super) use endpoint::Endpoint;
pub(super) use reply::{Manner, reply, turn_away};

/// How one kind of proxy asks and is answered.
#[derive(Debug)]
pub(super) struct Dialect {
    /// Its name, as in `/verify/<name>`.
    pub(super) name: &'static str,
    /// Finds the original request in the subrequest.
    read: fn(&Parts) -> Result<OriginalRequest<'_>, Unclear>,
    /// What the proxy does with an answer.
    manner: Manner,
    /// Whether an answer that allows has the app's own cookies, to replace those of the visitor's request.
    returns_cookies: bool,
}

/// The dialects whose proxies describe the original request in headers. Envoy's is in the path, and always pinned.
const BY_HEADERS: [&Dialect; 4] = [
    &nginx::DIALECT,
    &haproxy::DIALECT,
    &traefik::DIALECT,
    &caddy::DIALECT,
];

/// Why a subrequest is refused without a look at who is asking: 403. The words are for the log.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unclear {
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("{0} came more than once")]
    Repeated(&'static str),
    #[error("{0} is not plain text")]
    NotText(&'static str),
    #[error("{0}")]
    Unreadable(#[from] Unreadable),
    #[error("{0}")]
    UnknownApp(#[from] UnknownApp),
    #[error("the peer is not one of server.trusted_proxies")]
    Peer,
    #[error("the endpoint has no app in its path")]
    NotPinned,
}

impl Unclear {
    /// The same as a word for the metrics.
    pub(super) fn word(&self) -> Refused {
        match self {
            Self::Peer => Refused::Peer,
            Self::UnknownApp(unknown) => (*unknown).into(),
            Self::NotPinned => Refused::UnknownApp,
            Self::Missing(_) | Self::Repeated(_) | Self::NotText(_) | Self::Unreadable(_) => {
                Refused::Unclear
            }
        }
    }
}

/// Who asks, and what was sent.
pub(super) type Asked<'r> = (Peer, &'r Parts);

/// Answers a subrequest.
pub(super) async fn answer(door: &Door, endpoint: Endpoint<'_>, asked: Asked<'_>) -> Response {
    let (peer, parts) = asked;
    let Endpoint { dialect, pinned } = endpoint;
    let mut watch = Watch::begin(door, dialect.name, (Some(peer), &parts.headers));
    let response = match judge(&mut watch, endpoint, asked).await {
        Ok(response) => response,
        Err(reason) => {
            watch.refused(reason.word());
            tracing::info!(
                dialect = dialect.name,
                app = pinned,
                reason = reason.to_string(),
                peer = %peer.ip,
                "denied"
            );
            reply(dialect.manner, Answer::Unclear)
        }
    };
    watch.end(response.status());
    response
}

async fn judge(
    watch: &mut Watch<'_>,
    Endpoint { dialect, pinned }: Endpoint<'_>,
    (peer, parts): Asked<'_>,
) -> Result<Response, Unclear> {
    if !peer.trusted {
        return Err(Unclear::Peer);
    }
    let door = watch.door;
    let request = (dialect.read)(parts)?;
    let target = door.services.gate.target(&request, pinned)?;
    let outcome = decide(door, &target, &parts.headers).await;
    let answer = Answer::to(door, &target, (&request, &parts.headers), outcome);
    watch.judged(&target.app.id, answer.outcome());
    log(
        watch,
        dialect.name,
        (&target, &request),
        (&answer, (peer, parts)),
    );
    let app_cookies = dialect.returns_cookies && matches!(answer, Answer::Allow { .. });
    let mut response = reply(dialect.manner, answer);
    if app_cookies {
        add_app_cookies(&mut response, &parts.headers, &door.cookie_name);
    }
    Ok(response)
}

/// The request's cookies without the session's. None left is no header: the proxy then removes its own.
fn add_app_cookies(response: &mut Response, headers: &HeaderMap, session_name: &str) {
    let lines = headers.get_all(header::COOKIE).iter();
    let cookies = without_session(lines.map(HeaderValue::as_bytes), session_name);
    if let (false, Ok(cookies)) = (cookies.is_empty(), HeaderValue::from_bytes(&cookies)) {
        response.headers_mut().insert(header::COOKIE, cookies);
    }
}

/// Allowed requests are logged at debug, denied ones at info with what an operator needs to find them. A query may
/// hold secrets of the app, so there is none.
pub(super) fn log(
    watch: &Watch<'_>,
    dialect: &'static str,
    (target, request): (&Target<'_>, &OriginalRequest<'_>),
    (answer, (peer, parts)): (&Answer<'_>, Asked<'_>),
) {
    let app = target.app.id.as_str();
    if let Answer::Allow { subject, .. } = answer {
        tracing::debug!(dialect, app, %subject, "allowed");
    }
    let Some(reason) = answer.denial() else {
        return;
    };
    let headers = &parts.headers;
    let client = client_address(&watch.door.trusted, peer.ip, headers);
    tracing::info!(
        dialect,
        app,
        reason,
        method = request.method().as_str(),
        host = %request.authority(),
        path = request.path().as_str(),
        client = %client,
        request_id = forwarded_request_id(headers),
        trace_id = watch.trace_id((Some(peer), headers)).map(tracing::field::display),
        "denied"
    );
}

/// Judges a request by its session cookies.
pub(super) async fn decide(
    door: &Door,
    target: &Target<'_>,
    headers: &HeaderMap,
) -> Result<Verdict, Failure> {
    let presented = if target.needs_session() {
        CookieName::of(&door.cookie_name, target.app, target.entry).presented(headers)
    } else {
        Presented::default()
    };
    door.services.gate.decide(target, &presented.tokens).await
}
