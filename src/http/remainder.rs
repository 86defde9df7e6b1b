//! The rest of a body that nobody reads.
//!
//! An answer that overtakes the body of its request ends a connection of HTTP/1, and what is then still under way
//! resets it: a proxy may see a broken connection in place of the answer, and tells the visitor 502. So what is left
//! of a small body is taken in before the answer goes out. Must not look at what it takes.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{Version, header};
use http_body_util::BodyExt as _;
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// The most bytes that are taken in. Every form of ours is smaller; a large upload to an app is not waited for.
const MOST: u64 = 64 * 1024;
/// How long they may take to come.
const PATIENCE: Duration = Duration::from_secs(2);

/// What will be left of a body.
#[derive(Debug)]
pub(super) struct Remainder(Option<oneshot::Receiver<Incoming>>);

/// A body that is handed back when it is dropped.
#[derive(Debug)]
struct Lent {
    body: Option<Incoming>,
    back: Option<oneshot::Sender<Incoming>>,
}

/// Lends the request's body to whoever handles it.
pub(super) fn lend(request: Request<Incoming>) -> (Request, Remainder) {
    let (parts, body) = request.into_parts();
    // Whoever waits for a word before it sends its body must not get that word for a body that nobody wants.
    let is_held_back = parts.headers.contains_key(header::EXPECT);
    // HTTP/2 ends a stream and not the connection.
    let is_framed = parts.version > Version::HTTP_11;
    if body.is_end_stream() || is_held_back || is_framed {
        let request = Request::from_parts(parts, Body::new(body));
        return (request, Remainder(None));
    }
    let (back, left) = oneshot::channel();
    let body = Body::new(Lent {
        body: Some(body),
        back: Some(back),
    });
    (Request::from_parts(parts, body), Remainder(Some(left)))
}

impl Remainder {
    /// Takes in what is left, if it is little and comes soon. A body that is still being read is left to its reader.
    pub(super) async fn take_in(self) {
        let left = self.0.and_then(|mut left| left.try_recv().ok());
        let Some(body) = left.filter(|body| body.size_hint().lower() <= MOST) else {
            return;
        };
        // Late, broken or endless: the answer goes out all the same, and the connection ends with it.
        let _ = timeout(PATIENCE, discard(body)).await;
    }
}

async fn discard(mut body: Incoming) {
    let mut taken = 0;
    while let Some(Ok(frame)) = body.frame().await {
        let length = frame.data_ref().map_or(0, Bytes::len);
        taken += u64::try_from(length).unwrap_or(u64::MAX);
        if taken > MOST {
            return;
        }
    }
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map(HttpBody::size_hint)
            .unwrap_or_default()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let body = self.body.take().filter(|body| !body.is_end_stream());
        if let (Some(body), Some(back)) = (body, self.back.take()) {
            // Nobody waits for it any more: the answer has gone.
            let _ = back.send(body);
        }
    }
}
