//! What the pipeline found out about a page request before its handler runs.
//!
//! Must not hold a session: not every page asks for one.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::Format;
use crate::domain::app::Place;
use crate::domain::return_to::{ReturnTo, Site};
use crate::http::cookie::SessionCookie;
use crate::http::error::Problem;
use crate::http::pages::{ErrorKind, Frame, text};

/// What every page request has.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) request_id: String,
    pub(crate) client: IpAddr,
    pub(crate) format: Format,
    pub(crate) base_path: String,
    /// Where the request arrived; nothing for a host that no app has.
    pub(crate) here: Option<Here>,
}

impl Facts {
    /// What every page shares.
    pub(crate) fn frame(&self) -> Frame<'_> {
        let app_name = self.here.as_ref().map_or("", |here| here.name.as_str());
        Frame {
            base: &self.base_path,
            text: &text::ENGLISH,
            app_name,
        }
    }
}

/// The app and host that a page request arrived at.
#[derive(Debug, Clone)]
pub(crate) struct Here {
    pub(crate) place: Arc<Place>,
    pub(crate) cookie: SessionCookie,
    /// What the pages call the app.
    pub(crate) name: String,
}

impl Here {
    pub(crate) fn new(place: Place, cookie_name: &str) -> Self {
        let cookie = SessionCookie::new(cookie_name, &place.app, &place.entry);
        let name = place.origin.host().into_owned();
        Self {
            place: Arc::new(place),
            cookie,
            name,
        }
    }

    /// Where to go when nobody said where: the app's start page.
    pub(crate) fn start_page(&self) -> String {
        if self.place.shared_host {
            format!("{}/", self.place.app.public_url)
        } else {
            "/".to_owned()
        }
    }

    /// The return address in `rd`. One that is missing or leads elsewhere is as if it were not there.
    pub(crate) fn return_to(&self, rd: Option<&str>) -> Option<ReturnTo> {
        let site = Site {
            entries: &self.place.return_hosts,
            here: &self.place.origin,
        };
        let rd = rd.filter(|rd| !rd.is_empty())?;
        ReturnTo::parse(rd, &site)
            .inspect_err(|error| tracing::info!(%error, "a return address was refused"))
            .ok()
    }
}

fn facts(parts: &Parts) -> Result<&Arc<Facts>, Problem> {
    parts
        .extensions
        .get()
        .ok_or_else(|| Problem::of(ErrorKind::Internal))
}

impl<S: Sync> FromRequestParts<S> for Here {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        facts(parts)?
            .here
            .clone()
            .ok_or_else(|| Problem::of(ErrorKind::UnknownHost))
    }
}

/// The facts themselves, shared with the pipeline.
#[derive(Debug, Clone)]
pub(crate) struct Known(pub(crate) Arc<Facts>);

impl<S: Sync> FromRequestParts<S> for Known {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        facts(parts).map(|facts| Self(Arc::clone(facts)))
    }
}
