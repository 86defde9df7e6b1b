//! Whom a request is counted for: the client's network.
//!
//! Must not read a header: the pipeline has found the client's address, and which headers count for that.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::Request;
use ipnet::IpNet;
use tower_governor::GovernorError;
use tower_governor::key_extractor::KeyExtractor;

use crate::domain::client_address::{network_of, truncated};
use crate::http::extract::Facts;

/// What addresses are counted by while there are more clients than are kept: a provider's network.
const CROWDED_IPV4: u8 = 16;
const CROWDED_IPV6: u8 = 32;

/// Counts by the client's address, or by a wider network while `crowded`.
#[derive(Debug, Clone, Default)]
pub(super) struct ByClient {
    pub(super) crowded: Arc<AtomicBool>,
}

impl KeyExtractor for ByClient {
    type Key = IpNet;

    fn extract<T>(&self, request: &Request<T>) -> Result<IpNet, GovernorError> {
        let facts = request.extensions().get::<Arc<Facts>>();
        let facts = facts.ok_or(GovernorError::UnableToExtractKey)?;
        Ok(network(facts.client, self.crowded.load(Ordering::Relaxed)))
    }
}

/// The network that this address is counted with.
pub(super) fn network(address: IpAddr, crowded: bool) -> IpNet {
    if !crowded {
        return network_of(address);
    }
    match address.to_canonical() {
        address @ IpAddr::V4(_) => truncated(address, CROWDED_IPV4),
        address @ IpAddr::V6(_) => truncated(address, CROWDED_IPV6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threat_30_an_address_counts_alone_and_an_ipv6_address_with_its_64() {
        for (address, alone, crowded) in [
            ("203.0.113.9", "203.0.113.9/32", "203.0.0.0/16"),
            ("::ffff:203.0.113.9", "203.0.113.9/32", "203.0.0.0/16"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8::/32"),
            ("2001:db8:1:2::", "2001:db8:1:2::/64", "2001:db8::/32"),
            ("::1", "::/64", "::/32"),
        ] {
            let address = address.parse().unwrap();
            assert_eq!(network(address, false).to_string(), alone);
            assert_eq!(network(address, true).to_string(), crowded);
        }
    }
}
