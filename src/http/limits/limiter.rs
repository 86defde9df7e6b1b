//! One budget for each client, in bounded memory.
//!
//! A client whose budget is whole again is forgotten. Whoever owns many networks could still fill the memory: past a
//! bound, clients are counted by their provider's network, which nobody has many of.

use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use governor::middleware::NoOpMiddleware;
use tower_governor::governor::{GovernorConfig, GovernorConfigBuilder};

use super::client::{ByClient, network};
use crate::domain::rate::Rate;

/// How many clients are counted each by itself: some ten megabytes of them.
pub(super) const MOST: usize = 1 << 18;
/// How often room may be made between two calls of [`Limiter::tidy`].
const PAUSE: Duration = Duration::from_secs(1);

type Config = GovernorConfig<ByClient, NoOpMiddleware>;

/// The budgets of one kind.
#[derive(Debug)]
pub(super) struct Limiter {
    config: Arc<Config>,
    by: ByClient,
    most: usize,
    tidied: Mutex<Instant>,
}

impl Limiter {
    /// For so many clients, each with this rate.
    pub(super) fn new(rate: Rate, most: usize) -> Self {
        let by = ByClient::default();
        Self {
            config: Arc::new(config(rate, by.clone())),
            by,
            most,
            tidied: Mutex::new(Instant::now()),
        }
    }

    /// What the next request is held against.
    pub(super) fn config(&self) -> Arc<Config> {
        self.make_room();
        Arc::clone(&self.config)
    }

    /// Whether this client's budget has room for one more, which is taken.
    pub(super) fn has_room(&self, client: IpAddr) -> bool {
        let config = self.config();
        let crowded = self.by.crowded.load(Ordering::Relaxed);
        config
            .limiter()
            .check_key(&network(client, crowded))
            .is_ok()
    }

    /// Forgets the clients whose budget is whole again.
    pub(super) fn tidy(&self) {
        self.config.limiter().retain_recent();
        self.config.limiter().shrink_to_fit();
    }

    fn make_room(&self) {
        let is_full = || self.config.limiter().len() >= self.most;
        let mut full = is_full();
        if full
            && let Ok(mut tidied) = self.tidied.try_lock()
            && tidied.elapsed() >= PAUSE
        {
            self.config.limiter().retain_recent();
            *tidied = Instant::now();
            full = is_full();
        }
        self.by.crowded.store(full, Ordering::Relaxed);
    }
}

#[expect(
    clippy::expect_used,
    reason = "a rate is never zero, and nothing else is refused"
)]
fn config(rate: Rate, by: ByClient) -> Config {
    GovernorConfigBuilder::default()
        .key_extractor(by)
        .period(rate.interval())
        .burst_size(rate.count().get())
        .finish()
        .expect("a rate is never zero")
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use super::*;

    fn address(number: u16) -> IpAddr {
        Ipv6Addr::new(0x2001, 0xdb8, 0, number, 0, 0, 0, 1).into()
    }

    #[test]
    fn threat_30_many_networks_take_no_more_memory_than_few() {
        let limiter = Limiter::new("2 per 1h".parse().unwrap(), 100);
        for number in 0..100 {
            assert!(limiter.has_room(address(number)));
        }
        // From here on all of them are one provider's.
        let passed = (100..2000).filter(|number| limiter.has_room(address(*number)));
        assert_eq!(passed.count(), 2);
        assert_eq!(limiter.config.limiter().len(), 101);
        assert!(limiter.has_room("203.0.113.9".parse().unwrap()));
    }

    #[test]
    fn clients_with_a_whole_budget_are_forgotten() {
        let limiter = Limiter::new("1000000 per 1s".parse().unwrap(), 100);
        for number in 0..50 {
            assert!(limiter.has_room(address(number)));
        }
        while !limiter.config.limiter().is_empty() {
            limiter.tidy();
        }
        assert!(limiter.has_room(address(0)));
    }
}
