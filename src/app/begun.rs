//! Waiting for the first bytes of a connection.
//!
//! Which version of HTTP a client speaks is told by its first bytes, and the server below waits for those without an
//! end: whoever opened connections and kept silent could hold every file descriptor of the process. Must not take a
//! byte off a connection that goes on.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use axum_server::accept::Accept;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// What an HTTP/2 connection begins with (RFC 9113, section 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How long to wait before another look at a connection that has begun to look like HTTP/2.
const PAUSE: Duration = Duration::from_millis(20);

/// Closes a connection that does not begin in time, or before the listener is to stop.
#[derive(Debug, Clone)]
pub(super) struct Begun {
    /// How long it may take.
    pub(super) within: Duration,
    /// True when nothing new is taken any more.
    pub(super) stopping: watch::Receiver<bool>,
}

impl<S: Send + 'static> Accept<TcpStream, S> for Begun {
    type Stream = TcpStream;
    type Service = S;
    type Future = Pin<Box<dyn Future<Output = io::Result<(TcpStream, S)>> + Send>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let Self {
            within,
            mut stopping,
        } = self.clone();
        Box::pin(async move {
            let told = tokio::select! {
                told = timeout(within, version_is_told(&stream)) => told.unwrap_or_else(|late| Err(late.into())),
                _ = stopping.wait_for(|stopping| *stopping) => Err(io::ErrorKind::ConnectionAborted.into()),
            };
            if told.is_err() {
                // With bytes left unread the client would see a reset and not an end.
                let _ = stream.try_read(&mut [0; PREFACE.len()]);
            }
            told.map(|()| (stream, service))
        })
    }
}

/// Done when the first bytes are no beginning of the preface, or all of it.
async fn version_is_told(stream: &TcpStream) -> io::Result<()> {
    let mut bytes = [0; PREFACE.len()];
    loop {
        let length = stream.peek(&mut bytes).await?;
        let begun = bytes.get(..length).unwrap_or_default();
        if begun.is_empty() || begun.len() == PREFACE.len() || !PREFACE.starts_with(begun) {
            return Ok(());
        }
        sleep(PAUSE).await;
    }
}
