//! The absolute URL of the sign-in page for a visitor who must sign in first.
//!
//! It points to the host that was asked for, with the configured scheme: never to what a proxy reports as scheme.

use std::borrow::Cow;

use crate::domain::app::Realm;
use crate::domain::original_request::OriginalRequest;
use crate::domain::return_to::{ReturnTo, Site};
use crate::services::gate::Target;

/// Where to sign in, with the way back as `rd`. A request whose URI is no safe return address goes without.
pub(super) fn login_url(
    target: &Target<'_>,
    request: &OriginalRequest<'_>,
    base_path: &str,
) -> String {
    let origin = target.origin(request);
    let page = match (&target.app.login_page, &target.app.realm) {
        (Some(page), _) => format!("{}{page}", origin),
        (None, Realm::Own) => format!("{}{base_path}/login", origin),
        (None, Realm::Shared(login)) => format!("{}{base_path}/login", login.login_origin),
    };
    let site = Site {
        entries: &target.app.hosts,
        here: &origin,
    };
    let Ok(here) = ReturnTo::parse(&without_backslashes(request.uri()), &site) else {
        return page;
    };
    let back = match &target.app.realm {
        Realm::Own => here.as_str().to_owned(),
        Realm::Shared(login) => {
            let back = format!("{}{}", origin, here.as_str());
            let site = Site {
                entries: &target.app.hosts,
                here: &login.login_origin,
            };
            // A port that the entry does not name would be refused there.
            if ReturnTo::parse(&back, &site).is_err() {
                return page;
            }
            back
        }
    };
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("rd", &back)
        .finish();
    format!("{page}?{query}")
}

/// Browsers send a `\` in a query as it is; encoded it means the same and misleads nobody. In a path it stays, and is
/// refused.
fn without_backslashes(uri: &str) -> Cow<'_, str> {
    match uri.split_once('?') {
        Some((path, query)) if query.contains('\\') => {
            Cow::Owned(format!("{path}?{}", query.replace('\\', "%5C")))
        }
        _ => Cow::Borrowed(uri),
    }
}
