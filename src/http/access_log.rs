//! One line for each page request.
//!
//! Must not log a query (it may carry a return address with secrets of the app), a cookie or an e-mail address.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::Request;
use axum::http::Method;
use axum::response::Response;
use opentelemetry::trace::TraceId;

use super::extract::Facts;

/// A line that has begun.
pub(super) struct Line {
    method: Method,
    path: String,
    facts: Arc<Facts>,
    trace_id: Option<TraceId>,
    began: Instant,
}

impl Line {
    pub(super) fn begin(request: &Request, facts: &Arc<Facts>, trace_id: Option<TraceId>) -> Self {
        Self {
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            facts: Arc::clone(facts),
            trace_id,
            began: Instant::now(),
        }
    }

    pub(super) fn end(self, response: &Response) {
        let Self {
            method,
            path,
            facts,
            trace_id,
            began,
        } = self;
        let micros = u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX);
        tracing::info!(
            target: "doorward::access",
            method = %method,
            path,
            status = response.status().as_u16(),
            duration_ms = f64::from(micros) / 1000.0,
            app = facts.here.as_ref().map_or("-", |here| here.place.app.id.as_str()),
            client = %facts.client,
            request_id = facts.request_id,
            trace_id = trace_id.map(tracing::field::display),
            "request"
        );
    }
}
