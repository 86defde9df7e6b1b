//! The gate before the built-in gateway: the same judgement as the verify endpoints, on the request itself.
//!
//! What may pass goes on with an [`Admitted`] beside it; everything else is answered here.

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use super::extract::client_address;
use super::pages::ErrorKind;
use super::peer::Peer;
use super::verify::{Answer, Manner, Unclear, Visitor, decide, log, reply, turn_away};
use super::watch::Watch;
use super::{Door, Shared};
use crate::domain::admitted::{Admitted, Undelivered};
use crate::domain::original_request::OriginalRequest;
use crate::services::gate::Target;

const MANNER: Manner = Manner::PassedOn { aliases: false };

/// The gate, as middleware.
pub(super) async fn admit(State(door): State<Shared>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let came = (Peer::of(&door, &parts.extensions), &parts.headers);
    let mut watch = Watch::begin(&door, "gateway", came);
    let judged = judge(&door, &mut watch, &parts).await;
    watch.end(match &judged {
        Ok(_) => StatusCode::OK,
        Err(response) => response.status(),
    });
    let (admitted, visitor) = match judged {
        Ok(admitted) => admitted,
        Err(response) => return *response,
    };
    parts.extensions.insert(admitted);
    let response = next.run(Request::from_parts(parts, body)).await;
    match response.extensions().get() {
        None => response,
        Some(Undelivered::Unreachable) => turn_away(visitor, ErrorKind::AppUnreachable),
        Some(Undelivered::Late) => turn_away(visitor, ErrorKind::AppLate),
    }
}

/// What the app is to be told, or the answer to a visitor who may not pass.
async fn judge<'d>(
    door: &'d Door,
    watch: &mut Watch<'_>,
    parts: &Parts,
) -> Result<(Admitted, Visitor<'d>), Box<Response>> {
    let visitor = |realm| Visitor::of(door, realm, parts.method.as_str(), &parts.headers);
    let (peer, request, target) = understand(door, parts).map_err(|reason| {
        let unknown = matches!(reason, Unclear::UnknownApp(_));
        watch.refused(reason.word());
        tracing::info!(dialect = "gateway", reason = reason.to_string(), "denied");
        Box::new(turn_away(
            visitor(""),
            if unknown {
                ErrorKind::UnknownHost
            } else {
                ErrorKind::BadRequest
            },
        ))
    })?;
    let visitor = visitor(target.app.id.as_str()).at(&target);
    if target.app.upstream.is_none() {
        return Err(Box::new(turn_away(visitor, ErrorKind::NotFound)));
    }
    let outcome = decide(door, &target, &parts.headers).await;
    let answer = Answer::to(door, &target, (&request, &parts.headers), outcome);
    watch.judged(&target.app.id, answer.outcome());
    let asked = (peer, parts);
    log(watch, "gateway", (&target, &request), (&answer, asked));
    let value = match answer {
        Answer::Allow { value, .. } => value,
        denied => return Err(Box::new(reply(MANNER, denied))),
    };
    let admitted = Admitted {
        app: target.app.id.clone(),
        identity: value.to_str().unwrap_or_default().to_owned(),
        cookie_name: door.session_cookie(target.app, target.entry),
        client: client_address(&door.trusted, peer.ip, &parts.headers),
        scheme: target.entry.scheme(),
        host: target.origin(&request).host().into_owned(),
    };
    Ok((admitted, visitor))
}

fn understand<'d, 'r>(
    door: &'d Door,
    parts: &'r Parts,
) -> Result<(Peer, OriginalRequest<'r>, Target<'d>), Unclear> {
    let peer = Peer::of(door, &parts.extensions).ok_or(Unclear::Peer)?;
    let request = read(parts)?;
    let target = door.services.gate.target(&request, None)?;
    Ok((peer, request, target))
}

fn read(parts: &Parts) -> Result<OriginalRequest<'_>, Unclear> {
    let host = parts
        .headers
        .get(header::HOST)
        .map(|host| host.to_str().map_err(|_| Unclear::NotText("host")));
    let host = match host.transpose()? {
        Some(host) => host,
        None => parts
            .uri
            .authority()
            .ok_or(Unclear::Missing("host"))?
            .as_str(),
    };
    let uri = parts.uri.path_and_query().ok_or(Unclear::Missing("path"))?;
    Ok(OriginalRequest::new(
        parts.method.as_str(),
        host,
        uri.as_str(),
    )?)
}
