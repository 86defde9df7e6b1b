//! The built-in reverse proxy, for installations that have no other: forwards what the guard admitted.
//!
//! Must not judge anything: a request without an [`Admitted`] beside it is refused.

mod forward;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::body::Body;
use axum_reverse_proxy::{HostBehaviour, ProxyPolicy, ReverseProxy, XForwardedFor};

use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::domain::admitted::Admitted;
use crate::domain::app::Apps;
use crate::domain::ids::AppId;

/// How long an app may take until the head of its answer.
const UPSTREAM_TIMEOUT: Duration = Duration::from_secs(60);

/// One forwarder for each app that has an `upstream`.
type Routes = Arc<HashMap<AppId, Forwarder>>;
type Forwarder = ReverseProxy<HttpConnector>;

/// The gateway, if any app has an `upstream`.
#[must_use]
pub fn router(apps: &Apps) -> Option<Router> {
    let policy = ProxyPolicy::new()
        .with_host_behaviour(HostBehaviour::Preserve)
        .with_x_forwarded_for(XForwardedFor::Preserve)
        .with_upstream_timeout(UPSTREAM_TIMEOUT);
    let client: Client<HttpConnector, Body> = Client::builder(TokioExecutor::new()).build(HttpConnector::new());
    let forwarder = |app: &crate::domain::app::App| {
        let upstream = app.upstream.clone()?;
        Some((app.id.clone(), ReverseProxy::new_with_client("", upstream, client.clone()).with_policy(policy.clone())))
    };
    let routes: Routes = Arc::new(apps.iter().filter_map(|app| forwarder(app)).collect());
    (!routes.is_empty()).then(|| Router::new().fallback(move |request| forward(Arc::clone(&routes), request)))
}

async fn forward(routes: Routes, mut request: Request) -> Response {
    let Some(admitted) = request.extensions_mut().remove::<Admitted>() else {
        tracing::error!("a request reached the gateway without having been judged");
        return StatusCode::FORBIDDEN.into_response();
    };
    let Some(proxy) = routes.get(&admitted.app) else {
        return (StatusCode::NOT_FOUND, "This app has no upstream.\n").into_response();
    };
    // The forwarder would add the peer; the client's address is already settled.
    request.extensions_mut().remove::<ConnectInfo<SocketAddr>>();
    forward::prepare(request.headers_mut(), &admitted);
    match proxy.proxy_request(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}
