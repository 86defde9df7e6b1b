//! Which address a request came from, behind proxies that may or may not be believed.
//!
//! Must not read any header but `X-Forwarded-For`, nor that one unless the peer itself is listed (THREATS 4 and 5).

#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU8;

use ipnet::{IpNet, Ipv4Net};

/// What counts as one client of an IPv6 address: one household has all of a /64 (THREATS 30).
const IPV6_CLIENT: u8 = 64;

/// The network of one client: an IPv4 address alone, or the /64 that an IPv6 address is in.
#[must_use]
pub fn network_of(client: IpAddr) -> IpNet {
    match client.to_canonical() {
        IpAddr::V4(address) => Ipv4Net::from(address).into(),
        IpAddr::V6(address) => truncated(address.into(), IPV6_CLIENT),
    }
}

/// The network of this length that an address is in.
#[must_use]
pub fn truncated(address: IpAddr, length: u8) -> IpNet {
    let net = IpNet::new(address, length);
    net.unwrap_or(IpNet::from(address)).trunc()
}

/// The peers whose forwarded headers count.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies {
    nets: Vec<IpNet>,
    hops: Option<NonZeroU8>,
}

impl TrustedProxies {
    /// Trusts peers in `nets`. With `hops` the client is the address that many places from the peer, whatever stands
    /// there, as with a number in Express's `trust proxy`; without, it is the nearest address that is not in `nets`.
    #[must_use]
    pub fn new(nets: Vec<IpNet>, hops: Option<NonZeroU8>) -> Self {
        Self {
            nets: nets.into_iter().map(canonical_net).collect(),
            hops,
        }
    }

    /// The networks they are in.
    #[must_use]
    pub fn nets(&self) -> &[IpNet] {
        &self.nets
    }

    /// How many of them stand in front, where that is how the client is found.
    #[must_use]
    pub const fn hops(&self) -> Option<NonZeroU8> {
        self.hops
    }

    /// Whether forwarded headers from `address` count.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.nets.iter().any(|net| net.contains(&address))
    }

    /// The client's address. `lines` are the values of all `X-Forwarded-For` lines, in the order they came in.
    ///
    /// The list is read from its end, which the nearest proxy wrote. Reading stops at the first entry that is no
    /// address: what stands before it was written by somebody who can't be believed.
    pub fn client<'a>(
        &self,
        peer: IpAddr,
        lines: impl DoubleEndedIterator<Item = &'a [u8]>,
    ) -> IpAddr {
        let mut client = peer.to_canonical();
        if !self.trusts(client) {
            return client;
        }
        let entries = lines
            .rev()
            .flat_map(|line| line.rsplit(|byte| *byte == b','));
        let entries = entries
            .map(<[u8]>::trim_ascii)
            .filter(|entry| !entry.is_empty());
        let mut passed = 0;
        for entry in entries {
            let done = match self.hops {
                Some(hops) => passed >= hops.get(),
                None => !self.trusts(client),
            };
            let Some(address) = parse_entry(entry).filter(|_| !done) else {
                break;
            };
            client = address;
            passed = passed.saturating_add(1);
        }
        client
    }
}

/// An address with or without a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`.
fn parse_entry(entry: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(entry).ok()?;
    let bare = || text.parse::<IpAddr>().ok();
    let bracketed = || {
        text.strip_prefix('[')?
            .strip_suffix(']')?
            .parse::<Ipv6Addr>()
            .ok()
            .map(IpAddr::V6)
    };
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let address = bare().or_else(bracketed).or_else(with_port)?;
    Some(address.to_canonical())
}

/// A net of IPv4-mapped IPv6 addresses as the IPv4 net it is.
fn canonical_net(net: IpNet) -> IpNet {
    let IpNet::V6(v6) = net else { return net };
    let mapped = v6
        .addr()
        .to_ipv4_mapped()
        .zip(v6.prefix_len().checked_sub(96));
    mapped
        .and_then(|(address, len)| Ipv4Net::new(address, len).ok())
        .map_or(net, IpNet::V4)
}
