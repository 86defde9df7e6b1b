//! Signing `X-UserId`, with each app's own first key.
//!
//! Must not decide whom to vouch for.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use doorward_verify::{ANONYMOUS, Key, Request, signed};
use uuid::fmt::Hyphenated;

use super::Failure;
use crate::domain::app::App;
use crate::domain::clock::Clock;
use crate::domain::decision::Subject;
use crate::domain::ids::{AppId, UserId};
use crate::sessions::cache::Said;

/// The signing keys of all apps.
#[derive(Debug)]
pub struct Assertion {
    /// Sorted by id: comparing a handful of short ids beats hashing one.
    keys: Vec<(AppId, Key)>,
    clock: Arc<dyn Clock>,
}

/// One app's key.
struct Signer<'k> {
    /// Where it is among all keys.
    place: usize,
    app: &'k AppId,
    key: &'k Key,
}

/// An app without a key: nothing can be signed for it.
#[derive(Debug, thiserror::Error)]
#[error("no key for app {0}")]
struct NoKey(AppId);

impl From<NoKey> for Failure {
    fn from(error: NoKey) -> Self {
        Self::Internal(error.into())
    }
}

impl Assertion {
    /// Signs with these keys, one for each app.
    #[must_use]
    pub fn new(keys: HashMap<AppId, Key>, clock: Arc<dyn Clock>) -> Self {
        let mut keys: Vec<_> = keys.into_iter().collect();
        keys.sort_by(|(one, _), (other, _)| one.cmp(other));
        Self { keys, clock }
    }

    /// The value of `X-UserId` that tells `app` who is asking, at this moment, and with `request` for that request
    /// alone.
    ///
    /// # Errors
    ///
    /// When there is no key, or a part can't be put into a signature; the request must then not pass.
    pub fn sign(
        &self,
        app: &App,
        subject: Subject,
        request: Option<&Request<'_>>,
    ) -> Result<Bytes, Failure> {
        let now = self.clock.now().unix_seconds();
        self.signer(app)?.sign(subject, request, now)
    }

    /// The same for any request of `subject`, whose session keeps what was signed last: that is said again within the same
    /// second.
    ///
    /// # Errors
    ///
    /// As [`Assertion::sign`].
    pub fn sign_again(&self, app: &App, subject: Subject, said: &Said) -> Result<Bytes, Failure> {
        let signer = self.signer(app)?;
        let now = self.clock.now().unix_seconds();
        if let Some(value) = said.again(signer.place, now) {
            return Ok(value);
        }
        let value = signer.sign(subject, None, now)?;
        said.keep(signer.place, now, value.clone());
        Ok(value)
    }

    fn signer(&self, app: &App) -> Result<Signer<'_>, Failure> {
        let place = self.keys.binary_search_by(|(id, _)| id.cmp(&app.id)).ok();
        let found = place.and_then(|place| Some((place, self.keys.get(place)?)));
        let (place, (app, key)) = found.ok_or_else(|| NoKey(app.id.clone()))?;
        Ok(Signer { place, app, key })
    }
}

impl Signer<'_> {
    fn sign(
        &self,
        subject: Subject,
        request: Option<&Request<'_>>,
        now: u64,
    ) -> Result<Bytes, Failure> {
        let mut characters = [0; Hyphenated::LENGTH];
        let subject = match subject {
            Subject::Anonymous => ANONYMOUS,
            Subject::User(UserId(id)) => id.as_hyphenated().encode_lower(&mut characters),
        };
        let value = signed(self.key, self.app.as_str(), subject, now, request)
            .map_err(|error| Failure::Internal(error.into()))?;
        Ok(Bytes::copy_from_slice(value.as_str().as_bytes()))
    }
}
