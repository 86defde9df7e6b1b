//! `/healthz` and `/readyz`, on the internal listener alone.
//!
//! Must not tell more than a word: what is wrong is in the log.

use std::sync::atomic::Ordering;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Shared;
use crate::services::NotReady;

/// 200 as long as the process serves.
pub(super) async fn healthz() -> Response {
    text(StatusCode::OK, "ok\n")
}

/// 200 when requests may be sent here; 503 while a store is down or the process is shutting down.
pub(super) async fn readyz(State(door): State<Shared>) -> Response {
    if door.draining.load(Ordering::SeqCst) {
        return text(StatusCode::SERVICE_UNAVAILABLE, "shutting down\n");
    }
    match door.services.ready().await {
        Ok(()) => text(StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready: a store does not answer");
            text(StatusCode::SERVICE_UNAVAILABLE, unavailable(&error))
        }
    }
}

/// Names what is missing as an operator does, and nothing of how it is reached.
fn unavailable(error: &NotReady) -> &'static str {
    match error {
        NotReady::Database(_) => "database unavailable\n",
        NotReady::Sessions(_) => "Redis unavailable\n",
        NotReady::Both(_) => "database and Redis unavailable\n",
    }
}

fn text(status: StatusCode, body: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body).into_response()
}
