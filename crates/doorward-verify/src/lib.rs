//! Parse and verify the `X-UserId` header that Doorward signs.
//!
//! ```text
//! X-UserId: 3f0c9a52-7d41-4b8e-9c66-1e5a0b2d7f83.1750000000.pinLIrKZ…
//!           subject                              time       mac
//! ```
//!
//! An app behind Doorward does no authentication of its own. It asks a [`Verifier`] who sends a
//! request and gets a [`UserId`], or an [`Error`] that says what is wrong with the header.
//! Everything is refused that was not signed by Doorward, for this app, a moment ago.
//!
//! ```
//! use doorward_verify::{Error, Verifier, parse_keys_file, sign};
//!
//! # let keys_file = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";
//! // Once, at start. `keys_file` is the text of the file that Doorward reads too.
//! let verifier = Verifier::builder("shop").keys(parse_keys_file(keys_file)?).build()?;
//!
//! // For each request: all values of the header, however many there are.
//! # let now = 1_750_000_000;
//! # let key = &parse_keys_file(keys_file)?[0];
//! # let value = sign(key, "shop", "3f0c9a52-7d41-4b8e-9c66-1e5a0b2d7f83", now, None)?;
//! let user = verifier.user([&value], None, now)?;
//! assert_eq!(user.as_str(), "3f0c9a52-7d41-4b8e-9c66-1e5a0b2d7f83");
//!
//! let nothing: [&str; 0] = [];
//! assert_eq!(verifier.user(nothing, None, now), Err(Error::Missing));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! With the `http` crate's types, and so with axum, hyper, tonic and others, the values are
//! `headers.get_all(doorward_verify::HEADER)` and the time is [`unix_now()`]. `examples/axum.rs` is
//! a whole app.
//!
//! The rules are those of `sdk/README.md`; `tests/vectors.rs` runs the cases that a verifier in any
//! language has to pass. This crate reads no files, opens no sockets, and keeps no
//! state between calls.

mod error;
mod key;
mod request;
mod statement;
mod value;
mod verifier;

pub use error::Error;
pub use key::{Key, KeyError, KeysFileError, SAMPLE_KEYS, parse_keys_file};
pub use request::{Request, RequestError, Scheme};
pub use statement::{Binding, SignError, Signed, sign, signed};
pub use verifier::{BuildError, Builder, UserId, Verifier};

use std::time::{SystemTime, UNIX_EPOCH};

/// The name of the header, in lower case as HTTP/2 and the `http` crate have it. Names compare
/// without case.
pub const HEADER: &str = "x-userid";

/// The subject of a request that Doorward let through without a session.
pub const ANONYMOUS: &str = "anonymous";

/// The system clock in Unix seconds, for the `now` of [`Verifier::user`].
///
/// A clock set before 1970 reads as 0, at which every header comes from the future and is refused.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the clock, for callers who have none of their own"
)]
pub fn unix_now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// Compiles the code of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
