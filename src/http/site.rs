//! What a listener serves.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use hyper::body::Incoming;
use tower::ServiceExt as _;

/// Answers the requests of one connection after another.
pub(crate) trait Site: Clone + Send + Sync + 'static {
    /// What is known of the other end of a connection.
    type Peer: Clone + Send + Sync + 'static;

    /// Finds it out, once for each connection.
    fn peer(&self, address: SocketAddr) -> Self::Peer;

    /// How long a connection of this peer may be without a request.
    fn patience(&self, peer: &Self::Peer) -> Duration;

    /// The answer to one request.
    fn answer(
        self,
        peer: Self::Peer,
        request: Request<Incoming>,
    ) -> impl Future<Output = Response> + Send + 'static;
}

/// How long anybody may keep a connection without asking anything.
pub(super) const STRANGERS: Duration = Duration::from_secs(10);

/// The pages: for everybody, so that nobody may keep a connection for long. Handlers find the peer as [`ConnectInfo`].
impl Site for Router {
    type Peer = SocketAddr;

    fn peer(&self, address: SocketAddr) -> SocketAddr {
        address
    }

    fn patience(&self, _: &SocketAddr) -> Duration {
        STRANGERS
    }

    async fn answer(self, peer: SocketAddr, mut request: Request<Incoming>) -> Response {
        request.extensions_mut().insert(ConnectInfo(peer));
        match self.oneshot(request).await {
            Ok(response) => response,
            Err(never) => {
                let never: Infallible = never;
                match never {}
            }
        }
    }
}
