//! Signing `X-UserId`, with each app's own first key.
//!
//! Must not decide whom to vouch for.

use std::collections::HashMap;
use std::sync::Arc;

use doorward_verify::{Key, Request, sign};

use super::Failure;
use crate::domain::app::{App, Binding};
use crate::domain::clock::Clock;
use crate::domain::decision::Subject;
use crate::domain::host::Scheme;
use crate::domain::ids::AppId;
use crate::domain::original_request::OriginalRequest;

/// The signing keys of all apps.
#[derive(Debug)]
pub struct Assertion {
    keys: HashMap<AppId, Key>,
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
        Self { keys, clock }
    }

    /// The value of `X-UserId` that tells `app` who is asking, at this moment, and with `request` binding for this
    /// request at this host alone.
    ///
    /// # Errors
    ///
    /// When the request can't be put into a signature; it must then not pass.
    pub fn sign(
        &self,
        app: &App,
        subject: Subject,
        (scheme, host): (Scheme, &str),
        request: &OriginalRequest,
    ) -> Result<String, Failure> {
        let key = self
            .keys
            .get(&app.id)
            .ok_or_else(|| Failure::Internal(NoKey(app.id.clone()).into()))?;
        let bound = match app.binding {
            Binding::App => None,
            Binding::Request => Some(bind(scheme, host, request)?),
        };
        let now = self.clock.now().unix_seconds();
        sign(
            key,
            app.id.as_str(),
            &subject.to_string(),
            now,
            bound.as_ref(),
        )
        .map_err(|error| Failure::Internal(error.into()))
    }
}

fn bind<'r>(
    scheme: Scheme,
    host: &str,
    request: &'r OriginalRequest,
) -> Result<Request<'r>, Failure> {
    let scheme = match scheme {
        Scheme::Http => doorward_verify::Scheme::Http,
        Scheme::Https => doorward_verify::Scheme::Https,
    };
    Request::new(scheme, request.method().as_str(), host, request.uri())
        .map_err(|error| Failure::Internal(error.into()))
}
