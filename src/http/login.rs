//! `GET` and `POST /login`.
//!
//! Must not say which of address and password was wrong, nor redirect to an unparsed `rd`.

mod claim;

use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::json;

use super::device_cookie::DeviceCookie;
use super::error::Problem;
use super::extract::{Facts, Format, Here, Known, Query, Rd, Submission, Visit};
use super::metrics::SignedIn;
use super::pages::{EmailProblem, RedirectLoop, SignIn, SignInProblem, html};
use super::{Shared, arrivals, oauth};
use crate::domain::email::Email;
use crate::domain::password::{GivenPassword, PasswordError};
use crate::domain::return_to::ReturnTo;
use crate::services::login::LoginError;
use crate::services::sessions::{Begun, Entrance};

/// The longest description of a browser that is kept, in characters.
const MAX_DEVICE: usize = 200;

/// The form; a visitor who is signed in already just goes on.
pub(super) async fn page(
    State(door): State<Shared>,
    Known(facts): Known,
    visit: Visit,
    (Rd(rd), query): (Rd, Query),
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(claim) = query.parsed("claim") {
        return claim::page(&door, &facts, &visit.here, (claim, &headers)).await;
    }
    let return_to = visit.here.return_to(rd.as_deref());
    let rd = return_to.as_ref().map_or("", |rd| rd.as_str());
    if visit.session().is_none() {
        let buttons = oauth::buttons(&door, &visit.here, ("rd", rd));
        let form = SignIn {
            providers: &buttons,
            ..form(&facts, "", rd, door.services.register.is_open())
        };
        return Ok(visit.mend(html(StatusCode::OK, &form)));
    }
    if rd.is_empty() {
        return Ok(Redirect::to(&format!("{}/account", door.base_path)).into_response());
    }
    let arrival = arrivals::note(&headers, rd, door.clock.now());
    if arrival.is_loop {
        let page = RedirectLoop {
            frame: facts.frame(),
            return_to: rd,
            site: &visit.here.place.origin.to_string(),
            cookie_name: visit.here.cookie.name(),
            reference: &facts.request_id,
        };
        return Ok(html(StatusCode::OK, &page));
    }
    let mut response = Redirect::to(rd).into_response();
    response
        .headers_mut()
        .append(header::SET_COOKIE, arrival.cookie(&visit.here.cookie));
    Ok(response)
}

pub(super) fn form<'a>(
    facts: &'a Facts,
    email: &'a str,
    rd: &'a str,
    registration_open: bool,
) -> SignIn<'a> {
    SignIn {
        frame: facts.frame(),
        email,
        remember: false,
        return_to: rd,
        registration_open,
        providers: &[],
        claim: None,
        problem: None,
        email_problem: None,
        password_missing: false,
    }
}

/// Signs in.
pub(super) async fn submit(
    State(door): State<Shared>,
    Known(facts): Known,
    here: Here,
    headers: HeaderMap,
    submission: Submission,
) -> Result<Response, Problem> {
    let email = submission.text("email")?.unwrap_or_default();
    let remember = submission.flag("remember")?;
    let rd = here.return_to(submission.rd()?);
    let rd = rd.as_ref().map(ReturnTo::as_str);
    let password = submission.text("password")?.unwrap_or_default();
    let outcome = match (
        Email::parse(email),
        GivenPassword::parse(password.to_owned()),
    ) {
        (Ok(email), Ok(password)) => {
            let entrance = entrance(&facts, &here, &headers, remember);
            door.services
                .login
                .sign_in(&email, password, entrance)
                .await
                .map_err(Refusal::from)
        }
        (parsed, password) => Err(Refusal::Fields {
            email: parsed.is_err(),
            password: password.err(),
        }),
    };
    door.metrics.signed_in(
        outcome
            .as_ref()
            .map_or_else(Refusal::word, |_| SignedIn::Ok),
    );
    match outcome {
        Ok(begun) => {
            let proven = claim::prove(&door, &here, (&submission, &headers), &begun.session);
            let proven = proven.await?;
            let rd = proven.as_deref().or(rd);
            let how = (submission.format, StatusCode::OK);
            Ok(signed_in(&facts, &here, &begun, rd, how))
        }
        Err(Refusal::Problem(problem)) => Err(problem),
        Err(refusal) if submission.format == Format::Json => Err(refusal.problem()),
        Err(refusal) => {
            let rd = rd.unwrap_or_default();
            let waiting = claim::waiting(&door, &here, (&submission, &headers)).await?;
            let buttons = match &waiting {
                Some(waiting) => waiting.buttons(&door),
                None => oauth::buttons(&door, &here, ("rd", rd)),
            };
            let open = door.services.register.is_open() && waiting.is_none();
            let form = SignIn {
                remember,
                providers: &buttons,
                claim: waiting.as_ref().map(claim::Waiting::shown),
                ..form(&facts, email, rd, open)
            };
            Ok(refusal.page(form, password, here.place.app.id.as_str()))
        }
    }
}

