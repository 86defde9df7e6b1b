//! The verify endpoints: one pipeline, and one small adapter for each proxy.
//!
//! An adapter turns its proxy's headers into the original request, or refuses; everything after that is shared. Any
//! doubt or internal error denies. Bodies, `Upgrade` and the query of the subrequest are never looked at.

mod caddy;
mod envoy;
mod haproxy;
mod headers;
mod nginx;
mod reply;
mod traefik;

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

use super::cookie::{Presented, SessionCookie};
use super::extract::{client_address, forwarded_request_id};
use super::{Door, Shared};
use crate::domain::cookies::without_session;
use crate::domain::decision::Decision;
use crate::domain::original_request::{OriginalRequest, Unreadable};
use crate::services::Failure;
use crate::services::gate::{Target, UnknownApp};

pub(super) use reply::{Answer, Manner, Visitor, reply, turn_away};

/// How one kind of proxy asks and is answered.
#[derive(Debug)]
pub(super) struct Dialect {
    /// Its name, as in `/verify/<name>`.
    pub(super) name: &'static str,
    /// Finds the original request in the subrequest.
    read: fn(&Parts) -> Result<OriginalRequest, Unclear>,
    /// What the proxy does with an answer.
    manner: Manner,
    /// Whether an answer that allows has the app's own cookies, to replace those of the visitor's request.
    returns_cookies: bool,
}

/// The dialects whose proxies describe the original request in headers. Envoy's is in the path, and always pinned.
pub(super) const BY_HEADERS: [&Dialect; 4] = [
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

/// Answers a subrequest whose dialect is in its headers: `/verify/<name>`, or `/verify/<name>/{app}` to pin the app.
pub(super) async fn by_headers(
    door: Shared,
    dialect: &'static Dialect,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let path = parts.uri.path();
    let pinned = path
        .strip_prefix("/verify/")
        .and_then(|rest| rest.strip_prefix(dialect.name));
    let pinned = pinned
        .and_then(|rest| rest.strip_prefix('/'))
        .map(ToOwned::to_owned);
    judge(&door, dialect, pinned.as_deref(), &parts).await
}

/// Answers Envoy: `/verify/envoy/{app}`, and behind it the raw path that was asked for.
pub(super) async fn envoy(State(door): State<Shared>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let pinned = envoy::pinned(&parts).map(ToOwned::to_owned);
    judge(&door, &envoy::DIALECT, pinned.as_deref(), &parts).await
}

async fn judge(door: &Door, dialect: &Dialect, pinned: Option<&str>, parts: &Parts) -> Response {
    match try_judge(door, dialect, pinned, parts).await {
        Ok(response) => response,
        Err(reason) => {
            let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
            let peer = peer.map(|peer| tracing::field::display(peer.0.ip()));
            tracing::info!(
                dialect = dialect.name,
                app = pinned,
                reason = reason.to_string(),
                peer,
                "denied"
            );
            reply(dialect.manner, &Answer::Unclear)
        }
    }
}

async fn try_judge(
    door: &Door,
    dialect: &Dialect,
    pinned: Option<&str>,
    parts: &Parts,
) -> Result<Response, Unclear> {
    let peer = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .ok_or(Unclear::Peer)?;
    if !door.trusted.trusts(peer.0.ip().to_canonical()) {
        return Err(Unclear::Peer);
    }
    let request = (dialect.read)(parts)?;
    let target = door.services.gate.target(&request, pinned)?;
    let outcome = decide(door, &target, parts).await;
    let answer = Answer::to(door, &target, (&request, &parts.headers), outcome);
    log(door, dialect.name, (&target, &request), (&answer, parts));
    let mut response = reply(dialect.manner, &answer);
    if dialect.returns_cookies && matches!(answer, Answer::Allow { .. }) {
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
    door: &Door,
    dialect: &'static str,
    (target, request): (&Target<'_>, &OriginalRequest),
    (answer, parts): (&Answer<'_>, &Parts),
) {
    let app = target.app.id.as_str();
    if let Answer::Allow { subject, .. } = answer {
        tracing::debug!(dialect, app, %subject, "allowed");
    }
    let Some(reason) = answer.denial() else {
        return;
    };
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let client =
        peer.map(|peer| client_address(&door.trusted, peer.0.ip().to_canonical(), &parts.headers));
    tracing::info!(
        dialect,
        app,
        reason,
        method = request.method().as_str(),
        host = %request.authority(),
        path = request.path().as_str(),
        client = client.map(tracing::field::display),
        request_id = forwarded_request_id(&parts.headers),
        "denied"
    );
}

/// Judges a request by its session cookies.
pub(super) async fn decide(
    door: &Door,
    target: &Target<'_>,
    parts: &Parts,
) -> Result<Decision, Failure> {
    let presented = if target.needs_session() {
        SessionCookie::new(&door.cookie_name, target.app, target.entry).presented(&parts.headers)
    } else {
        Presented::default()
    };
    door.services.gate.decide(target, &presented.tokens).await
}
