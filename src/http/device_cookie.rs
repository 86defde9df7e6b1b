//! The cookie by which a browser is known again at a sign-in.
//!
//! It goes to the sign-in page alone, never to an app, and to no other host: a browser that signs in at two hosts is known
//! at each. Must not know whether a token counts.

use axum::http::{HeaderMap, HeaderValue};

use super::cookie;
use super::extract::{Facts, Here};
use crate::domain::device::DeviceToken;
use crate::domain::host::Scheme;
use crate::services::devices::{LIFETIME, MAX_USERS};

const NAME: &str = "DEVICE";
/// Between the tokens of several users of one browser.
const SEPARATOR: char = '.';

/// The device cookie at one host.
#[derive(Debug)]
pub(super) struct DeviceCookie<'a> {
    secure: bool,
    base_path: &'a str,
}

impl<'a> DeviceCookie<'a> {
    /// The cookie at the host where a request arrived.
    pub(super) fn at(here: &Here, facts: &'a Facts) -> Self {
        Self {
            secure: here.place.entry.scheme() == Scheme::Https,
            base_path: &facts.base_path,
        }
    }

    /// `__Host-` would need the path `/`, and so send it to the app.
    fn name(&self) -> String {
        let prefix = if self.secure { "__Secure-" } else { "" };
        format!("{prefix}{NAME}")
    }

    /// The tokens in a request, the first few. What is no token is passed over.
    pub(super) fn presented(&self, headers: &HeaderMap) -> Vec<DeviceToken> {
        let name = self.name();
        let mut tokens = Vec::new();
        for token in cookie::values(headers, &name)
            .flat_map(|value| value.split(SEPARATOR))
            .filter_map(|token| token.parse().ok())
        {
            if tokens.len() < MAX_USERS && !tokens.contains(&token) {
                tokens.push(token);
            }
        }
        tokens
    }

    /// A `Set-Cookie` value that hands out these tokens.
    pub(super) fn set(&self, tokens: &[DeviceToken]) -> HeaderValue {
        let tokens: Vec<_> = tokens.iter().map(DeviceToken::reveal).collect();
        let line = format!(
            "{}={}; Path={}/login; HttpOnly; SameSite=Lax{}; Max-Age={}",
            self.name(),
            tokens.join(&SEPARATOR.to_string()),
            self.base_path,
            if self.secure { "; Secure" } else { "" },
            LIFETIME.as_secs(),
        );
        // Every part is checked ASCII; an empty line would set nothing.
        HeaderValue::try_from(line).unwrap_or(HeaderValue::from_static(""))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header;

    use super::*;

    const COOKIE: DeviceCookie<'static> = DeviceCookie {
        secure: true,
        base_path: "/auth",
    };

    fn token(digit: char) -> DeviceToken {
        digit.to_string().repeat(32).parse().unwrap()
    }

    fn presented(lines: &[&[u8]]) -> Vec<DeviceToken> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::COOKIE, HeaderValue::from_bytes(line).unwrap());
        }
        COOKIE.presented(&headers)
    }

    #[test]
    fn the_line_goes_to_the_sign_in_page_alone() {
        let line = COOKIE.set(&[token('a'), token('b')]);
        let (a, b) = ("a".repeat(32), "b".repeat(32));
        assert_eq!(
            line,
            format!(
                "__Secure-DEVICE={a}.{b}; Path=/auth/login; HttpOnly; SameSite=Lax; Secure; Max-Age=31536000"
            )
        );
        let plain = DeviceCookie {
            secure: false,
            base_path: "",
        };
        assert_eq!(
            plain.set(&[token('a')]),
            format!("DEVICE={a}; Path=/login; HttpOnly; SameSite=Lax; Max-Age=31536000")
        );
    }

    #[test]
    fn what_was_set_is_read_again_and_nothing_else() {
        let line = COOKIE.set(&[token('a'), token('b')]);
        let pair = line.to_str().unwrap().split(';').next().unwrap().to_owned();
        assert_eq!(presented(&[pair.as_bytes()]), [token('a'), token('b')]);
        let (a, c) = ("a".repeat(32), "c".repeat(32));
        let other = format!("DEVICE={c}; __Host-DEVICE={c}; X__Secure-DEVICE={c}; name=Zo\u{eb}");
        let ours = format!("SESSION=x; __Secure-DEVICE = .{a}.x..{a} ;__Secure-DEVICE");
        assert_eq!(
            presented(&[other.as_bytes(), b"\xff=\xff", ours.as_bytes()]),
            [token('a')]
        );
        assert_eq!(presented(&[]), []);
    }

    #[test]
    fn threat_19_no_more_tokens_are_read_than_a_browser_is_given() {
        let all: Vec<_> = "0123456789abcdef".chars().map(token).collect();
        let line = COOKIE.set(&all);
        let pair = line.to_str().unwrap().split(';').next().unwrap().to_owned();
        let expected = &all[..MAX_USERS];
        assert_eq!(presented(&[pair.as_bytes(), pair.as_bytes()]), expected);
    }
}
