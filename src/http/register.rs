//! `GET` and `POST /register`.
//!
//! Must not judge an address or a password itself, nor show a password again.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use super::error::Problem;
use super::extract::{Facts, Format, Here, Known, Rd, Submission, Visit};
use super::login::{entrance, signed_in};
use super::metrics::Registered;
use super::pages::{
    self, EmailProblem, ErrorKind, PasswordProblem, RegisterProblem, RegistrationClosed, html,
};
use super::{Door, Shared, oauth};
use crate::domain::email::Email;
use crate::domain::password::PasswordError;
use crate::services::register::RegisterError;
use crate::services::sessions::Begun;

/// The form; a visitor who is signed in already just goes on.
pub(super) async fn page(
    State(door): State<Shared>,
    Known(facts): Known,
    visit: Visit,
    Rd(rd): Rd,
) -> Response {
    let return_to = visit.here.return_to(rd.as_deref());
    let rd = return_to.as_ref().map_or("", |rd| rd.as_str());
    if visit.session().is_some() {
        let account = format!("{}/account", door.base_path);
        return Redirect::to(if rd.is_empty() { &account } else { rd }).into_response();
    }
    let response = if door.services.register.is_open() {
        let buttons = oauth::buttons(&door, &visit.here, ("rd", rd));
        let form = pages::Register {
            providers: &buttons,
            ..form(&facts, "", rd)
        };
        html(StatusCode::OK, &form)
    } else {
        html(
            StatusCode::FORBIDDEN,
            &RegistrationClosed {
                frame: facts.frame(),
                return_to: rd,
            },
        )
    };
    visit.mend(response)
}

fn form<'a>(facts: &'a Facts, email: &'a str, rd: &'a str) -> pages::Register<'a> {
    pages::Register {
        frame: facts.frame(),
        email,
        return_to: rd,
        providers: &[],
        problem: None,
        email_problem: None,
        password_problem: None,
    }
}

/// Makes the account and signs in.
pub(super) async fn submit(
    State(door): State<Shared>,
    Known(facts): Known,
    here: Here,
    headers: HeaderMap,
    submission: Submission,
) -> Result<Response, Problem> {
    let typed = submission.text("email")?.unwrap_or_default();
    let rd = here.return_to(submission.rd()?);
    let rd = rd.as_ref().map_or("", |rd| rd.as_str());
    let password = submission.text("password")?.unwrap_or_default();
    let outcome = attempt(&door, &facts, &here, (typed, password), &headers).await;
    door.metrics.registered(
        outcome
            .as_ref()
            .map_or_else(Refusal::word, |_| Registered::Ok),
    );
    match outcome {
        Ok(begun) => {
            let rd = (!rd.is_empty()).then_some(rd);
            Ok(signed_in(
                &facts,
                &here,
                &begun,
                rd,
                (submission.format, StatusCode::CREATED),
            ))
        }
        Err(refusal) if submission.format == Format::Html => {
            let buttons = oauth::buttons(&door, &here, ("rd", rd));
            let form = pages::Register {
                providers: &buttons,
                ..form(&facts, typed, rd)
            };
            refusal.page(&facts, form)
        }
        Err(refusal) => Err(refusal.problem()),
    }
}

/// Registers with what was typed, if all of it is in order.
async fn attempt(
    door: &Door,
    facts: &Facts,
    here: &Here,
    (typed, password): (&str, &str),
    headers: &HeaderMap,
) -> Result<Begun, Refusal> {
    let register = &door.services.register;
    let context = vec![typed.to_owned(), here.name.clone()];
    let judged = register.judge_password(password.to_owned(), context).await;
    match (Email::parse(typed), judged.map_err(Refusal::Service)?) {
        (Ok(email), Ok(password)) => {
            let entrance = entrance(facts, here, headers, false);
            let registered = register.register(email, password, entrance).await;
            registered.map_err(Refusal::Service)
        }
        (email, password) => Err(Refusal::Fields {
            email: email.is_err(),
            password: password.err(),
        }),
    }
}

/// Why nobody was registered.
enum Refusal {
    Fields {
        email: bool,
        password: Option<PasswordError>,
    },
    Service(RegisterError),
}

