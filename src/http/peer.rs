//! Who is at the other end of a connection.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::Extensions;

use super::Door;

/// The other end of a connection: found out once, and the same for all its requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Peer {
    /// Its address.
    pub(crate) ip: IpAddr,
    /// Whether it is one of `server.trusted_proxies`.
    pub(crate) trusted: bool,
}

impl Peer {
    /// The peer at this address.
    pub(crate) fn new(door: &Door, address: SocketAddr) -> Self {
        let ip = address.ip().to_canonical();
        Self {
            ip,
            trusted: door.trusted.trusts(ip),
        }
    }

    /// The peer that a request's connection has, where a router was told of it.
    pub(crate) fn of(door: &Door, extensions: &Extensions) -> Option<Self> {
        let ConnectInfo(address) = extensions.get::<ConnectInfo<SocketAddr>>()?;
        Some(Self::new(door, *address))
    }
}
