//! The absolute URL of the sign-in page for a visitor who must sign in first.
//!
//! It points to the host that was asked for, with the configured scheme: never to what a proxy reports as scheme.

use crate::domain::app::Realm;
use crate::domain::original_request::OriginalRequest;
use crate::domain::return_to::{ReturnTo, Site};
use crate::services::gate::Target;

/// Where to sign in, with the way back as `rd`. A request whose URI is no safe return address goes without.
pub(super) fn login_url(target: &Target<'_>, request: &OriginalRequest, base_path: &str) -> String {
    let page = match (&target.app.login_page, &target.app.realm) {
        (Some(page), _) => format!("{}{page}", target.origin),
        (None, Realm::Own) => format!("{}{base_path}/login", target.origin),
        (None, Realm::Shared(login)) => format!("{}{base_path}/login", login.login_origin),
    };
    let site = Site {
        entries: &target.app.hosts,
        here: &target.origin,
    };
    let Ok(here) = ReturnTo::parse(request.uri(), &site) else {
        return page;
    };
    let back = match &target.app.realm {
        Realm::Own => here.as_str().to_owned(),
        Realm::Shared(_) => format!("{}{}", target.origin, here.as_str()),
    };
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("rd", &back)
        .finish();
    format!("{page}?{query}")
}
