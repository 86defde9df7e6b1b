//! Refused requests, told to the log without flooding it.
//!
//! A client is named once a minute for each budget, and only so many clients; the rest is a number.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ipnet::IpNet;

use super::client::network;
use crate::http::metrics::{Budget, Word};

/// How many lines name a client before the next [`Refusals::sum_up`].
const MOST_NAMED: usize = 100;

/// What was refused.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    named: Mutex<HashSet<(&'static str, IpNet)>>,
    unnamed: AtomicU64,
}

impl Refusals {
    /// Logs one, if this client was not named lately.
    pub(super) fn note(&self, budget: Budget, client: IpAddr, is_proxy: bool) {
        if !self.is_to_be_named(budget, network(client, false)) {
            self.unnamed.fetch_add(1, Ordering::Relaxed);
        } else if is_proxy {
            tracing::info!(
                budget = budget.as_str(),
                %client,
                "too many requests from one address, which is a trusted proxy's: \
                 does it say in X-Forwarded-For whom it asks for?"
            );
        } else {
            tracing::info!(budget = budget.as_str(), %client, "too many requests from one address");
        }
    }

    /// Logs how many were not named, and begins to name clients anew.
    pub(super) fn sum_up(&self) {
        self.named().clear();
        let refused = self.unnamed.swap(0, Ordering::Relaxed);
        if refused > 0 {
            tracing::info!(
                refused,
                "more requests were refused because of their number"
            );
        }
    }

    fn is_to_be_named(&self, budget: Budget, client: IpNet) -> bool {
        let mut named = self.named();
        named.len() < MOST_NAMED && named.insert((budget.as_str(), client))
    }

    fn named(&self) -> MutexGuard<'_, HashSet<(&'static str, IpNet)>> {
        // A set is whole after each of its operations, whatever panicked beside it.
        self.named.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_named_once_and_no_flood_of_clients_floods_the_log() {
        let refusals = Refusals::default();
        let client = |number: u8| network([203, 0, 113, number].into(), false);
        assert!(refusals.is_to_be_named(Budget::SignIn, client(1)));
        assert!(!refusals.is_to_be_named(Budget::SignIn, client(1)));
        assert!(refusals.is_to_be_named(Budget::General, client(1)));
        let named =
            (2..=255).filter(|number| refusals.is_to_be_named(Budget::SignIn, client(*number)));
        assert_eq!(named.count(), MOST_NAMED - 2);
        for _ in 0..3 {
            refusals.note(Budget::SignIn, [203, 0, 113, 1].into(), false);
        }
        assert_eq!(refusals.unnamed.load(Ordering::Relaxed), 3);
        refusals.sum_up();
        assert!(refusals.is_to_be_named(Budget::SignIn, client(1)));
        assert_eq!(refusals.unnamed.load(Ordering::Relaxed), 0);
    }
}
