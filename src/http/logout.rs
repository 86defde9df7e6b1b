//! `GET` and `POST /logout`: looking asks, only the form signs out.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;

use super::Shared;
use super::error::Problem;
use super::extract::{Format, Known, Rd, Submission, Visit};
use super::pages::{SignOut, SignedOut, html};

/// Asks, or says that nobody is signed in.
pub(super) async fn page(
    State(door): State<Shared>,
    Known(facts): Known,
    visit: Visit,
    Rd(rd): Rd,
) -> Result<Response, Problem> {
    let return_to = visit.here.return_to(rd.as_deref());
    let rd = return_to.as_ref().map_or("", |rd| rd.as_str());
    let Some(session) = visit.session() else {
        return Ok(visit.mend(html(
            StatusCode::OK,
            &SignedOut {
                frame: facts.frame(),
                return_to: rd,
            },
        )));
    };
    let email = super::account::email_of(&door, session.user).await?;
    Ok(html(
        StatusCode::OK,
        &SignOut {
            frame: facts.frame(),
            email: &email,
            return_to: rd,
        },
    ))
}

/// Ends every session that the browser came with, and takes the cookie back. When the store can't be reached the cookie
/// stays, so that signing out can be tried again.
pub(super) async fn submit(
    State(door): State<Shared>,
    visit: Visit,
    submission: Submission,
) -> Result<Response, Problem> {
    let rd = visit.here.return_to(submission.rd()?);
    for token in &visit.presented.tokens {
        door.services.sessions.revoke(*token).await?;
    }
    let rd = rd.as_ref().map(|rd| rd.as_str());
    let mut response = match submission.format {
        Format::Html => {
            let signed_out = format!("{}/logout", door.base_path);
            Redirect::to(rd.unwrap_or(&signed_out)).into_response()
        }
        Format::Json => {
            let return_to = rd.map_or_else(|| visit.here.start_page(), ToOwned::to_owned);
            let body = json!({ "return_to": return_to }).to_string();
            ([(header::CONTENT_TYPE, "application/json")], body).into_response()
        }
    };
    response
        .headers_mut()
        .append(header::SET_COOKIE, visit.here.cookie.clear());
    Ok(response)
}
