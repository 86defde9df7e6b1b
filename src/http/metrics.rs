//! What the operators' monitoring is told, at `/metrics` on the internal listener alone.
//!
//! Whatever happens per request is counted on handles that were looked up at the start: two additions and one
//! observation, with no lock and no label set to hash. Everything else is read from the other parts when somebody
//! asks. Must not wait for a store, and must not have a label whose values a visitor can choose: no user, no path, no
//! address, no host (see [`words`]).

mod counters;
mod exposition;
mod names;
mod parts;
mod process;
mod words;

use std::time::Instant;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use prometheus::{Histogram, HistogramOpts, Registry};

use super::Shared;
use crate::domain::app::Apps;
use crate::domain::clock::Timestamp;
use crate::domain::ids::AppId;
use counters::{ByApp, ByWord};
use words::Class;

pub(in crate::http) use words::{
    Budget, Outcome, ProviderSignIn, Refused, Registered, SignedIn, Word,
};

/// Every number that is counted here, and how to show all of them.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    decisions: ByApp<Outcome>,
    refused: ByWord<Refused>,
    duration: Histogram,
    sign_ins: ByWord<SignedIn>,
    provider_sign_ins: ByWord<ProviderSignIn>,
    registrations: ByWord<Registered>,
    limited: ByWord<Budget>,
    pages: ByWord<Class>,
    about: About,
}

/// What stays the same for as long as the process runs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct About {
    /// When it started.
    pub(crate) started: Timestamp,
    /// Where sessions are kept: `sqlite`, `postgres` or `redis`.
    pub(crate) store: &'static str,
}

impl Metrics {
    /// All numbers at zero.
    ///
    /// # Errors
    ///
    /// When a metric has an impossible name, which no configuration can bring about.
    pub(crate) fn new(apps: &Apps, about: About) -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let name = names::VERIFY_DURATION;
        let opts = HistogramOpts::new(name.name, name.help).buckets(BUCKETS.to_vec());
        let duration = Histogram::with_opts(opts)?;
        registry.register(Box::new(duration.clone()))?;
        let apps = apps.iter().map(|app| &app.id);
        Ok(Self {
            decisions: ByApp::new(&registry, names::DECISIONS, apps)?,
            refused: ByWord::new(&registry, names::REFUSED)?,
            duration,
            sign_ins: ByWord::new(&registry, names::SIGN_INS)?,
            provider_sign_ins: ByWord::new(&registry, names::PROVIDER_SIGN_INS)?,
            registrations: ByWord::new(&registry, names::REGISTRATIONS)?,
            limited: ByWord::new(&registry, names::LIMITED)?,
            pages: ByWord::new(&registry, names::PAGES)?,
            registry,
            about,
        })
    }

    /// Counts what was said about a request for `app` whose judgement began at `began`.
    pub(in crate::http) fn verified(&self, app: &AppId, outcome: Outcome, began: Instant) {
        self.decisions.add(app, outcome);
        self.duration.observe(began.elapsed().as_secs_f64());
    }

    /// Counts a request that was refused before it was known for which app it is.
    pub(in crate::http) fn refused(&self, reason: Refused, began: Instant) {
        self.refused.add(reason);
        self.duration.observe(began.elapsed().as_secs_f64());
    }

    /// Counts how a sign-in ended.
    pub(in crate::http) fn signed_in(&self, outcome: SignedIn) {
        self.sign_ins.add(outcome);
    }

    /// Counts how a sign-in at a provider ended.
    pub(in crate::http) fn signed_in_at_provider(&self, outcome: ProviderSignIn) {
        self.provider_sign_ins.add(outcome);
    }

    /// Counts how a registration ended.
    pub(in crate::http) fn registered(&self, outcome: Registered) {
        self.registrations.add(outcome);
    }

    /// Counts a request that was turned away because the client's address had used up a budget.
    pub(in crate::http) fn limited(&self, budget: Budget) {
        self.limited.add(budget);
        match budget {
            Budget::SignIn => self.signed_in(SignedIn::RateLimited),
            Budget::Registration => self.registered(Registered::RateLimited),
            Budget::Reset | Budget::General => {}
        }
    }

    /// Counts the answer to a page request.
    pub(in crate::http) fn answered(&self, status: StatusCode) {
        self.pages.add(Class::from(status));
    }
}

/// The bounds of the histogram, in seconds: from 10 µs to 1 s, and 0.2 s, after which nobody is kept waiting.
const BUCKETS: [f64; 16] = [
    1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.2, 0.5, 1.0,
];

/// `GET /metrics`.
pub(super) async fn show(State(door): State<Shared>) -> Response {
    let mut families = door.metrics.registry.gather();
    families.extend(parts::read(&door));
    match exposition::text(families) {
        Ok(text) => {
            let headers = [
                (header::CONTENT_TYPE, exposition::CONTENT_TYPE),
                (header::CACHE_CONTROL, "no-store"),
            ];
            (StatusCode::OK, headers, text).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "the metrics could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
