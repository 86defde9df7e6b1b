//! One question of a proxy, or one request at the gateway, as monitoring sees it: counted, timed and traced.
//!
//! Must not change an answer.

use std::time::Instant;

use axum::http::StatusCode;
use opentelemetry::trace::TraceId;

use super::Door;
use super::metrics::{Outcome, Refused, Word as _};
use super::traces::{Came, Trace};
use crate::domain::ids::AppId;

/// A question that is being answered.
#[derive(Debug)]
pub(super) struct Watch<'d> {
    /// Whom it is asked.
    pub(super) door: &'d Door,
    began: Instant,
    trace: Trace,
}

impl<'d> Watch<'d> {
    /// The clock runs from here. `dialect` is who asks: a proxy's name, or the gateway.
    pub(super) fn begin(door: &'d Door, dialect: &'static str, came: Came<'_>) -> Self {
        let began = Instant::now();
        let mut trace = Trace::begin(door, came, || "verify".into());
        trace.note("doorward.dialect", dialect);
        Self { door, began, trace }
    }

    /// The trace of this question, for the log.
    pub(super) fn trace_id(&self, came: Came<'_>) -> Option<TraceId> {
        self.trace.id(came)
    }

    /// It was judged, for this app.
    pub(super) fn judged(&mut self, app: &AppId, outcome: Outcome) {
        self.door.metrics.verified(app, outcome, self.began);
        self.trace.note("doorward.app", app.as_str());
        self.trace.note("doorward.outcome", outcome.as_str());
    }

    /// It was refused before it was known for which app it is.
    pub(super) fn refused(&mut self, reason: Refused) {
        self.door.metrics.refused(reason, self.began);
        self.trace.note("doorward.refused", reason.as_str());
    }

    /// This is the answer.
    pub(super) fn end(self, status: StatusCode) {
        self.trace.end(status);
    }
}
