//! Who is visiting a page: the live session, if the cookies of the request hold exactly one.
//!
//! Must not take a store that is down for nobody.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::Response;

use super::Here;
use crate::domain::clock::Timestamp;
use crate::domain::session::Session;
use crate::http::Door;
use crate::http::cookie::Presented;
use crate::http::error::Problem;
use crate::services::identities::Acting;
use crate::services::sessions::{Token, Visitor};

/// A visitor of a page.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) here: Here,
    pub(crate) presented: Presented,
    visitor: Visitor,
    now: Timestamp,
}

impl Visit {
    /// The secret id of the live session.
    pub(crate) fn token(&self) -> Option<Token> {
        match &self.visitor {
            Visitor::Known(token, _) => Some(*token),
            Visitor::Nobody | Visitor::Conflicting => None,
        }
    }

    /// The live session, as what somebody acts by.
    pub(crate) fn acting(&self) -> Option<Acting> {
        let (token, session) = self.token().zip(self.session())?;
        Some(Acting {
            id_hash: token.hash(),
            user: session.user,
        })
    }

    /// The live session.
    pub(crate) fn session(&self) -> Option<&Session> {
        self.visitor.session()
    }

    /// When the session was last used; now, where there is none.
    pub(crate) fn last_seen_at(&self) -> Timestamp {
        self.visitor.last_seen_at().unwrap_or(self.now)
    }

    /// Takes a cookie back that is no session (any more), so that the browser stops sending it.
    pub(crate) fn mend(&self, mut response: Response) -> Response {
        if self.presented.any
            && self.session().is_none()
            && !response.headers().contains_key(header::SET_COOKIE)
        {
            response
                .headers_mut()
                .append(header::SET_COOKIE, self.here.cookie.clear());
        }
        response
    }
}

impl FromRequestParts<Arc<Door>> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, door: &Arc<Door>) -> Result<Self, Problem> {
        let here = Here::from_request_parts(parts, door).await?;
        let presented = here.cookie.presented(&parts.headers);
        let visitor = door
            .services
            .sessions
            .find(&presented.tokens, &here.place.app)
            .await?;
        Ok(Self {
            here,
            presented,
            visitor,
            now: door.clock.now(),
        })
    }
}
