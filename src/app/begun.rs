//! Waiting for the first bytes of a connection.
//!
//! Which version of HTTP a client speaks is told by its first bytes, and the server below waits for those without an
//! end: whoever opened connections and kept silent could hold every place of the listener. Must not take a byte off a
//! connection that goes on.

use std::io;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// What an HTTP/2 connection begins with (RFC 9113, section 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How long to wait before another look at a connection that has begun to look like HTTP/2.
const PAUSE: Duration = Duration::from_millis(20);

/// The version that the first bytes tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// HTTP/1.0 or 1.1.
    Http1,
    /// HTTP/2 without TLS.
    Http2,
}

/// The version that a connection begins with, if it begins within this time.
///
/// # Errors
///
/// When it does not, or breaks before.
pub(super) async fn version(stream: &TcpStream, within: Duration) -> io::Result<Version> {
    let told = timeout(within, told(stream)).await;
    told.unwrap_or_else(|late| Err(late.into()))
}

/// Takes off what has come, so that a client whose connection is closed now sees an end and not a reset.
pub(super) fn discard(stream: &TcpStream) {
    let _ = stream.try_read(&mut [0; PREFACE.len()]);
}

/// Done when the first bytes are no beginning of the preface, or all of it.
async fn told(stream: &TcpStream) -> io::Result<Version> {
    let mut bytes = [0; PREFACE.len()];
    loop {
        let length = stream.peek(&mut bytes).await?;
        let begun = bytes.get(..length).unwrap_or_default();
        if begun.len() == PREFACE.len() && begun == PREFACE {
            return Ok(Version::Http2);
        }
        if begun.is_empty() || !PREFACE.starts_with(begun) {
            return Ok(Version::Http1);
        }
        sleep(PAUSE).await;
    }
}
