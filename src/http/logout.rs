//! `GET` and `POST /logout`: looking asks, only the form signs out.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;

use super::error::Problem;
use super::extract::{Format, Here, Known, Rd, Submission, Visit};
use super::pages::{Elsewhere, SignOut, SignedOut, html};
use super::{Door, Shared};
use crate::services::provider_logout;

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
                elsewhere: None,
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
    Known(facts): Known,
    visit: Visit,
    submission: Submission,
) -> Result<Response, Problem> {
    let rd = visit.here.return_to(submission.rd()?);
    let elsewhere = match visit.token() {
        Some(token) => door.services.provider_logout.elsewhere(token).await?,
        None => None,
    };
    for token in &visit.presented.tokens {
        door.services.sessions.revoke(*token).await?;
    }
    let way_out = match &elsewhere {
        Some(elsewhere) => way_out(&door, &visit.here, elsewhere).await,
        None => None,
    };
    let rd = rd.as_ref().map(|rd| rd.as_str());
    let mut response = match (submission.format, &way_out) {
        // A form may lead nowhere but here: see `CONTENT_SECURITY_POLICY`. So a page leads on.
        (Format::Html, Some((provider, url))) => {
            let page = SignedOut {
                frame: facts.frame(),
                return_to: rd.unwrap_or_default(),
                elsewhere: Some(Elsewhere { provider, url }),
            };
            html(StatusCode::OK, &page)
        }
        (Format::Html, None) => {
            let signed_out = format!("{}/logout", door.base_path);
            Redirect::to(rd.unwrap_or(&signed_out)).into_response()
        }
        (Format::Json, _) => {
            let return_to = rd.map_or_else(|| visit.here.start_page(), ToOwned::to_owned);
            let body = match &way_out {
                Some((_, url)) => json!({ "return_to": return_to, "provider_logout_url": url }),
                None => json!({ "return_to": return_to }),
            };
            let body = body.to_string();
            ([(header::CONTENT_TYPE, "application/json")], body).into_response()
        }
    };
    response
        .headers_mut()
        .append(header::SET_COOKIE, visit.here.cookie.clear());
    Ok(response)
}

/// What people call the provider at which the session is to end too, and where.
async fn way_out(
    door: &Door,
    here: &Here,
    elsewhere: &provider_logout::Elsewhere,
) -> Option<(String, String)> {
    let back = format!(
        "{}{}/logout/{}/callback",
        here.place.origin, door.base_path, elsewhere.provider
    );
    let way = door
        .services
        .provider_logout
        .way_out(elsewhere, &back)
        .await;
    way.map(|(name, url)| (name.to_owned(), url.into()))
}

/// Back from the provider.
pub(super) async fn back(State(door): State<Shared>) -> Redirect {
    Redirect::to(&format!("{}/logout", door.base_path))
}
