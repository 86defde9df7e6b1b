//! How long an app may be silent: counted from the last part of the request that was passed on, so that a long upload
//! is not cut off for being long.
//!
//! Must not hold anything back: bodies stream.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use http_body_util::BodyExt;
use tokio::time::timeout;

/// How much of a request has been passed on.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress(Arc<AtomicU64>);

impl Progress {
    /// Counts the parts of the request's body as they pass.
    pub(super) fn watch(&self, request: Request) -> Request {
        let progress = self.clone();
        request.map(|body| {
            if body.is_end_stream() {
                return body;
            }
            Body::new(body.map_frame(move |frame| {
                progress.0.fetch_add(1, Ordering::Relaxed);
                frame
            }))
        })
    }

    /// The answer, or nothing after `silence` without progress.
    pub(super) async fn wait<T>(
        &self,
        silence: Duration,
        answer: impl Future<Output = T>,
    ) -> Option<T> {
        let mut answer = pin!(answer);
        loop {
            let before = self.0.load(Ordering::Relaxed);
            if let Ok(answer) = timeout(silence, answer.as_mut()).await {
                return Some(answer);
            }
            if self.0.load(Ordering::Relaxed) == before {
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SILENCE: Duration = Duration::from_millis(40);

    #[tokio::test]
    async fn an_app_that_says_nothing_is_given_up() {
        let progress = Progress::default();
        assert_eq!(
            progress.wait(SILENCE, std::future::pending::<()>()).await,
            None
        );
    }

    #[tokio::test]
    async fn a_body_that_moves_is_waited_for_however_long() {
        let progress = Progress::default();
        let parts = futures_util::stream::unfold(0_u8, async |sent| {
            tokio::time::sleep(SILENCE / 4).await;
            (sent < 12).then_some((Ok::<_, std::io::Error>(vec![sent]), sent + 1))
        });
        let request = progress.watch(Request::new(Body::from_stream(parts)));
        let answer = async {
            request
                .into_body()
                .collect()
                .await
                .unwrap()
                .to_bytes()
                .len()
        };
        assert_eq!(progress.wait(SILENCE, answer).await, Some(12));
    }

    #[test]
    fn a_request_without_a_body_stays_one() {
        let request = Progress::default().watch(Request::new(Body::empty()));
        assert!(request.body().is_end_stream());
    }
}
