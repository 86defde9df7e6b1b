//! The internal listener: verification, asked once for each request of every app, and next to it what operators ask.
//!
//! A question is recognised by its path and answered here, with nothing between the connection and the judgement: no
//! router, no middleware, and few allocations where the session is known. Everything else is routed as usual.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use axum::body::{Bytes, HttpBody};
use axum::extract::{ConnectInfo, Request};
use axum::http::Method;
use axum::response::Response;
use axum::routing::get;
use axum::{BoxError, Router};
use hyper::body::Incoming;
use tower::ServiceExt as _;

use super::peer::Peer;
use super::pipeline::leave_out_body;
use super::site::{self, Site};
use super::verify::Endpoint;
use super::{Shared, health, metrics, verify, wire};

/// Everything on the internal listener.
#[derive(Debug, Clone)]
pub(crate) struct Internal {
    door: Shared,
    operations: Router,
}

impl Internal {
    /// Serves `door`.
    pub(crate) fn new(door: Shared) -> Self {
        let operations = Router::new()
            .route("/healthz", get(health::healthz))
            .route("/readyz", get(health::readyz))
            .route("/metrics", get(metrics::show))
            .with_state(Shared::clone(&door));
        Self { door, operations }
    }

    /// The same as a router that takes every request for one of `peer`.
    pub(crate) fn router(self, peer: SocketAddr) -> Router {
        Router::new().fallback(move |request: Request| self.clone().ask(peer, request))
    }

    /// The answer to one request of `peer`.
    pub(crate) fn ask(
        self,
        peer: SocketAddr,
        request: Request,
    ) -> impl Future<Output = Response> + Send {
        let from = self.peer(peer);
        self.reply(from, request)
    }

    /// The answer to one request.
    async fn reply<B>(self, (peer, address): (Peer, SocketAddr), request: Request<B>) -> Response
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let head = request.method() == Method::HEAD;
        let closes = wire::closes(request.headers());
        let mut response = if let Some(refusal) = wire::refusal(&request) {
            refusal
        } else {
            let (parts, body) = request.into_parts();
            if let Some(endpoint) = Endpoint::of(&parts.uri) {
                drop(body);
                verify::answer(&self.door, endpoint, (peer, &parts)).await
            } else {
                // Rare, and large: kept off the path of the others.
                let operation = self.operate(address, Request::from_parts(parts, body));
                return Box::pin(operation).await;
            }
        };
        if head {
            leave_out_body(&mut response);
        }
        if closes {
            wire::close(&mut response);
        }
        response
    }

    async fn operate<B>(self, peer: SocketAddr, mut request: Request<B>) -> Response
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let closes = wire::closes(request.headers());
        request.extensions_mut().insert(ConnectInfo(peer));
        let answer: Result<Response, Infallible> = self.operations.oneshot(request).await;
        let mut response = answer.unwrap_or_else(|never| match never {});
        if closes {
            wire::close(&mut response);
        }
        response
    }
}

impl Site for Internal {
    type Peer = (Peer, SocketAddr);

    /// nginx puts up to 200 lines of a browser into its question and adds its own. Each request takes room for as many
    /// as there may be, so that there are no more than are needed.
    const MOST_LINES: usize = 256;

    /// Proxies ask for many visitors over one connection.
    const MOST_AT_ONCE: u32 = 256;

    fn peer(&self, address: SocketAddr) -> Self::Peer {
        (Peer::new(&self.door, address), address)
    }

    fn patience(&self, (peer, _): &Self::Peer) -> Duration {
        site::patience(*peer)
    }

    async fn answer(self, peer: Self::Peer, request: Request<Incoming>) -> Response {
        self.reply(peer, request).await
    }
}
