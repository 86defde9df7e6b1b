//! `GET` and `POST /login`.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::json;

use super::error::Problem;
use super::extract::{Format, Here, Known, Submission, Visit};
use super::pages::{EmailProblem, RedirectLoop, SignIn, SignInProblem, html};
use super::{Shared, arrivals};
use crate::domain::email::Email;
use crate::domain::password::GivenPassword;
use crate::services::login::LoginError;
use crate::services::sessions::{Begun, Entrance};

/// What the query of a page may hold.
#[derive(Debug, Default, Deserialize)]
pub(super) struct PageQuery {
    /// Where to return.
    pub(super) rd: Option<String>,
}

/// The query, where it can be read; otherwise as if there were none.
pub(super) type MaybeQuery = Result<Query<PageQuery>, axum::extract::rejection::QueryRejection>;

pub(super) fn rd_of(query: MaybeQuery) -> Option<String> {
    query.ok().and_then(|Query(query)| query.rd)
}

/// The form; a visitor who is signed in already just goes on.
pub(super) async fn page(
    State(door): State<Shared>,
    Known(facts): Known,
    visit: Visit,
    query: MaybeQuery,
    headers: HeaderMap,
) -> Response {
    let return_to = visit.here.return_to(rd_of(query).as_deref());
    let rd = return_to.as_ref().map_or("", |rd| rd.as_str());
    if visit.session().is_none() {
        let page = SignIn {
            frame: facts.frame(),
            email: "",
            remember: false,
            return_to: rd,
            registration_open: door.services.register.is_open(),
            problem: None,
            email_problem: None,
            password_missing: false,
        };
        return visit.mend(html(StatusCode::OK, &page));
    }
    if rd.is_empty() {
        return Redirect::to(&format!("{}/account", door.base_path)).into_response();
    }
    let arrival = arrivals::note(&headers, rd, door.services.sessions.clock.now());
    if arrival.is_loop {
        let page = RedirectLoop {
            frame: facts.frame(),
            return_to: rd,
            site: &visit.here.place.origin.to_string(),
            cookie_name: visit.here.cookie.name(),
            reference: &facts.request_id,
        };
        return html(StatusCode::OK, &page);
    }
    let mut response = Redirect::to(rd).into_response();
    response.headers_mut().append(header::SET_COOKIE, arrival.cookie(&visit.here.cookie));
    response
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
    let password = submission.text("password")?.unwrap_or_default();
    let outcome = match (Email::parse(email), GivenPassword::parse(password.to_owned())) {
        (Ok(email), Ok(password)) => {
            let entrance = entrance(&here, &headers, remember);
            door.services.login.sign_in(&email, password, entrance).await.map_err(Refusal::from)
        }
        (parsed, password) => Err(Refusal::Fields { email: parsed.is_err(), password: password.err() }),
    };
    match outcome {
        Ok(begun) => Ok(signed_in(&here, &begun, rd.as_ref().map(|rd| rd.as_str()), (submission.format, StatusCode::OK))),
        Err(refusal) if submission.format == Format::Json => Err(refusal.problem()),
        Err(Refusal::Problem(problem)) => Err(problem),
        Err(refusal) => {
            let fields = refusal.fields(email, password);
            let page = SignIn {
                frame: facts.frame(),
                email,
                remember,
                return_to: rd.as_ref().map_or("", |rd| rd.as_str()),
                registration_open: door.services.register.is_open(),
                problem: fields.0,
                email_problem: fields.1,
                password_missing: fields.2,
            };
            let problem = refusal.problem();
            let mut response = html(problem.status, &page);
            problem.add_headers(&mut response, here.place.app.id.as_str());
            Ok(response)
        }
    }
}

/// Why nobody was signed in, as far as the form is concerned.
enum Refusal {
    Credentials,
    Busy,
    Fields { email: bool, password: Option<crate::domain::password::PasswordError> },
    Problem(Problem),
}

impl From<LoginError> for Refusal {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::InvalidCredentials => Self::Credentials,
            LoginError::Busy => Self::Busy,
            LoginError::Failure(failure) => Self::Problem(failure.into()),
        }
    }
}

impl Refusal {
    fn problem(&self) -> Problem {
        match self {
            Self::Credentials => {
                let detail = "There is no account with this e-mail address and password.";
                Problem::unauthorized("invalid_credentials", detail)
            }
            Self::Busy => Problem::busy(),
            Self::Problem(problem) => problem.clone(),
            Self::Fields { email: true, .. } => {
                let detail = "The field \"email\" must be an address such as name@example.com.";
                Problem::bad_request("invalid_email", detail).with("field", "email")
            }
            Self::Fields { password, .. } => {
                let reason = password.as_ref().map(ToString::to_string).unwrap_or_default();
                Problem::bad_request("invalid_password", format!("The field \"password\" {reason}."))
                    .with("field", "password")
            }
        }
    }

    fn fields(&self, email: &str, password: &str) -> (Option<SignInProblem>, Option<EmailProblem>, bool) {
        match self {
            Self::Busy => (Some(SignInProblem::Busy), None, false),
            Self::Fields { email: bad_email, .. } => {
                let missing = email.trim().is_empty();
                let word = if missing { EmailProblem::Missing } else { EmailProblem::Invalid };
                let email_problem = bad_email.then_some(word);
                let unusable = email_problem.is_none() && !password.is_empty();
                (unusable.then_some(SignInProblem::WrongCredentials), email_problem, password.is_empty())
            }
            Self::Credentials | Self::Problem(_) => (Some(SignInProblem::WrongCredentials), None, false),
        }
    }
}

/// The longest description of a browser that is kept, in characters.
const MAX_DEVICE: usize = 200;

/// Where and how somebody enters, from the facts of the request.
pub(super) fn entrance(here: &Here, headers: &HeaderMap, remember: bool) -> Entrance {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    Entrance {
        pool: here.place.app.pool.clone(),
        app: here.place.app.id.clone(),
        device: agent.chars().take(MAX_DEVICE).collect(),
        remember,
        previous: here.cookie.presented(headers).tokens,
    }
}

/// The answer to a sign-in or registration that succeeded: the cookie, and the way on.
pub(super) fn signed_in(
    here: &Here,
    begun: &Begun,
    rd: Option<&str>,
    (format, status): (Format, StatusCode),
) -> Response {
    let return_to = rd.map_or_else(|| here.start_page(), ToOwned::to_owned);
    let session = &begun.session;
    let keep = session.remembered.then(|| session.expires_at.since(session.signed_in_at));
    let mut response = match format {
        Format::Html => Redirect::to(&return_to).into_response(),
        Format::Json => {
            let body = json!({ "user_id": session.user.to_string(), "return_to": return_to });
            (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body.to_string())
                .into_response()
        }
    };
    response.headers_mut().append(header::SET_COOKIE, here.cookie.set(begun.token, keep));
    response
}
