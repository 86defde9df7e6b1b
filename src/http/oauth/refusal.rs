//! What people are told when nobody was signed in: on the page from which they can go on.

use axum::http::StatusCode;
use axum::response::Response;

use super::buttons;
use crate::http::Door;
use crate::http::account;
use crate::http::error::Problem;
use crate::http::extract::{Facts, Here, Visit};
use crate::http::login;
use crate::http::pages::{ErrorKind, ProviderProblem, SignIn, SignInProblem, html};
use crate::services::oauth_login::OauthError;

/// A sign-in that somebody can do something about.
pub(super) struct Refused<'a> {
    problem: ProviderProblem,
    code: &'static str,
    status: StatusCode,
    provider: &'a str,
}

impl<'a> Refused<'a> {
    /// What there is to say; a problem of ours or a missing page is said as everywhere.
    pub(super) fn of(reason: OauthError, provider: &'a str) -> Result<Self, Problem> {
        use ProviderProblem as Words;
        let (problem, code, status) = match reason {
            OauthError::NotOffered => return Err(Problem::of(ErrorKind::NotFound)),
            OauthError::Failure(failure) => return Err(failure.into()),
            OauthError::Cancelled => (
                Words::Cancelled,
                "provider_cancelled",
                StatusCode::FORBIDDEN,
            ),
            OauthError::Expired => (Words::Expired, "sign_in_expired", StatusCode::BAD_REQUEST),
            OauthError::Unavailable => {
                let status = StatusCode::SERVICE_UNAVAILABLE;
                (Words::Unavailable, "provider_unavailable", status)
            }
            OauthError::Failed => (Words::Failed, "provider_failed", StatusCode::BAD_GATEWAY),
            OauthError::RegistrationClosed => (
                Words::RegistrationClosed,
                "registration_closed",
                StatusCode::FORBIDDEN,
            ),
            OauthError::DomainNotAllowed => (
                Words::DomainNotAllowed,
                "email_domain_not_allowed",
                StatusCode::FORBIDDEN,
            ),
            OauthError::EmailTaken => (Words::EmailTaken, "email_taken", StatusCode::CONFLICT),
            OauthError::TooMany => {
                let status = StatusCode::TOO_MANY_REQUESTS;
                (Words::TooMany, "too_many_requests", status)
            }
            OauthError::Disabled => (Words::Disabled, "account_disabled", StatusCode::FORBIDDEN),
            OauthError::IdentityTaken => {
                (Words::IdentityTaken, "identity_taken", StatusCode::CONFLICT)
            }
            OauthError::OtherAccount => {
                (Words::OtherAccount, "other_account", StatusCode::CONFLICT)
            }
        };
        Ok(Self {
            problem,
            code,
            status,
            provider,
        })
    }

    /// For programs.
    pub(super) fn problem(&self) -> Problem {
        let kind = match self.status {
            StatusCode::FORBIDDEN => ErrorKind::NotAllowed,
            StatusCode::SERVICE_UNAVAILABLE => ErrorKind::Unavailable,
            StatusCode::TOO_MANY_REQUESTS => ErrorKind::TooMany,
            _ => ErrorKind::BadRequest,
        };
        let detail = match self.code {
            "provider_cancelled" => "The sign-in was cancelled at the provider.",
            "sign_in_expired" => {
                "No such sign-in is under way in this browser (any more): begin again."
            }
            "provider_unavailable" => "The provider does not answer as it should. Try again later.",
            "provider_failed" => "The provider refused, or said something that can't be believed.",
            "registration_closed" => {
                "No account has this identity, and new accounts can't be made here."
            }
            "email_domain_not_allowed" => {
                "No account has this identity, and only verified addresses of certain domains can register here."
            }
            "email_taken" => "An account has the address, for which the provider does not vouch.",
            "too_many_requests" => "Too many accounts were made from this address in a short time.",
            "account_disabled" => "The account is disabled.",
            "identity_taken" => "The identity belongs to another account.",
            _ => "This is another account than the one that was asked for.",
        };
        Problem::new(kind, self.code, detail).with_status(self.status)
    }

    /// The sign-in page, from which there are other ways in.
    pub(super) fn on_sign_in_page(
        &self,
        door: &Door,
        facts: &Facts,
        here: &Here,
        rd: &str,
    ) -> Response {
        let buttons = buttons(door, here, ("rd", rd));
        let open = door.services.register.is_open();
        let page = SignIn {
            problem: Some(SignInProblem::Provider(self.problem, self.provider)),
            providers: &buttons,
            ..login::form(facts, "", rd, open)
        };
        self.answer(html(self.status, &page), here)
    }

    /// The account page of a visitor who wanted to link an account there.
    pub(super) async fn on_account_page(
        &self,
        door: &Door,
        facts: &Facts,
        visit: &Visit,
    ) -> Result<Response, Problem> {
        let problem = Some((self.problem, self.provider));
        let page = account::shown(door, facts, visit, (self.status, problem)).await?;
        Ok(self.answer(page, &visit.here))
    }

    fn answer(&self, mut response: Response, here: &Here) -> Response {
        let realm = here.place.app.id.as_str();
        self.problem().add_headers(&mut response, realm);
        response
    }
}
