//! `GET /login/{provider}` and `GET /login/{provider}/callback`: to a provider, and back.
//!
//! Must not show a word that came from a provider, nor redirect anywhere but to the provider and to a parsed return
//! address.

pub(super) mod browser_key;
mod refusal;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use sha2::{Digest, Sha256};

use super::error::Problem;
use super::extract::{Facts, Format, Here, Known, Query, Visit};
use super::login::{entrance, signed_in};
use super::metrics::{Budget, ProviderSignIn};
use super::pages::{ErrorKind, ProviderButton};
use super::{Door, Shared, forgery};
use crate::domain::ids::ProviderId;
use crate::services::oauth_login::{
    Beginning, Callback, Finished, OauthError, Purpose, Unfinished,
};
use crate::services::sessions::Token;
use refusal::Refused;

/// The buttons of the providers that the app's users may sign in with.
pub(super) fn buttons(
    door: &Door,
    here: &Here,
    (name, value): (&str, &str),
) -> Vec<ProviderButton> {
    let offered = door.services.identities.offered(&here.place.app.pool);
    let button = |(id, label): (ProviderId, String)| ProviderButton {
        name: label,
        url: way_to(door, &id, (name, value)),
    };
    offered.into_iter().map(button).collect()
}

/// The address that begins a sign-in at a provider, with one parameter unless that is empty.
pub(super) fn way_to(door: &Door, provider: &ProviderId, (name, value): (&str, &str)) -> String {
    let address = format!("{}/login/{provider}", door.base_path);
    if value.is_empty() {
        return address;
    }
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair(name, value)
        .finish();
    format!("{address}?{query}")
}

/// What lets the page of a signed-in visitor begin to link an account at a provider, and no other page: nobody can say it
/// who has not the session.
pub(super) fn link_proof(session: Token, provider: &ProviderId) -> String {
    let mut digest = Sha256::new();
    digest.update(b"doorward-link-v1\n");
    digest.update(session.reveal());
    digest.update(b"\n");
    digest.update(provider.as_str());
    hex::encode(digest.finalize())
}

fn callback_of(door: &Door, here: &Here, provider: &ProviderId) -> String {
    format!(
        "{}{}/login/{provider}/callback",
        here.place.origin, door.base_path
    )
}

/// The provider in a path, if the app's pool offers it.
fn offered(door: &Door, here: &Here, id: &str) -> Result<ProviderId, Problem> {
    let offered = door.services.identities.offered(&here.place.app.pool);
    let known = offered.into_iter().find(|(known, _)| known.as_str() == id);
    known
        .map(|(id, _)| id)
        .ok_or_else(|| Problem::of(ErrorKind::NotFound))
}

/// HEAD too is refused: what looks at a link ahead of its reader must not use up a sign-in.
fn wrong_method(method: &Method) -> Option<Response> {
    if method == Method::GET {
        return None;
    }
    let mut response = Problem::of(ErrorKind::MethodNotAllowed).into_response();
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static("GET"));
    Some(response)
}

/// To the provider.
pub(super) async fn begin(
    State(door): State<Shared>,
    Known(facts): Known,
    Path(id): Path<String>,
    (method, visit, query): (Method, Visit, Query),
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let here = &visit.here;
    let provider = offered(&door, here, &id)?;
    if let Some(refused) = wrong_method(&method) {
        return Ok(refused);
    }
    let purpose = purpose(&visit, &query, &provider)?;
    let return_to = here.return_to(query.once("rd"));
    if forgery::is_from_another_site(&headers) {
        // Another site may send people to the door, and not through it.
        let rd = return_to.as_ref().map_or("", |rd| rd.as_str());
        return Ok(Redirect::to(&facts.frame().link("/login", rd)).into_response());
    }
    let beginning = Beginning {
        provider: &provider,
        pool: &here.place.app.pool,
        redirect_uri: callback_of(&door, here, &provider),
        return_to: return_to.clone(),
        browser: browser_key::presented(here, &headers),
        purpose,
    };
    match door.services.oauth_login.begin(beginning).await {
        Ok(begun) => {
            let mut response = Redirect::to(begun.url.as_str()).into_response();
            let cookie = browser_key::set(here, begun.browser);
            response.headers_mut().append(header::SET_COOKIE, cookie);
            Ok(response)
        }
        Err(reason) => {
            let unfinished = Unfinished {
                reason,
                return_to: return_to.map(|rd| rd.as_str().to_owned()),
                linking: matches!(purpose, Purpose::Link(_)),
            };
            refused(&door, &facts, &visit, (&provider, unfinished)).await
        }
    }
}

