//! `GET /account`: where a signed-in visitor lands when there is nowhere else to go, and `POST /account/unlink`.
//!
//! Looking must not change anything.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use time::macros::format_description;

use super::error::Problem;
use super::extract::{Facts, Format, Known, Submission, Visit};
use super::login::{entrance, signed_in};
use super::pages::{Account, AccountWay, ErrorKind, ProviderButton, ProviderProblem, html};
use super::{Door, Shared, oauth};
use crate::domain::clock::Timestamp;
use crate::domain::ids::UserId;
use crate::services::accounts::AccountError;
use crate::services::identities::{UnlinkError, Way, Ways};

/// The page; without a session, the way to sign in.
pub(super) async fn page(
    State(door): State<Shared>,
    Known(facts): Known,
    visit: Visit,
) -> Result<Response, Problem> {
    if visit.session().is_none() {
        return Ok(visit.mend(to_sign_in(&door)));
    }
    shown(&door, &facts, &visit, (StatusCode::OK, None)).await
}

fn to_sign_in(door: &Door) -> Response {
    let account = format!("{}/account", door.base_path);
    let rd = form_urlencoded::byte_serialize(account.as_bytes()).collect::<String>();
    Redirect::to(&format!("{}/login?rd={rd}", door.base_path)).into_response()
}

/// The page of whoever is signed in, with what is wrong.
pub(super) async fn shown(
    door: &Door,
    facts: &Facts,
    visit: &Visit,
    (status, problem): (StatusCode, Option<(ProviderProblem, &str)>),
) -> Result<Response, Problem> {
    let Some((token, session)) = visit.token().zip(visit.session()) else {
        return Ok(to_sign_in(door));
    };
    // One who was deleted a moment ago has none.
    let ways = door.services.identities.ways(session.user).await?;
    let ways = ways.unwrap_or_default();
    let ways_in: Vec<_> = ways
        .identities
        .iter()
        .map(|way| way_in(&ways, way))
        .collect();
    let offered = door.services.identities.offered(&visit.here.place.app.pool);
    let addable = offered.into_iter().map(|(id, name)| ProviderButton {
        url: oauth::way_to(door, &id, ("link", &oauth::link_proof(token, &id))),
        name,
    });
    let page = Account {
        frame: facts.frame(),
        email: ways.email.as_ref().map_or("", |email| email.as_str()),
        signed_in_since: &readable(session.signed_in_at),
        signed_in_until: &readable(session.expires_at),
        app_url: &visit.here.start_page(),
        has_password: ways.has_password,
        ways: &ways_in,
        providers: &addable.collect::<Vec<_>>(),
        problem,
    };
    Ok(html(status, &page))
}

fn way_in(ways: &Ways, way: &Way) -> AccountWay {
    AccountWay {
        handle: way.handle.clone(),
        provider: way.name.clone(),
        email: way.email.clone().unwrap_or_default(),
        since: readable_day(way.linked_at),
        removable: ways.is_removable(way),
    }
}

/// Removes a way into the account.
pub(super) async fn unlink(
    State(door): State<Shared>,
    Known(facts): Known,
    visit: Visit,
    headers: HeaderMap,
    submission: Submission,
) -> Result<Response, Problem> {
    let signed_out = || match submission.format {
        Format::Html => Ok(to_sign_in(&door)),
        Format::Json => Err(Problem::unauthorized(
            "not_signed_in",
            "Nobody is signed in with this browser.",
        )),
    };
    let Some((acting, session)) = visit.acting().zip(visit.session()) else {
        return signed_out().map(|response| visit.mend(response));
    };
    let wanted = submission.text("identity")?.unwrap_or_default();
    let entrance = entrance(&facts, &visit.here, &headers, session.remembered);
    let unlinked = door
        .services
        .identities
        .unlink(acting, wanted, entrance)
        .await;
    match unlinked {
        Ok(begun) => {
            let account = format!("{}/account", door.base_path);
            Ok(signed_in(
                &facts,
                &visit.here,
                &begun,
                Some(&account),
                (submission.format, StatusCode::OK),
            ))
        }
        Err(UnlinkError::Failure(failure)) => Err(failure.into()),
        Err(UnlinkError::SignedOut) => signed_out(),
        Err(UnlinkError::NotFound) => {
            let detail = "The field \"identity\" names no way into this account.";
            let problem = Problem::new(ErrorKind::NotFound, "no_such_identity", detail);
            Err(problem.with("field", "identity"))
        }
        Err(UnlinkError::LastWay(provider)) if submission.format == Format::Html => {
            let problem = Some((ProviderProblem::LastWay, provider.as_str()));
            shown(&door, &facts, &visit, (StatusCode::CONFLICT, problem)).await
        }
        Err(UnlinkError::LastWay(_)) => {
            let detail = "This is the only way into the account. Add another one first.";
            Err(Problem::bad_request("last_way_in", detail).with_status(StatusCode::CONFLICT))
        }
    }
}

/// The address of a user whose session is live. One who was deleted a moment ago has none.
pub(super) async fn email_of(door: &Door, user: UserId) -> Result<String, Problem> {
    match door.services.accounts.by_id(user).await {
        Ok(found) => Ok(found
            .user
            .email
            .map(|email| email.as_str().to_owned())
            .unwrap_or_default()),
        Err(AccountError::Failure(failure)) => Err(failure.into()),
        Err(AccountError::NotFound | AccountError::EmailTaken) => Ok(String::new()),
    }
}

fn readable_day(moment: Timestamp) -> String {
    let form = format_description!("[day padding:none] [month repr:long] [year]");
    moment.to_datetime().format(form).unwrap_or_default()
}

fn readable(moment: Timestamp) -> String {
    let form =
        format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");
    moment.to_datetime().format(form).unwrap_or_default()
}
