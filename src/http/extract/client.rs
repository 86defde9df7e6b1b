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
    let given = forwarded_request_id(headers);
    match given.filter(|_| trusted.trusts(peer)) {
        Some(id) => id.to_owned(),
        None => random::bytes::<8>(random)
            .map(hex::encode)
            .unwrap_or_default(),
    }
}

/// The id that a proxy gave this request, if it looks like one. It is for the caller to know that the peer is listed.
pub(crate) fn forwarded_request_id(headers: &HeaderMap) -> Option<&str> {
    let plain = |id: &&str| {
        (1..=64).contains(&id.len())
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    let given = headers.get("x-request-id")?.to_str().ok();
    given.filter(plain)
}