/// What a sign-in is for. To link is for a page of our own to ask alone (THREATS 24): the address of another site can't
/// have the proof.
fn purpose(visit: &Visit, query: &Query, provider: &ProviderId) -> Result<Purpose, Problem> {
    if let Some(proof) = query.once("link") {
        let session = visit.token().zip(visit.session());
        let session = session.filter(|(token, _)| link_proof(*token, provider) == proof);
        let (_, session) = session.ok_or_else(|| Problem::of(ErrorKind::CrossSite))?;
        return Ok(Purpose::Link(session.user));
    }
    Ok(query
        .parsed("claim")
        .map_or(Purpose::SignIn, Purpose::Prove))
}

/// Back from the provider.
pub(super) async fn callback(
    State(door): State<Shared>,
    Known(facts): Known,
    Path(id): Path<String>,
    (method, visit, query): (Method, Visit, Query),
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let here = &visit.here;
    let provider = offered(&door, here, &id)?;
    if let Some(refused) = wrong_method(&method) {
        return Ok(refused);
    }
    let callback = Callback {
        provider: &provider,
        pool: &here.place.app.pool,
        redirect_uri: &callback_of(&door, here, &provider),
        browser: browser_key::presented(here, &headers),
        state: query.parsed("state"),
        code: query.once("code"),
        // Facebook tells some by a number alone.
        error: query.once("error").or_else(|| query.once("error_code")),
        issuer: query.once("iss"),
        signed_in: visit.acting(),
        may_register: &|| door.limits.has_room(Budget::Registration, facts.client),
    };
    let entrance = entrance(&facts, here, &headers, false);
    let finished = door.services.oauth_login.finish(callback, entrance).await;
    door.metrics.signed_in_at_provider(word(&finished));
    match finished {
        Ok(finished) => Ok(go_on(&door, &facts, here, finished)),
        Err(unfinished) => refused(&door, &facts, &visit, (&provider, unfinished)).await,
    }
}

fn go_on(door: &Door, facts: &Facts, here: &Here, finished: Finished) -> Response {
    match finished {
        Finished::SignedIn {
            begun, return_to, ..
        } => {
            let how = (Format::Html, StatusCode::OK);
            signed_in(facts, here, &begun, return_to.as_deref(), how)
        }
        Finished::Linked => Redirect::to(&format!("{}/account", door.base_path)).into_response(),
        Finished::Claimed(claim) => {
            let address = format!("{}/login?claim={}", door.base_path, claim.reveal());
            Redirect::to(&address).into_response()
        }
        Finished::Repeated { return_to } => {
            let return_to = return_to.unwrap_or_else(|| here.start_page());
            Redirect::to(&return_to).into_response()
        }
    }
}

async fn refused(
    door: &Door,
    facts: &Facts,
    visit: &Visit,
    (provider, unfinished): (&ProviderId, Unfinished),
) -> Result<Response, Problem> {
    let linking = unfinished.linking;
    let rd = unfinished.return_to.unwrap_or_default();
    let name = door.services.identities.name_of(provider);
    let refused = match Refused::of(unfinished.reason, &name) {
        Ok(refused) => refused,
        Err(problem) => return Err(problem),
    };
    if facts.format == Format::Json {
        return Err(refused.problem());
    }
    if linking && visit.session().is_some() {
        return refused.on_account_page(door, facts, visit).await;
    }
    Ok(refused.on_sign_in_page(door, facts, &visit.here, &rd))
}

fn word(finished: &Result<Finished, Unfinished>) -> ProviderSignIn {
    match finished {
        Ok(Finished::SignedIn {
            registered: true, ..
        }) => ProviderSignIn::Registered,
        Ok(Finished::SignedIn { .. }) => ProviderSignIn::Ok,
        Ok(Finished::Linked) => ProviderSignIn::Linked,
        Ok(Finished::Claimed(_)) => ProviderSignIn::Claimed,
        Ok(Finished::Repeated { .. }) => ProviderSignIn::Repeated,
        Err(unfinished) => match unfinished.reason {
            OauthError::Cancelled => ProviderSignIn::Cancelled,
            OauthError::Expired => ProviderSignIn::Expired,
            OauthError::Unavailable => ProviderSignIn::Unavailable,
            OauthError::Failed | OauthError::NotOffered => ProviderSignIn::Failed,
            OauthError::RegistrationClosed
            | OauthError::DomainNotAllowed
            | OauthError::EmailTaken
            | OauthError::Disabled
            | OauthError::IdentityTaken
            | OauthError::TooMany
            | OauthError::OtherAccount => ProviderSignIn::NotAdmitted,
            OauthError::Failure(_) => ProviderSignIn::Failure,
        },
    }
}
