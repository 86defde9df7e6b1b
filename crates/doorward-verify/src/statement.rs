//! What is signed: eight lines, and the mac over them.

use crate::key::Key;
use crate::request::Request;
use crate::value;
use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::{fmt, str};

/// The first line. A change of the text's form changes it.
const VERSION: &str = "doorward-identity-v1";

/// What a header is bound to. An app chooses one, in its own settings and in Doorward's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Binding {
    /// To the app alone. A header counts for any request to the app until it expires.
    #[default]
    App,
    /// To method, host and uri too. Needs a proxy that does not rewrite them on the way to the app.
    Request,
}

/// All that a header says. Whoever makes one has checked that no part holds a line break.
pub(crate) struct Statement<'a> {
    pub(crate) app_id: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) time: &'a str,
    /// `None` for [`Binding::App`].
    pub(crate) request: Option<&'a Request<'a>>,
}

impl Statement<'_> {
    /// The mac under `key`, still to be finished or compared.
    pub(crate) fn mac(&self, key: &Key) -> Hmac<Sha256> {
        let (binding, method, host, uri) = match self.request {
            None => ("app", "", "", &b""[..]),
            Some(request) => ("request", request.method(), request.host(), request.uri()),
        };
        let mut text = Gathered::new(key);
        for line in [
            VERSION,
            self.app_id,
            self.subject,
            self.time,
            binding,
            method,
            host,
        ] {
            text.push(line.as_bytes());
            text.push(b"\n");
        }
        text.push(uri);
        text.mac()
    }
}

/// The text on its way into the mac. Hashing a few long pieces is quicker than many short ones.
struct Gathered {
    mac: Hmac<Sha256>,
    bytes: [u8; PIECE],
    length: usize,
}

/// As long as the text is that is bound to the app alone.
const PIECE: usize = 144;

impl Gathered {
    fn new(key: &Key) -> Self {
        Self {
            mac: key.keyed(),
            bytes: [0; PIECE],
            length: 0,
        }
    }

    fn push(&mut self, part: &[u8]) {
        if part.len() > PIECE - self.length {
            self.flush();
        }
        match self.bytes.get_mut(self.length..self.length + part.len()) {
            Some(place) => {
                place.copy_from_slice(part);
                self.length += part.len();
            }
            None => self.mac.update(part),
        }
    }

    fn flush(&mut self) {
        let gathered = self.bytes.get(..self.length).unwrap_or_default();
        self.mac.update(gathered);
        self.length = 0;
    }

    fn mac(mut self) -> Hmac<Sha256> {
        self.flush();
        self.mac
    }
}

/// Sign a header value, as Doorward does. For Doorward itself, and for the tests of apps.
///
/// - `app_id` is `[a-z0-9][a-z0-9-]{0,31}`.
/// - `subject` is the id of a user, or [`ANONYMOUS`](crate::ANONYMOUS), in `[a-z0-9-]{1,64}`.
/// - `time` is in Unix seconds.
/// - `request` is `None` for [`Binding::App`].
///
/// ```
/// use doorward_verify::{Key, sign};
///
/// let key = Key::from_bytes(&[7; 32])?;
/// let value = sign(&key, "shop", "anonymous", 1_750_000_000, None)?;
/// assert!(value.starts_with("anonymous.1750000000."));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`SignError`] names the part that breaks its grammar; no verifier would take the header.
pub fn sign(
    key: &Key,
    app_id: &str,
    subject: &str,
    time: u64,
    request: Option<&Request<'_>>,
) -> Result<String, SignError> {
    signed(key, app_id, subject, time, request).map(|value| value.as_str().to_owned())
}

/// As [`sign`], without an allocation. For Doorward, which signs once for each request.
///
/// # Errors
///
/// As [`sign`].
pub fn signed(
    key: &Key,
    app_id: &str,
    subject: &str,
    time: u64,
    request: Option<&Request<'_>>,
) -> Result<Signed, SignError> {
    if !is_app_id(app_id) {
        return Err(SignError::AppId);
    }
    if !value::is_subject(subject.as_bytes()) {
        return Err(SignError::Subject);
    }
    let mut digits = [0; value::TIME_CHARS];
    let time = value::write_time(time, &mut digits).ok_or(SignError::Time)?;
    let statement = Statement {
        app_id,
        subject,
        time,
        request,
    };
    let mac = statement.mac(key).finalize().into_bytes();
    let mut characters = [0; value::MAC_CHARS];
    // The buffer has the very length of what is written.
    let mac = Base64UrlUnpadded::encode(&mac, &mut characters).unwrap_or_default();
    let mut signed = Signed {
        bytes: [0; value::MAX_CHARS],
        length: 0,
    };
    for part in [subject, ".", time, ".", mac] {
        signed.push(part);
    }
    Ok(signed)
}

/// A signed header value.
#[derive(Clone, Copy)]
pub struct Signed {
    bytes: [u8; value::MAX_CHARS],
    length: usize,
}

impl Signed {
    /// The value, all of it ASCII.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let written = self.bytes.get(..self.length).unwrap_or_default();
        str::from_utf8(written).unwrap_or_default()
    }

    /// Every part was checked: together they are no longer than the longest value.
    fn push(&mut self, part: &str) {
        let end = self.length + part.len();
        if let Some(place) = self.bytes.get_mut(self.length..end) {
            place.copy_from_slice(part.as_bytes());
            self.length = end;
        }
    }
}

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signed(…)")
    }
}

/// `[a-z0-9][a-z0-9-]{0,31}`
pub(crate) fn is_app_id(text: &str) -> bool {
    text.len() <= 32 && !text.starts_with('-') && value::is_subject(text.as_bytes())
}

/// Why nothing was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignError {
    /// The app id is not `[a-z0-9][a-z0-9-]{0,31}`.
    AppId,
    /// The subject is not `[a-z0-9-]{1,64}`.
    Subject,
    /// The time is zero or has more than 12 digits.
    Time,
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AppId => "an app id is 1 to 32 of a-z, 0-9 and -, and does not begin with -",
            Self::Subject => "a subject is 1 to 64 of a-z, 0-9 and -",
            Self::Time => "the time is not in Unix seconds",
        })
    }
}

impl std::error::Error for SignError {}
