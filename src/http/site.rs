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

use super::peer::Peer;
use super::{Shared, remainder};

/// Answers the requests of one connection after another.
pub(crate) trait Site: Clone + Send + Sync + 'static {
    /// What is known of the other end of a connection.
    type Peer: Clone + Send + Sync + 'static;

    /// The most header lines of a request in HTTP/1.
    const MOST_LINES: usize;

    /// How many requests may be under way at once on one connection of HTTP/2.
    const MOST_AT_ONCE: u32;

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
const STRANGERS: Duration = Duration::from_secs(10);

/// How long a listed proxy may. Longer than any of them does by itself (Envoy: an hour), so that none is closed here at
/// the very moment in which it is used again.
const PROXIES: Duration = Duration::from_secs(65 * 60);

/// How long this peer may keep a connection without asking anything.
pub(super) const fn patience(peer: Peer) -> Duration {
    if peer.trusted { PROXIES } else { STRANGERS }
}

/// The pages, and the gateway behind them: for everybody. Handlers find the peer as [`ConnectInfo`].
#[derive(Debug, Clone)]
pub(crate) struct Public {
    pub(super) door: Shared,
    pub(super) router: Router,
}

impl Site for Public {
    type Peer = (Peer, SocketAddr);

    /// Beyond the 500 that our example lets Envoy pass on.
    const MOST_LINES: usize = 512;

    const MOST_AT_ONCE: u32 = 64;

    fn peer(&self, address: SocketAddr) -> Self::Peer {
        (Peer::new(&self.door, address), address)
    }

    fn patience(&self, (peer, _): &Self::Peer) -> Duration {
        patience(*peer)
    }

    async fn answer(self, (_, peer): Self::Peer, request: Request<Incoming>) -> Response {
        let (mut request, remainder) = remainder::lend(request);
        request.extensions_mut().insert(ConnectInfo(peer));
        let answer: Result<Response, Infallible> = self.router.oneshot(request).await;
        remainder.take_in().await;
        answer.unwrap_or_else(|never| match never {})
    }
}
