//! Noticing a redirect loop: an app that sends a signed-in visitor back to sign in, again and again.
//!
//! The count lives in a short-lived cookie of the sign-in page, because nothing is written for somebody who only looks.
//! It is no secret and decides nothing but which page is shown.

use axum::http::{HeaderMap, HeaderValue, header};
use sha2::{Digest, Sha256};

use super::cookie::SessionCookie;
use crate::domain::clock::Timestamp;

const NAME: &str = "doorward-arrivals";
/// Within how many seconds arrivals count together.
const WINDOW: u64 = 10;
/// Which arrival is a loop.
const LIMIT: u32 = 3;

/// One arrival at the sign-in page with a live session.
pub(super) struct Arrival {
    /// Whether another redirect would only go on.
    pub(super) is_loop: bool,
    value: String,
}

/// Counts this arrival together with earlier ones for the same return address.
pub(super) fn note(headers: &HeaderMap, rd: &str, now: Timestamp) -> Arrival {
    let mut mark = hex::encode(Sha256::digest(rd.as_bytes()));
    mark.truncate(16);
    let now = now.unix_seconds();
    let (began, count) = earlier(headers, &mark, now).unwrap_or((now, 0));
    let count = count.saturating_add(1);
    Arrival {
        is_loop: count >= LIMIT,
        value: format!("{mark}.{began}.{count}"),
    }
}

fn earlier(headers: &HeaderMap, mark: &str, now: u64) -> Option<(u64, u32)> {
    let lines = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok());
    let mut values = lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = values.find(|(name, _)| *name == NAME)?;
    let mut parts = value.split('.');
    let (same, began, count) = (
        parts.next()? == mark,
        parts.next()?.parse().ok()?,
        parts.next()?.parse().ok()?,
    );
    (same && now.checked_sub(began)? < WINDOW).then_some((began, count))
}

impl Arrival {
    /// The `Set-Cookie` that remembers it.
    pub(super) fn cookie(&self, session: &SessionCookie) -> HeaderValue {
        let secure = if session.is_secure() { "; Secure" } else { "" };
        let line = format!(
            "{NAME}={}; Path=/; Max-Age={WINDOW}; HttpOnly; SameSite=Lax{secure}",
            self.value
        );
        HeaderValue::try_from(line).unwrap_or(HeaderValue::from_static(""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrive(previous: Option<&Arrival>, rd: &str, second: i64) -> Arrival {
        let mut headers = HeaderMap::new();
        if let Some(previous) = previous {
            headers.insert(
                header::COOKIE,
                format!("a=b; {NAME}={}", previous.value).parse().unwrap(),
            );
        }
        note(&headers, rd, Timestamp::from_seconds(second))
    }

    #[test]
    fn threat_27_the_third_arrival_within_ten_seconds_is_a_loop() {
        let first = arrive(None, "/a", 100);
        let second = arrive(Some(&first), "/a", 101);
        let third = arrive(Some(&second), "/a", 109);
        assert_eq!(
            [first.is_loop, second.is_loop, third.is_loop],
            [false, false, true]
        );
        assert!(
            !arrive(Some(&second), "/b", 109).is_loop,
            "another return address"
        );
        assert!(!arrive(Some(&second), "/a", 110).is_loop, "too late");
    }

    #[test]
    fn a_broken_cookie_counts_as_none() {
        for value in ["", ".", "x.y.z", "....", "a.1", "\u{7f}"] {
            let mut headers = HeaderMap::new();
            if let Ok(line) = HeaderValue::try_from(format!("{NAME}={value}")) {
                headers.insert(header::COOKIE, line);
            }
            assert!(!note(&headers, "/a", Timestamp::from_seconds(1)).is_loop);
        }
    }
}
