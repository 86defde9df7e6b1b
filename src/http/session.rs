//! `GET /login/session`: who is signed in, and until when, for scripts of the app's own pages.
//!
//! Must not tell an e-mail address, nor answer with a page.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use time::format_description::well_known::Rfc3339;

use super::Shared;
use super::error::Problem;
use super::extract::{Known, Visit};
use crate::domain::clock::Timestamp;

/// `{"user_id", "signed_in_at", "expires_at"}`, times as RFC 3339; 401 without a session. Asking keeps a session in use.
pub(super) async fn show(
    State(door): State<Shared>,
    Known(facts): Known,
    visit: Result<Visit, Problem>,
) -> Response {
    let realm = facts
        .here
        .as_ref()
        .map_or("", |here| here.place.app.id.as_str());
    let refuse = |problem: Problem| {
        let mut response = problem.to_json(&facts.request_id);
        problem.add_headers(&mut response, realm);
        response
    };
    let visit = match visit {
        Ok(visit) => visit,
        Err(problem) => return refuse(problem),
    };
    let Some(session) = visit.session() else {
        let nobody =
            Problem::unauthorized("not_signed_in", "Nobody is signed in with this browser.");
        return visit.mend(refuse(nobody));
    };
    let body = json!({
        "user_id": session.user.to_string(),
        "signed_in_at": rfc3339(session.signed_in_at),
        "expires_at": rfc3339(door.services.sessions.ends_at(session)),
    });
    (
        [(header::CONTENT_TYPE, "application/json")],
        body.to_string(),
    )
        .into_response()
}

fn rfc3339(moment: Timestamp) -> String {
    moment.to_datetime().format(&Rfc3339).unwrap_or_default()
}
