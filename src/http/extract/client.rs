//! Who is asking, and under which request id.
//!
//! Both believe headers of listed peers alone.

use std::net::IpAddr;

use axum::http::HeaderMap;

use crate::domain::client_address::TrustedProxies;
use crate::domain::random::{self, Random};

/// The client's address: the peer's, or what listed peers say in `X-Forwarded-For`.
pub(crate) fn client_address(
    trusted: &TrustedProxies,
    peer: IpAddr,
    headers: &HeaderMap,
) -> IpAddr {
    trusted.client(
        peer,
        headers
            .get_all("x-forwarded-for")
            .iter()
            .map(|line| line.as_bytes()),
    )
}

/// The id of this request: a listed peer's `X-Request-Id`, or a new one.
pub(crate) fn request_id(
    trusted: &TrustedProxies,
    peer: IpAddr,
    headers: &HeaderMap,
    random: &dyn Random,
) -> String {
    let plain = |id: &&str| {
        (1..=64).contains(&id.len())
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    let given = headers
        .get("x-request-id")
        .and_then(|id| id.to_str().ok())
        .filter(plain);
    match given.filter(|_| trusted.trusts(peer)) {
        Some(id) => id.to_owned(),
        None => random::bytes::<8>(random)
            .map(hex::encode)
            .unwrap_or_default(),
    }
}
