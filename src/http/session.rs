//! `GET /login/session`: who is signed in, and until when, for scripts of the app's own pages.
//!
//! Must not tell an e-mail address, nor answer with a page.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::Shared;
use super::error::Problem;
use super::extract::{Known, Visit};

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
        "signed_in_at": session.signed_in_at.to_rfc3339(),
        "expires_at": door.services.sessions.ends_at(session, visit.last_seen_at()).to_rfc3339(),
    });
    (
        [(header::CONTENT_TYPE, "application/json")],
        body.to_string(),
    )
        .into_response()
}
