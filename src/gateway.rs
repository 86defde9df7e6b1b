//! The built-in reverse proxy, for installations that have no other: forwards what the guard admitted.
//!
//! Must not judge anything: a request without an [`Admitted`] beside it is refused. Must not answer visitors either:
//! where an app can't be reached the guard is told with [`Undelivered`], and finds the words.

mod headers;
mod patience;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_reverse_proxy::{HostBehaviour, ProxyError, ProxyPolicy, ReverseProxy, XForwardedFor};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::domain::admitted::{Admitted, Undelivered};
use crate::domain::app::{App, Apps};
use crate::domain::ids::AppId;
use patience::Progress;

/// How long an app may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an app may be silent before the head of its answer, counted from the last byte it was sent.
const SILENCE: Duration = Duration::from_secs(60);
/// How long a connection to an app is kept for the next request: shorter than servers commonly keep theirs, so that no
/// request meets one that is just being closed.
const KEEP: Duration = Duration::from_secs(4);

/// One forwarder for each app that has an `upstream`.
type Routes = Arc<HashMap<AppId, Forwarder>>;
type Forwarder = ReverseProxy<HttpConnector>;

/// The gateway, if any app has an `upstream`.
#[must_use]
pub(crate) fn router(apps: &Apps) -> Option<Router> {
    let policy = ProxyPolicy::new()
        .with_host_behaviour(HostBehaviour::Preserve)
        .with_x_forwarded_for(XForwardedFor::Preserve);
    let client = client();
    let forwarder = |app: &App| {
        let forwarder = ReverseProxy::new_with_client("", app.upstream.clone()?, client.clone());
        Some((app.id.clone(), forwarder.with_policy(policy.clone())))
    };
    let routes: Routes = Arc::new(apps.iter().filter_map(|app| forwarder(app)).collect());
    (!routes.is_empty())
        .then(|| Router::new().fallback(move |request| forward(Arc::clone(&routes), request)))
}

fn client() -> Client<HttpConnector, Body> {
    let mut connector = HttpConnector::new();
    connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
    connector.set_nodelay(true);
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(KEEP)
        .build(connector)
}

async fn forward(routes: Routes, mut request: Request) -> Response {
    let Some(admitted) = request.extensions_mut().remove::<Admitted>() else {
        tracing::error!("a request reached the gateway without having been judged");
        return StatusCode::FORBIDDEN.into_response();
    };
    let Some(proxy) = routes.get(&admitted.app) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // The forwarder would add the peer; the client's address is already settled.
    request.extensions_mut().remove::<ConnectInfo<SocketAddr>>();
    headers::prepare(request.headers_mut(), &admitted);
    let progress = Progress::default();
    let answer = proxy.proxy_request(progress.watch(request));
    match progress.wait(SILENCE, answer).await {
        None => undelivered(&admitted.app, Undelivered::Late, "no answer for too long"),
        Some(Err(never)) => match never {},
        Some(Ok(response)) => match response.extensions().get::<ProxyError>() {
            None => response,
            Some(error) if response.status() == StatusCode::GATEWAY_TIMEOUT => {
                undelivered(&admitted.app, Undelivered::Late, error.message())
            }
            Some(error) => undelivered(&admitted.app, Undelivered::Unreachable, error.message()),
        },
    }
}

/// An empty answer with the reason beside it, for the guard.
fn undelivered(app: &AppId, why: Undelivered, reason: &str) -> Response {
    tracing::warn!(
        app = app.as_str(),
        reason,
        "a request could not be delivered to the app"
    );
    let mut response = StatusCode::BAD_GATEWAY.into_response();
    response.extensions_mut().insert(why);
    response
}
