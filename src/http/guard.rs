//! The gate before the built-in gateway: the same judgement as the verify endpoints, on the request itself.
//!
//! What may pass goes on with an [`Admitted`] beside it; everything else is answered here.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;

use super::cookie::SessionCookie;
use super::extract::client_address;
use super::verify::{Answer, Manner, Unclear, decide, reply};
use super::{Door, Shared};
use crate::domain::admitted::Admitted;
use crate::domain::original_request::OriginalRequest;

const MANNER: Manner = Manner::PassedOn { aliases: false };

/// The gate, as middleware.
pub(super) async fn admit(State(door): State<Shared>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match judge(&door, &parts).await {
        Ok(Ok(admitted)) => {
            parts.extensions.insert(admitted);
            next.run(Request::from_parts(parts, body)).await
        }
        Ok(Err(response)) => *response,
        Err(reason) => {
            tracing::info!(dialect = "gateway", %reason, "denied");
            reply(MANNER, &Answer::Unclear)
        }
    }
}

async fn judge(door: &Door, parts: &Parts) -> Result<Result<Admitted, Box<Response>>, Unclear> {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().ok_or(Unclear::Peer)?.0.ip().to_canonical();
    let request = read(parts)?;
    let target = door.services.gate.target(&request, None)?;
    let outcome = decide(door, &target, parts).await;
    let answer = Answer::to(door, &target, (&request, &parts.headers), outcome);
    answer.log("gateway", &target);
    let Answer::Allow { value, .. } = answer else {
        return Ok(Err(Box::new(reply(MANNER, &answer))));
    };
    Ok(Ok(Admitted {
        app: target.app.id.clone(),
        identity: value.to_str().unwrap_or_default().to_owned(),
        cookie_name: SessionCookie::new(&door.cookie_name, target.app, target.entry).name().to_owned(),
        client: client_address(&door.trusted, peer, &parts.headers),
        scheme: target.entry.scheme(),
        host: target.origin.host().into_owned(),
    }))
}

fn read(parts: &Parts) -> Result<OriginalRequest, Unclear> {
    let host = parts.headers.get(header::HOST).map(|host| host.to_str().map_err(|_| Unclear::NotText("host")));
    let host = match host.transpose()? {
        Some(host) => host,
        None => parts.uri.authority().ok_or(Unclear::Missing("host"))?.as_str(),
    };
    let uri = parts.uri.path_and_query().ok_or(Unclear::Missing("path"))?;
    Ok(OriginalRequest::new(parts.method.as_str(), host, uri.as_str())?)
}
