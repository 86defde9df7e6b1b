//! The verifier: shape, then mac, then time, then who.

use crate::ANONYMOUS;
use crate::error::Error;
use crate::key::Key;
use crate::request::{Request, RequestError};
use crate::statement::{Binding, Statement, is_app_id};
use crate::value::Value;
use hmac::Mac;
use std::fmt;
use std::time::Duration;

/// The id of a signed-in user: opaque, the same for as long as the account lives, 1 to 64 of
/// `[a-z0-9-]`.
///
/// Only a [`Verifier`] makes one, so a function that takes a `UserId` is never called for an
/// unverified header.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(String);

impl UserId {
    /// The id as text, for instance for a column of the app's own database.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for UserId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<UserId> for String {
    fn from(user: UserId) -> Self {
        user.0
    }
}

/// Verifies the headers of one app. Made once, shared by all requests; holds no state between
/// calls.
#[derive(Debug, Clone)]
pub struct Verifier {
    app_id: String,
    keys: Vec<Key>,
    binding: Binding,
    max_age: u64,
    max_lead: u64,
}

impl Verifier {
    /// A verifier for the app with this id, the one under `[apps.<id>]` in Doorward's
    /// configuration.
    pub fn builder(app_id: &str) -> Builder {
        Builder {
            verifier: Self {
                app_id: app_id.to_owned(),
                keys: Vec::new(),
                binding: Binding::App,
                max_age: 60,
                max_lead: 10,
            },
        }
    }

    /// Who is signed in. The call to use unless a page is for everybody: nobody signed in is an
    /// error.
    ///
    /// - `values`: the values of all `X-UserId` lines of the request, as bytes, neither trimmed nor
    ///   joined.
    /// - `request`: needed for [`Binding::Request`], not looked at for [`Binding::App`].
    /// - `now`: Unix seconds; [`unix_now()`](crate::unix_now) outside tests.
    ///
    /// # Errors
    ///
    /// [`Error`] says what is wrong; errors of shape come first, then the mac, then the time, and
    /// [`Error::Anonymous`] last.
    pub fn user<V: AsRef<[u8]>>(
        &self,
        values: impl IntoIterator<Item = V>,
        request: Option<&Request<'_>>,
        now: u64,
    ) -> Result<UserId, Error> {
        self.optional_user(values, request, now)?
            .ok_or(Error::Anonymous)
    }

    /// Who is signed in, if anybody is: for pages that are for everybody. Takes what
    /// [`Verifier::user`] takes.
    ///
    /// `None` only for a well-signed `anonymous`. A missing header is an error here too, because
    /// Doorward signs every request.
    ///
    /// # Errors
    ///
    /// Those of [`Verifier::user`] without [`Error::Anonymous`].
    pub fn optional_user<V: AsRef<[u8]>>(
        &self,
        values: impl IntoIterator<Item = V>,
        request: Option<&Request<'_>>,
        now: u64,
    ) -> Result<Option<UserId>, Error> {
        let request = match self.binding {
            Binding::App => None,
            Binding::Request => Some(request.ok_or(RequestError::Missing)?),
        };
        let mut values = values.into_iter();
        let only = values.next().ok_or(Error::Missing)?;
        if values.next().is_some() {
            return Err(Error::Repeated);
        }
        let value = Value::parse(only.as_ref())?;
        self.check_mac(&value, request)?;
        self.check_time(value.time, now)?;
        Ok((value.subject != ANONYMOUS).then(|| UserId(value.subject.to_owned())))
    }

    fn check_mac(&self, value: &Value<'_>, request: Option<&Request<'_>>) -> Result<(), Error> {
        let statement = Statement {
            app_id: &self.app_id,
            subject: value.subject,
            time: value.time_text,
            request,
        };
        // Every key is tried, whichever fits, and each comparison takes constant time.
        let fitting = self
            .keys
            .iter()
            .filter(|key| statement.mac(key).verify_slice(&value.mac).is_ok())
            .count();
        if fitting == 0 {
            Err(Error::Mac)
        } else {
            Ok(())
        }
    }

