//! A check of `X-UserId` written from the documentation alone: it shares no code with Doorward or its verifier.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// What a header that holds says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) subject: String,
    pub(crate) time: u64,
}

/// What the header was bound to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Binding<'a> {
    App,
    Request {
        method: &'a str,
        host: &'a str,
        uri: &'a str,
    },
}

/// Checks one header value; the error says what is wrong. The time has to be within a minute of now.
pub(crate) fn check(
    header: &str,
    key_hex: &str,
    app: &str,
    binding: Binding<'_>,
) -> Result<Identity, String> {
    let fields: Vec<&str> = header.split('.').collect();
    let [subject, time, mac] = fields[..] else {
        return Err(format!("{} fields instead of three", fields.len()));
    };
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if subject.is_empty() || subject.len() > 64 || !subject.chars().all(letters) {
        return Err(format!("subject {subject:?}"));
    }
    let seconds: u64 = time.parse().map_err(|_| format!("time {time:?}"))?;
    if seconds.to_string() != time || seconds.abs_diff(now()) > 60 {
        return Err(format!("time {time:?}, now {}", now()));
    }
    if mac != sign(key_hex, app, subject, time, binding) {
        return Err("mac".to_owned());
    }
    Ok(Identity {
        subject: subject.to_owned(),
        time: seconds,
    })
}

/// The third field of a header with these contents.
pub(crate) fn sign(
    key_hex: &str,
    app: &str,
    subject: &str,
    time: &str,
    binding: Binding<'_>,
) -> String {
    let (kind, method, host, uri) = match binding {
        Binding::App => ("app", "", "", ""),
        Binding::Request { method, host, uri } => ("request", method, host, uri),
    };
    let lines = [
        "doorward-identity-v1",
        app,
        subject,
        time,
        kind,
        method,
        host,
        uri,
    ];
    let key = hex::decode(key_hex).expect("a key in hex");
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any length");
    mac.update(lines.join("\n").as_bytes());
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

/// Unix seconds.
#[expect(
    clippy::disallowed_methods,
    reason = "a test is the world outside, where time passes"
)]
pub(crate) fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970")
        .as_secs()
}
