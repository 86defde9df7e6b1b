//! An identity that waits for the owner of an account: whoever signs in to it once, in its own way, has both.
//!
//! Must not be shown in any browser but the one it was made in.

use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use super::form;
use crate::domain::flow::{BrowserKey, Claim};
use crate::domain::ids::ProviderId;
use crate::domain::session::Session;
use crate::http::Door;
use crate::http::error::Problem;
use crate::http::extract::{Facts, Here, Submission};
use crate::http::oauth::{browser_key, way_to};
use crate::http::pages::{self, ProviderButton, SignIn, html};
use crate::services::identities::{Claimed, Proof};
use crate::services::oauth_login::OauthError;

/// An identity that waits, as a page shows it.
pub(super) struct Waiting {
    claim: String,
    claimed: Claimed,
}

impl Waiting {
    async fn find(
        door: &Door,
        claim: Claim,
        browser: Option<BrowserKey>,
    ) -> Result<Option<Self>, Problem> {
        let Some(browser) = browser else {
            return Ok(None);
        };
        let claimed = door.services.identities.claimed(claim, browser).await?;
        Ok(claimed.map(|claimed| Self {
            claim: claim.reveal(),
            claimed,
        }))
    }

    /// The providers that lead into the account.
    pub(super) fn buttons(&self, door: &Door) -> Vec<ProviderButton> {
        let button = |(id, name): &(ProviderId, String)| ProviderButton {
            name: name.clone(),
            url: way_to(door, id, ("claim", &self.claim)),
        };
        self.claimed.providers.iter().map(button).collect()
    }

    pub(super) fn shown(&self) -> pages::Claim<'_> {
        pages::Claim {
            token: &self.claim,
            provider: &self.claimed.provider,
            has_password: self.claimed.has_password,
        }
    }
}

/// The page that asks for it; the usual one where nothing waits (any more).
pub(super) async fn page(
    door: &Door,
    facts: &Facts,
    here: &Here,
    (claim, headers): (Claim, &HeaderMap),
) -> Result<Response, Problem> {
    let browser = browser_key::presented(here, headers);
    let Some(waiting) = Waiting::find(door, claim, browser).await? else {
        // Whoever is signed in goes on, and others begin anew.
        let login = format!("{}/login", door.base_path);
        return Ok(Redirect::to(&login).into_response());
    };
    let buttons = waiting.buttons(door);
    let page = SignIn {
        providers: &buttons,
        claim: Some(waiting.shown()),
        ..form(facts, waiting.claimed.email.as_str(), "", false)
    };
    Ok(html(StatusCode::OK, &page))
}

/// The identity that waits for what was submitted.
pub(super) async fn waiting(
    door: &Door,
    here: &Here,
    (submission, headers): (&Submission, &HeaderMap),
) -> Result<Option<Waiting>, Problem> {
    match submission
        .text("claim")?
        .and_then(|claim| claim.parse().ok())
    {
        Some(claim) => Waiting::find(door, claim, browser_key::presented(here, headers)).await,
        None => Ok(None),
    }
}

/// Links the identity that waits, where whoever has just signed in has proven to be who it waits for; yields where to go. Somebody else
/// is signed in all the same, and nothing is linked.
pub(super) async fn prove(
    door: &Door,
    here: &Here,
    (submission, headers): (&Submission, &HeaderMap),
    session: &Session,
) -> Result<Option<String>, Problem> {
    let claim: Option<Claim> = submission
        .text("claim")?
        .and_then(|claim| claim.parse().ok());
    let Some((claim, browser)) = claim.zip(browser_key::presented(here, headers)) else {
        return Ok(None);
    };
    let proof = Proof {
        claim_hash: &claim.hash(),
        browser_hash: &browser.hash(),
        user: session.user,
        epoch: session.epoch,
    };
    match door.services.identities.prove(proof).await {
        Ok(return_to) => Ok(return_to),
        Err(OauthError::Failure(failure)) => Err(failure.into()),
        Err(reason) => {
            tracing::info!(%reason, user = %session.user, "an identity was not linked after a sign-in");
            Ok(None)
        }
    }
}
