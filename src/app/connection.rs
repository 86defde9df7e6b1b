//! One connection: served, and ended when it has been quiet for too long.
//!
//! A client that begins a request has little time to finish its head. Between two requests a proxy may be quiet for
//! as long as proxies keep a connection for the next one; if we ended it first, that could be the very moment in which
//! it is used again. An answer that is being made has no limit here; one that is there has to be fetched. Must not know
//! any route.

mod activity;
mod heard;

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::begun::{self, Version};
use crate::http::Site;
use activity::{Activity, Look, Quiet};
use heard::Heard;

/// How long a client may take to begin a connection, or to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an answer may wait for a client that takes none of it.
const STUCK_TIMEOUT: Duration = Duration::from_secs(30);
/// How often a connection is looked at: its limits are kept to within this time.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How long a client may take to say good-bye, or to take what it asked for where everything ends.
const GOOD_BYE: Duration = Duration::from_secs(5);

/// The end of a listener's connections, in two steps.
#[derive(Debug, Clone, Default)]
pub(super) struct Ending {
    finish: CancellationToken,
    cut: CancellationToken,
}

/// What one connection needs to be served.
pub(super) struct Connection {
    pub(super) builder: Arc<Builder<TokioExecutor>>,
    pub(super) ending: Ending,
    /// Its place among the listener's connections, free again when the socket is closed.
    pub(super) place: OwnedSemaphorePermit,
}

impl Ending {
    /// Of the same end, for one connection: waiting for it costs others nothing.
    pub(super) fn for_one(&self) -> Self {
        Self {
            finish: self.finish.child_token(),
            cut: self.cut.clone(),
        }
    }

    /// From now on connections end when they are no longer busy.
    pub(super) fn begin(&self) {
        self.finish.cancel();
    }

    /// Done when [`Ending::begin`] was called.
    pub(super) fn begun(&self) -> impl Future<Output = ()> + '_ {
        self.finish.cancelled()
    }

    /// Connections that are still busy end now.
    pub(super) fn cut_off(&self) {
        self.cut.cancel();
    }
}

impl Connection {
    /// Serves it to its end.
    pub(super) async fn serve<S: Site>(self, stream: TcpStream, address: SocketAddr, site: S) {
        let Self {
            builder,
            ending,
            place,
        } = self;
        let version = tokio::select! {
            version = begun::version(&stream, HEAD_TIMEOUT) => version,
            () = ending.begun() => Err(std::io::ErrorKind::ConnectionAborted.into()),
        };
        let Ok(version) = version else {
            begun::discard(&stream);
            return;
        };
        let peer = site.peer(address);
        let activity = Arc::new(Activity::default());
        let heads_only = version == Version::Http1;
        let mut quiet = Quiet::limits(site.patience(&peer), heads_only, Instant::now());
        let io = TokioIo::new(Heard::new(stream, Arc::clone(&activity), place));
        let service = {
            let activity = Arc::clone(&activity);
            service_fn(move |request: hyper::Request<Incoming>| {
                let open = activity.begin();
                let answer = site.clone().answer(peer.clone(), request);
                async move { Ok::<_, Infallible>(answer.await.map(|body| open.until_sent(body))) }
            })
        };
        let mut connection = pin!(builder.serve_connection_with_upgrades(io, service));
        // In a set it is looked at when it has something to say, and not with every request.
        let reason = {
            let reason = end(&ending, &mut quiet, &activity);
            let mut reason = FuturesUnordered::from_iter([reason]);
            tokio::select! {
                biased;
                _ = connection.as_mut() => return,
                reason = reason.next() => reason,
            }
        };
        if reason == Some(Reason::Slow) {
            return;
        }
        connection.as_mut().graceful_shutdown();
        quiet.hurry(Instant::now());
        tokio::select! {
            _ = connection => {}
            _ = no_longer_fine(&mut quiet, &activity) => {}
            () = ending.cut.cancelled() => {}
        }
    }
}

/// Why a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    /// All connections do.
    Ending,
    /// Nothing is asked.
    Idle,
    /// The head of a request does not come to its end, or an answer is not fetched.
    Slow,
}

/// Waits for a reason.
async fn end(ending: &Ending, quiet: &mut Quiet, activity: &Activity) -> Reason {
    tokio::select! {
        () = ending.begun() => Reason::Ending,
        reason = no_longer_fine(quiet, activity) => reason,
    }
}

/// Looks now and then, until it has been quiet for too long.
async fn no_longer_fine(quiet: &mut Quiet, activity: &Activity) -> Reason {
    loop {
        sleep(LOOK_EVERY).await;
        match quiet.look(activity, Instant::now()) {
            Look::Fine => {}
            Look::Idle => return Reason::Idle,
            Look::Slow => return Reason::Slow,
        }
    }
}
