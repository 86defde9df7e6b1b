//! Signing `X-UserId`, with each app's own first key.
//!
//! Must not decide whom to vouch for.

use std::collections::HashMap;
use std::sync::Arc;

use doorward_verify::{ANONYMOUS, Key, Request, Signed, signed};
use uuid::fmt::Hyphenated;

use super::Failure;
use crate::domain::app::App;
use crate::domain::clock::Clock;
use crate::domain::decision::Subject;
use crate::domain::ids::{AppId, UserId};

/// The signing keys of all apps.
#[derive(Debug)]
pub struct Assertion {
    /// Sorted by id: comparing a handful of short ids beats hashing one.
    keys: Vec<(AppId, Key)>,
    clock: Arc<dyn Clock>,
}

/// An app without a key: nothing can be signed for it.
#[derive(Debug, thiserror::Error)]
#[error("no key for app {0}")]
struct NoKey(AppId);

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
    ) -> Result<Signed, Failure> {
        let place = self.keys.binary_search_by(|(id, _)| id.cmp(&app.id));
        let key = place.ok().and_then(|place| self.keys.get(place));
        let (_, key) = key.ok_or_else(|| Failure::Internal(NoKey(app.id.clone()).into()))?;
        let mut characters = [0; Hyphenated::LENGTH];
        let subject = match subject {
            Subject::Anonymous => ANONYMOUS,
            Subject::User(UserId(id)) => id.as_hyphenated().encode_lower(&mut characters),
        };
        let now = self.clock.now().unix_seconds();
        signed(key, app.id.as_str(), subject, now, request)
            .map_err(|error| Failure::Internal(error.into()))
    }
}
