//! One HTTP listener: bound, served, drained.
//!
//! It holds a bounded number of connections. Whoever comes when there is no place waits in the system's queue and is
//! not even accepted, so that a flood costs this listener its own places and the process nothing else. Must not know
//! any route.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connection::{Connection, Ending};
use crate::http::Site;

/// How often an HTTP/2 client is asked whether it is still there, and how long it may take to say so.
const PING_EVERY: Duration = Duration::from_secs(20);
const PONG_WITHIN: Duration = Duration::from_secs(10);
/// The longest head of a request, in bytes.
const MAX_HEAD: u32 = 64 * 1024;
/// How long to wait before another attempt where the system could not hand out a connection.
const PAUSE: Duration = Duration::from_millis(50);

/// A bound socket.
#[derive(Debug)]
pub(super) struct Listener {
    socket: std::net::TcpListener,
    address: SocketAddr,
}

/// A listener that is being served.
pub(super) struct Serving {
    accepting: JoinHandle<()>,
    /// Done when nobody accepts any more.
    ended: CancellationToken,
    ending: Ending,
    connections: TaskTracker,
}

impl Listener {
    /// Binds `address`; `key` is the configuration's name for it, for the error.
    pub(super) fn bind(key: &str, address: SocketAddr) -> anyhow::Result<Self> {
        let bind = || {
            let socket = std::net::TcpListener::bind(address)?;
            socket.set_nonblocking(true)?;
            let address = socket.local_addr()?;
            Ok::<_, std::io::Error>(Self { socket, address })
        };
        bind().with_context(|| format!("{key}: can't listen on {address}"))
    }

    /// The address that was bound, with the port that the system chose for port 0.
    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves `site` on it, to at most `places` connections at once.
    ///
    /// # Errors
    ///
    /// When the runtime can't watch the socket.
    pub(super) fn serve<S: Site>(self, site: S, places: usize) -> anyhow::Result<Serving> {
        let socket = TcpListener::from_std(self.socket).context("the listener")?;
        let (ended, ending) = (CancellationToken::new(), Ending::default());
        let connections = TaskTracker::new();
        let accepting = accept_all(
            (socket, Arc::new(Semaphore::new(places))),
            (site, ending.clone()),
            connections.clone(),
        );
        let ends = ended.clone().drop_guard();
        Ok(Serving {
            accepting: tokio::spawn(async move {
                let _ends = ends;
                accepting.await;
            }),
            ended,
            ending,
            connections,
        })
    }
}

impl Serving {
    /// Is done when the listener has stopped by itself.
    pub(super) async fn failed(&self) {
        self.ended.cancelled().await;
    }

    /// Takes no new connection, and waits for those that are busy.
    pub(super) async fn finish(self, patience: Duration) -> anyhow::Result<()> {
        self.ending.begin();
        let accepting = self.accepting.await;
        self.connections.close();
        if timeout(patience, self.connections.wait()).await.is_err() {
            self.ending.cut_off();
            self.connections.wait().await;
        }
        accepting.context("the listener panicked")
    }
}

/// Accepts and serves until the end begins.
async fn accept_all<S: Site>(
    (socket, places): (TcpListener, Arc<Semaphore>),
    (site, ending): (S, Ending),
    connections: TaskTracker,
) {
    let builder = Arc::new(builder::<S>());
    let mut failing = false;
    loop {
        let next = tokio::select! {
            biased;
            () = ending.begun() => return,
            next = accept(&socket, &places) => next,
        };
        match next {
            Ok((stream, address, place)) => {
                failing = false;
                let connection = Connection {
                    builder: Arc::clone(&builder),
                    ending: ending.for_one(),
                    place,
                };
                connections.spawn(connection.serve(stream, address, site.clone()));
            }
            Err(error) => {
                if !failing {
                    tracing::warn!(%error, "connections can't be accepted");
                }
                failing = true;
                sleep(PAUSE).await;
            }
        }
    }
}

async fn accept(
    socket: &TcpListener,
    places: &Arc<Semaphore>,
) -> std::io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await;
    let place = place.map_err(std::io::Error::other)?;
    let (stream, address) = socket.accept().await?;
    // A connection that is gone already has no such option and will say so itself.
    let _ = stream.set_nodelay(true);
    Ok((stream, address, place))
}

fn builder<S: Site>() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    // Time is kept by the connection, which knows a slow head from one that has not begun.
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .max_buf_size(MAX_HEAD as usize)
        .max_headers(S::MOST_LINES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(MAX_HEAD)
        .max_concurrent_streams(S::MOST_AT_ONCE)
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PONG_WITHIN);
    builder
}
