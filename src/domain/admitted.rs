//! A request that may pass, on its way from the guard to the gateway, and word of one that did not arrive.
//!
//! Must not hold anything of the request itself.

use std::net::IpAddr;

use crate::domain::host::Scheme;
use crate::domain::ids::AppId;

/// What a judged request's app is to be told.
#[derive(Debug, Clone)]
pub struct Admitted {
    /// Whose request it is.
    pub app: AppId,
    /// The value of `X-UserId`.
    pub identity: String,
    /// The name of the session cookie, which the app has no use for.
    pub cookie_name: String,
    /// The visitor's address.
    pub client: IpAddr,
    /// The scheme that the visitor uses.
    pub scheme: Scheme,
    /// The host that the visitor asked for, with a port that does not go without saying.
    pub host: String,
}

/// Why a request that may pass did not reach its app: the gateway's word to the guard, beside an empty answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undelivered {
    /// Nobody listens where the app should be, or the connection broke.
    Unreachable,
    /// The app did not answer in time.
    Late,
}
