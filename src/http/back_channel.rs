//! `POST /logout/{provider}/backchannel`: a provider tells that somebody has signed out there.
//!
//! No browser comes here. Must not say anything about who has a session.

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::Shared;
use super::error::Problem;
use super::extract::{Known, Submission};
use super::metrics::Budget;
use super::pages::ErrorKind;
use crate::domain::ids::ProviderId;
use crate::services::oauth_login::OauthError;

/// 200 where the token is believed, whether or not a session ended; 400 where it is not (OpenID Connect Back-Channel
/// Logout 1.0, section 2.8).
pub(super) async fn submit(
    State(door): State<Shared>,
    Known(facts): Known,
    Path(id): Path<String>,
    submission: Submission,
) -> Result<Response, Problem> {
    let provider: Option<ProviderId> = id.parse().ok();
    let Some(provider) = provider.filter(|id| door.services.provider_logout.knows(id)) else {
        return Err(super::error::not_found().await);
    };
    let token = submission.text("logout_token")?.unwrap_or_default();
    match door.services.provider_logout.told(&provider, token).await {
        Ok(_) => Ok(StatusCode::OK.into_response()),
        Err(OauthError::Failure(failure)) => Err(failure.into()),
        Err(OauthError::Unavailable) => {
            let detail = "The provider's keys can't be fetched. Try again later.";
            let problem = Problem::bad_request("provider_unavailable", detail);
            Err(problem.with_status(StatusCode::SERVICE_UNAVAILABLE))
        }
        Err(_) if !door.limits.has_room(Budget::General, facts.client) => {
            Err(Problem::of(ErrorKind::TooMany))
        }
        Err(_) => {
            let body = json!({ "error": "invalid_request", "error_description": "The logout token is not believed." });
            let kind = [(header::CONTENT_TYPE, "application/json")];
            Ok((StatusCode::BAD_REQUEST, kind, body.to_string()).into_response())
        }
    }
}