/// Why nobody was signed in, as far as the form is concerned.
enum Refusal {
    Credentials,
    TooMany(Duration),
    Busy,
    Fields {
        email: bool,
        password: Option<PasswordError>,
    },
    Problem(Problem),
}

impl From<LoginError> for Refusal {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::InvalidCredentials => Self::Credentials,
            LoginError::TooManyAttempts(wait) => Self::TooMany(wait),
            LoginError::Busy => Self::Busy,
            LoginError::Failure(failure) => Self::Problem(failure.into()),
        }
    }
}

impl Refusal {
    /// The same as a word for the metrics.
    fn word(&self) -> SignedIn {
        match self {
            Self::Credentials => SignedIn::InvalidCredentials,
            Self::TooMany(_) => SignedIn::TooManyAttempts,
            Self::Busy => SignedIn::Busy,
            Self::Fields { .. } => SignedIn::Invalid,
            Self::Problem(_) => SignedIn::Failure,
        }
    }

    fn problem(&self) -> Problem {
        match self {
            Self::Credentials => {
                let detail = "There is no account with this e-mail address and password.";
                Problem::unauthorized("invalid_credentials", detail)
            }
            Self::TooMany(wait) => {
                let detail = "There were too many attempts to sign in with this address.";
                Problem::too_many("too_many_attempts", detail, *wait)
            }
            Self::Busy => Problem::busy(),
            Self::Problem(problem) => problem.clone(),
            Self::Fields { email: true, .. } => Problem::invalid_email(),
            Self::Fields { password, .. } => {
                let reason = password
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                Problem::bad_request(
                    "invalid_password",
                    format!("The field \"password\" {reason}."),
                )
                .with("field", "password")
            }
        }
    }

    /// The form again, with what is wrong beside each field.
    fn page(&self, mut form: SignIn<'_>, password: &str, realm: &str) -> Response {
        let problem = self.problem();
        match self {
            Self::TooMany(_) => {
                let seconds = problem.retry_after().unwrap_or_default();
                form.problem = Some(SignInProblem::TooManyAttempts { seconds });
            }
            Self::Busy => form.problem = Some(SignInProblem::Busy),
            Self::Credentials | Self::Problem(_) => {
                form.problem = Some(SignInProblem::WrongCredentials)
            }
            Self::Fields { email, .. } => {
                form.email_problem = email.then(|| EmailProblem::of(form.email));
                form.password_missing = password.is_empty();
                // A password that no account can have is a wrong one, and no more is said of it.
                let unusable = !email && !password.is_empty();
                form.problem = unusable.then_some(SignInProblem::WrongCredentials);
            }
        }
        let mut response = html(problem.status, &form);
        problem.add_headers(&mut response, realm);
        response
    }
}

/// Where and how somebody enters, from the facts of the request.
pub(super) fn entrance(
    facts: &Facts,
    here: &Here,
    headers: &HeaderMap,
    remember: bool,
) -> Entrance {
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|agent| agent.to_str().ok())
        .unwrap_or_default();
    Entrance {
        pool: here.place.app.pool.clone(),
        app: here.place.app.id.clone(),
        device: agent.chars().take(MAX_DEVICE).collect(),
        remember,
        previous: here.cookie.presented(headers).tokens.into_vec(),
        client: facts.client,
        devices: DeviceCookie::at(here, facts).presented(headers),
    }
}

/// The answer to a sign-in or registration that succeeded: the cookies, and the way on.
pub(super) fn signed_in(
    facts: &Facts,
    here: &Here,
    begun: &Begun,
    rd: Option<&str>,
    (format, status): (Format, StatusCode),
) -> Response {
    let return_to = rd.map_or_else(|| here.start_page(), ToOwned::to_owned);
    let session = &begun.session;
    let keep = session
        .remembered
        .then(|| session.expires_at.since(session.signed_in_at));
    let mut response = match format {
        Format::Html => Redirect::to(&return_to).into_response(),
        Format::Json => {
            let body = json!({ "user_id": session.user.to_string(), "return_to": return_to });
            (
                status,
                [(
                    header::CONTENT_TYPE,
                    HeaderValue::from_static("application/json"),
                )],
                body.to_string(),
            )
                .into_response()
        }
    };
    response
        .headers_mut()
        .append(header::SET_COOKIE, here.cookie.set(begun.token, keep));
    if !begun.devices.is_empty() {
        let device = DeviceCookie::at(here, facts).set(&begun.devices);
        response.headers_mut().append(header::SET_COOKIE, device);
    }
    response
}