impl Refusal {
    /// The same as a word for the metrics.
    fn word(&self) -> Registered {
        match self {
            Self::Fields { .. } => Registered::Invalid,
            Self::Service(RegisterError::Closed) => Registered::Closed,
            Self::Service(RegisterError::DomainNotAllowed) => Registered::DomainNotAllowed,
            Self::Service(RegisterError::EmailTaken) => Registered::EmailTaken,
            Self::Service(RegisterError::Busy) => Registered::Busy,
            Self::Service(RegisterError::Failure(_)) => Registered::Failure,
        }
    }

    fn problem(self) -> Problem {
        match self {
            Self::Fields { email: true, .. } => Problem::invalid_email(),
            Self::Fields { password, .. } => {
                let error = password.unwrap_or(PasswordError::Empty);
                Problem::bad_request(code(&error), format!("The field \"password\" {error}."))
                    .with("field", "password")
            }
            Self::Service(error) => refused(error),
        }
    }

    /// The form again, with what is wrong beside each field and the address kept.
    fn page(self, facts: &Facts, form: pages::Register<'_>) -> Result<Response, Problem> {
        let (typed, rd) = (form.email, form.return_to);
        // With words of `self` in it, it lives no longer than that.
        let mut form: pages::Register<'_> = form;
        let status = match &self {
            Self::Fields { email, password } => {
                form.email_problem = email.then(|| EmailProblem::of(typed));
                form.password_problem = password.as_ref().map(words);
                StatusCode::BAD_REQUEST
            }
            Self::Service(RegisterError::EmailTaken) => {
                form.email_problem = Some(EmailProblem::Taken);
                StatusCode::CONFLICT
            }
            Self::Service(RegisterError::Busy) => {
                form.problem = Some(RegisterProblem::Busy);
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Service(RegisterError::DomainNotAllowed) => {
                form.email_problem = Some(EmailProblem::DomainNotAllowed);
                StatusCode::FORBIDDEN
            }
            Self::Service(RegisterError::Closed) => {
                let page = RegistrationClosed {
                    frame: facts.frame(),
                    return_to: rd,
                };
                return Ok(html(StatusCode::FORBIDDEN, &page));
            }
            Self::Service(RegisterError::Failure(_)) => return Err(self.problem()),
        };
        let mut response = html(status, &form);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            Problem::busy().add_headers(&mut response, "");
        }
        Ok(response)
    }
}

const fn code(error: &PasswordError) -> &'static str {
    match error {
        PasswordError::Empty | PasswordError::TooShort => "password_too_short",
        PasswordError::TooLong => "password_too_long",
        PasswordError::ControlCharacter => "invalid_password",
        PasswordError::TooWeak(_) => "password_too_weak",
    }
}

fn words(error: &PasswordError) -> PasswordProblem<'_> {
    match error {
        PasswordError::Empty => PasswordProblem::Missing,
        PasswordError::TooShort => PasswordProblem::TooShort,
        PasswordError::TooLong => PasswordProblem::TooLong,
        PasswordError::ControlCharacter => PasswordProblem::ControlCharacter,
        PasswordError::TooWeak(advice) => PasswordProblem::TooWeak {
            suggestion: advice.as_deref().unwrap_or(""),
        },
    }
}

fn refused(error: RegisterError) -> Problem {
    match error {
        RegisterError::Closed => Problem::new(
            ErrorKind::NotAllowed,
            "registration_closed",
            "New accounts can't be made here.",
        ),
        RegisterError::DomainNotAllowed => {
            let detail = "Addresses of this domain can't register here.";
            Problem::new(ErrorKind::NotAllowed, "email_domain_not_allowed", detail)
                .with("field", "email")
        }
        RegisterError::EmailTaken => {
            let detail = "There is an account with this e-mail address already.";
            Problem::bad_request("email_taken", detail)
                .with_status(StatusCode::CONFLICT)
                .with("field", "email")
        }
        RegisterError::Busy => Problem::busy(),
        RegisterError::Failure(failure) => failure.into(),
    }
}
