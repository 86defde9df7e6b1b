//! `GET /account`: where a signed-in visitor lands when there is nowhere else to go.
//!
//! Must not change anything.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use time::macros::format_description;

use super::error::Problem;
use super::extract::{Known, Visit};
use super::pages::{Account, html};
use super::{Door, Shared};
use crate::domain::clock::Timestamp;
use crate::domain::ids::UserId;
use crate::services::accounts::AccountError;

/// The page; without a session, the way to sign in.
pub(super) async fn page(
    State(door): State<Shared>,
    Known(facts): Known,
    visit: Visit,
) -> Result<Response, Problem> {
    let Some(session) = visit.session() else {
        let rd = form_urlencoded::byte_serialize(format!("{}/account", door.base_path).as_bytes())
            .collect::<String>();
        return Ok(
            visit.mend(Redirect::to(&format!("{}/login?rd={rd}", door.base_path)).into_response())
        );
    };
    let page = Account {
        frame: facts.frame(),
        email: &email_of(&door, session.user).await?,
        signed_in_since: &readable(session.signed_in_at),
        signed_in_until: &readable(session.expires_at),
        app_url: &visit.here.start_page(),
    };
    Ok(html(StatusCode::OK, &page))
}

/// The address of a user whose session is live. One who was deleted a moment ago has none.
pub(super) async fn email_of(door: &Door, user: UserId) -> Result<String, Problem> {
    match door.services.accounts.by_id(user).await {
        Ok(found) => Ok(found.user.email.as_str().to_owned()),
        Err(AccountError::Failure(failure)) => Err(failure.into()),
        Err(AccountError::NotFound | AccountError::EmailTaken) => Ok(String::new()),
    }
}

fn readable(moment: Timestamp) -> String {
    let form =
        format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");
    moment.to_datetime().format(form).unwrap_or_default()
}
