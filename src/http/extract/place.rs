//! Which app a page request is for.
//!
//! Must not believe a forwarded host of an unlisted peer, nor any scheme.

use std::net::IpAddr;

use axum::http::{HeaderMap, Uri, header};

use super::lines::only;
use crate::domain::app::{Apps, Place};
use crate::domain::client_address::TrustedProxies;
use crate::domain::host::Authority;

/// `Host` decides where it names an app; otherwise a single `X-Forwarded-Host` from a listed peer.
pub(crate) fn place_of(
    apps: &Apps,
    trusted: &TrustedProxies,
    peer: IpAddr,
    (uri, headers): (&Uri, &HeaderMap),
) -> Option<Place> {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let host = host.or_else(|| uri.authority().map(axum::http::uri::Authority::as_str));
    let by_host = host
        .and_then(|host| Authority::parse(host).ok())
        .and_then(|host| apps.place(&host));
    by_host.or_else(|| {
        let forwarded = only(headers, "x-forwarded-host").ok().flatten()?;
        let forwarded = Authority::parse(forwarded)
            .ok()
            .filter(|_| trusted.trusts(peer))?;
        apps.place(&forwarded)
    })
}
