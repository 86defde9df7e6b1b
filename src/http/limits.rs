//! How much one client may ask of Doorward's own pages: four budgets by address, before any costly work.
//!
//! Verification and what the gateway forwards never come here. What is counted is the client's address that the
//! pipeline found, so no header of a client's own can change it. Each process counts for itself: attempts per account
//! are counted where all nodes see them. Must not read a body.

mod budget;
mod client;
mod limiter;
mod refusals;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::middleware::NoOpMiddleware;
use tower::{Layer, ServiceExt};
use tower_governor::{GovernorError, GovernorLayer};

use super::Shared;
use super::error::Problem;
use super::extract::Facts;
use super::metrics::{Budget, Word};
use super::pages::ErrorKind;
use crate::domain::rate::Rate;

use client::ByClient;
use limiter::Limiter;
use refusals::Refusals;

/// How often one client may ask; nothing where it may as often as it likes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Rates {
    pub(crate) sign_in: Option<Rate>,
    pub(crate) registration: Option<Rate>,
    pub(crate) reset: Option<Rate>,
    pub(crate) general: Option<Rate>,
}

/// The budgets of all clients.
#[derive(Debug)]
pub(crate) struct Limits {
    sign_in: Option<Limiter>,
    registration: Option<Limiter>,
    reset: Option<Limiter>,
    general: Option<Limiter>,
    refusals: Refusals,
}

/// The mark of an answer that was given because a budget was used up.
#[derive(Debug, Clone, Copy)]
struct OverBudget;

impl Limits {
    pub(crate) fn new(rates: Rates) -> Self {
        let limiter = |rate: Option<Rate>| rate.map(|rate| Limiter::new(rate, limiter::MOST));
        Self {
            sign_in: limiter(rates.sign_in),
            registration: limiter(rates.registration),
            reset: limiter(rates.reset),
            general: limiter(rates.general),
            refusals: Refusals::default(),
        }
    }

    /// Forgets the clients whose budget is whole again, and logs how many were refused. To be called once a minute.
    pub(crate) fn tidy(&self) {
        for budget in Budget::ALL.iter().copied() {
            self.of(budget).into_iter().for_each(Limiter::tidy);
        }
        self.refusals.sum_up();
    }

    /// Whether a client's budget has room for one more, which is taken: for what is known only while a request is handled.
    pub(in crate::http) fn has_room(&self, budget: Budget, client: IpAddr) -> bool {
        let limiter = self.of(budget);
        limiter.is_none_or(|limiter| limiter.has_room(client))
    }

    fn of(&self, budget: Budget) -> Option<&Limiter> {
        match budget {
            Budget::SignIn => self.sign_in.as_ref(),
            Budget::Registration => self.registration.as_ref(),
            Budget::Reset => self.reset.as_ref(),
            Budget::General => self.general.as_ref(),
        }
    }
}

/// Lets through what its client's budget has room for, as middleware.
pub(super) async fn check(State(door): State<Shared>, request: Request, next: Next) -> Response {
    let budget = budget::of(&request, &door.base_path);
    let Some((budget, limiter)) = budget.and_then(|budget| Some((budget, door.limits.of(budget)?)))
    else {
        return next.run(request).await;
    };
    let client = request
        .extensions()
        .get::<Arc<Facts>>()
        .map(|facts| facts.client);
    let layer: GovernorLayer<ByClient, NoOpMiddleware, _> =
        GovernorLayer::new(limiter.config()).error_handler(refuse);
    let response = match layer.layer(next).oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    if let Some(client) = client.filter(|_| is_refusal(&response)) {
        let is_proxy = door.trusted.trusts(client);
        door.limits.refusals.note(budget, client, is_proxy);
        door.metrics.limited(budget);
    }
    response
}

/// The limiter tells whole seconds, rounded down: one more is never too early.
fn refuse(error: GovernorError) -> Response {
    let GovernorError::TooManyRequests { wait_time, .. } = error else {
        tracing::error!(%error, "a page request was not counted");
        return Problem::of(ErrorKind::Internal).into_response();
    };
    let wait = Duration::from_secs(wait_time.saturating_add(1));
    let detail = "Too many requests from this address in a short time.";
    let mut response = Problem::too_many("too_many_requests", detail, wait).into_response();
    response.extensions_mut().insert(OverBudget);
    response
}

/// Whether an answer was given because a budget was used up. The access log leaves such answers out: under attack there
/// is nothing else.
pub(super) fn is_refusal(response: &Response) -> bool {
    response.extensions().get::<OverBudget>().is_some()
}
