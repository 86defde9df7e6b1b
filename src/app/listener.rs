//! One HTTP listener: bound, served, drained.
//!
//! Its limits hold for every connection: a client that is slow to send its head, or sends a long one, is cut off. Must
//! not know any route.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum_server::Handle;
use hyper_util::rt::TokioTimer;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::begun::Begun;

/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How often an HTTP/2 client is asked whether it is still there, and how long it may take to say so.
const PING_EVERY: Duration = Duration::from_secs(20);
const PONG_WITHIN: Duration = Duration::from_secs(10);
/// The longest head of a request, in bytes.
const MAX_HEAD: u32 = 64 * 1024;

/// The most header lines of a request: as many as the proxies in front pass on.
const MAX_LINES: usize = 512;

/// A bound socket.
#[derive(Debug)]
pub(super) struct Listener {
    socket: TcpListener,
    address: SocketAddr,
}

/// A listener that is being served.
pub(super) struct Serving {
    task: JoinHandle<std::io::Result<()>>,
    handle: Handle<SocketAddr>,
    alive: watch::Receiver<()>,
    stop: watch::Sender<bool>,
}

impl Listener {
    /// Binds `address`; `key` is the configuration's name for it, for the error.
    pub(super) fn bind(key: &str, address: SocketAddr) -> anyhow::Result<Self> {
        let bind = || {
            let socket = TcpListener::bind(address)?;
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

    /// Serves `router` on it.
    pub(super) fn serve(self, router: Router) -> Serving {
        let handle = Handle::new();
        let (still, alive) = watch::channel(());
        let (stop, stopping) = watch::channel(false);
        let begun = Begun {
            within: HEAD_TIMEOUT,
            stopping,
        };
        let serving = handle.clone();
        let task = tokio::spawn(async move {
            let _still = still;
            let mut server = axum_server::from_tcp(self.socket)?
                .handle(serving)
                .acceptor(begun);
            let builder = server.http_builder();
            builder
                .http1()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_TIMEOUT)
                .max_buf_size(MAX_HEAD as usize)
                .max_headers(MAX_LINES);
            let mut http2 = builder.http2();
            http2
                .timer(TokioTimer::new())
                .max_header_list_size(MAX_HEAD);
            http2
                .keep_alive_interval(PING_EVERY)
                .keep_alive_timeout(PONG_WITHIN);
            server
                .serve(router.into_make_service_with_connect_info::<SocketAddr>())
                .await
        });
        Serving {
            task,
            handle,
            alive,
            stop,
        }
    }
}

impl Serving {
    /// Is done when the listener has stopped by itself.
    pub(super) async fn failed(&self) {
        let mut alive = self.alive.clone();
        while alive.changed().await.is_ok() {}
    }

    /// Takes no new connection, and waits for those that are busy.
    pub(super) async fn finish(self, patience: Duration) -> anyhow::Result<()> {
        self.stop.send_replace(true);
        self.handle.graceful_shutdown(Some(patience));
        Ok(self.task.await??)
    }
}
