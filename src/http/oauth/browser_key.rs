//! The cookie that binds a sign-in at a provider to the browser it began in: one for all tabs, for an hour.
//!
//! On https it is `__Host-`, so that no sibling of the host can plant one. Must not be anything but a binding.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue};

use crate::domain::flow::BrowserKey;
use crate::domain::host::Scheme;
use crate::http::cookie;
use crate::http::extract::Here;
use crate::services::oauth_login::SIGN_IN_MEMORY;

const NAME: &str = "OAUTH";
const LIFETIME: Duration = SIGN_IN_MEMORY;

fn name(here: &Here) -> String {
    let prefix = match here.place.entry.scheme() {
        Scheme::Https => "__Host-",
        Scheme::Http => "",
    };
    format!("{prefix}{NAME}")
}

/// The key that a request brings. Two different ones are none: it can't be told which is the browser's.
pub(in crate::http) fn presented(here: &Here, headers: &HeaderMap) -> Option<BrowserKey> {
    let name = name(here);
    let mut keys: Vec<BrowserKey> = cookie::values(headers, &name)
        .filter_map(|value| value.parse().ok())
        .collect();
    keys.dedup();
    match keys.as_slice() {
        [key] => Some(*key),
        _ => None,
    }
}

/// A `Set-Cookie` value that hands it out.
pub(in crate::http) fn set(here: &Here, key: BrowserKey) -> HeaderValue {
    let secure = match here.place.entry.scheme() {
        Scheme::Https => "; Secure",
        Scheme::Http => "",
    };
    let line = format!(
        "{}={}; Path=/; HttpOnly; SameSite=Lax{secure}; Max-Age={}",
        name(here),
        key.reveal(),
        LIFETIME.as_secs(),
    );
    // Every part is checked ASCII; an empty line would set nothing.
    HeaderValue::try_from(line).unwrap_or(HeaderValue::from_static(""))
}