    fn check_time(&self, time: u64, now: u64) -> Result<(), Error> {
        let (age, lead) = (now.saturating_sub(time), time.saturating_sub(now));
        if age > self.max_age {
            return Err(Error::Expired {
                age,
                max_age: self.max_age,
            });
        }
        if lead > self.max_lead {
            return Err(Error::Future {
                lead,
                max_lead: self.max_lead,
            });
        }
        Ok(())
    }
}

/// Settings for a [`Verifier`], from [`Verifier::builder`].
#[derive(Debug, Clone)]
#[must_use]
pub struct Builder {
    verifier: Verifier,
}

impl Builder {
    /// Adds keys. A header counts if any of them signed it; to rotate, have the old and the new one
    /// for a while.
    pub fn keys(mut self, keys: impl IntoIterator<Item = Key>) -> Self {
        self.verifier.keys.extend(keys);
        self
    }

    /// What headers are bound to; the same as `binding` of the app in Doorward. Without this call
    /// [`Binding::App`].
    pub fn binding(mut self, binding: Binding) -> Self {
        self.verifier.binding = binding;
        self
    }

    /// How old a header may be, in whole seconds. Without this call 60 s.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.verifier.max_age = age.as_secs();
        self
    }

    /// How far ahead of the own clock a header may be, in whole seconds. Without this call 10 s.
    pub fn max_lead(mut self, lead: Duration) -> Self {
        self.verifier.max_lead = lead.as_secs();
        self
    }

    /// The verifier.
    ///
    /// # Errors
    ///
    /// [`BuildError`] on an app id that Doorward would not take, or without a key.
    pub fn build(self) -> Result<Verifier, BuildError> {
        if !is_app_id(&self.verifier.app_id) {
            return Err(BuildError::AppId);
        }
        if self.verifier.keys.is_empty() {
            return Err(BuildError::NoKeys);
        }
        Ok(self.verifier)
    }
}

/// Why there is no verifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuildError {
    /// The app id is not `[a-z0-9][a-z0-9-]{0,31}`.
    AppId,
    /// There is no key, so every header would be refused.
    NoKeys,
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AppId => "an app id is 1 to 32 of a-z, 0-9 and -, and does not begin with -",
            Self::NoKeys => "a verifier needs at least one key",
        })
    }
}

impl std::error::Error for BuildError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign;

    const NOW: u64 = 1_750_000_000;

    fn key(byte: u8) -> Key {
        Key::from_bytes(&[byte; 32]).unwrap()
    }

    #[test]
    fn a_verifier_needs_a_sound_app_id_and_a_key() {
        assert_eq!(
            Verifier::builder("Shop")
                .keys([key(1)])
                .build()
                .unwrap_err(),
            BuildError::AppId
        );
        assert_eq!(
            Verifier::builder("shop").build().unwrap_err(),
            BuildError::NoKeys
        );
    }

    #[test]
    fn defaults_are_app_binding_a_minute_and_ten_seconds() {
        let verifier = Verifier::builder("shop").keys([key(1)]).build().unwrap();
        let at = |time| verifier.user([sign(&key(1), "shop", "u", time, None).unwrap()], None, NOW);
        assert!(at(NOW - 60).is_ok() && at(NOW + 10).is_ok());
        assert_eq!(
            at(NOW - 61),
            Err(Error::Expired {
                age: 61,
                max_age: 60
            })
        );
        assert_eq!(
            at(NOW + 11),
            Err(Error::Future {
                lead: 11,
                max_lead: 10
            })
        );
    }

    #[test]
    fn debug_shows_no_key() {
        let verifier = Verifier::builder("shop").keys([key(0xAB)]).build().unwrap();
        let shown = format!("{verifier:?}").to_lowercase();
        assert!(shown.contains("key(…)") && !shown.contains("abab") && !shown.contains("171"));
    }
}
