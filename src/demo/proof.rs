//! `/proof`: the identity header of this very request, and what becomes of it in other hands.
//!
//! No app needs such a page. A [`Reader`] is all that the others look at.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use doorward_verify::{Error, HEADER, Request, UserId, Verifier, unix_now};
use time::OffsetDateTime;
use time::macros::format_description;

use super::identity::{self, Reader, TurnedAway};
use super::pages::{Attempt, HeaderParts, Proof, Verdict, page};

/// How much later the old header is judged, in seconds.
const LATER: u64 = 5 * 60;
/// Whom the forger wants to be.
const SOMEBODY_ELSE: &str = "00000000-0000-4000-8000-000000000000";
/// Where the thief takes the header.
const ELSEWHERE: &str = "/members";

pub(super) async fn show(
    Reader(reader): Reader,
    State(verifier): State<Arc<Verifier>>,
    parts: Parts,
) -> Response {
    let page = exhibits(&reader, &verifier, &parts);
    page.unwrap_or_else(|error| TurnedAway::Unproven(error).into_response())
}

fn exhibits(reader: &UserId, verifier: &Verifier, parts: &Parts) -> Result<Response, Error> {
    let now = unix_now();
    let here = identity::request(parts)?;
    let elsewhere = Request::new(identity::SCHEME, "GET", here.host(), ELSEWHERE)?;
    let judge = |header: HeaderParts<'_>, request: &Request<'_>, now| {
        Outcome::of(verifier.optional_user([join(header)], Some(request), now))
    };

    let header = split(parts)?;
    let forgery = HeaderParts {
        subject: SOMEBODY_ELSE,
        ..header
    };
    let forged = judge(forgery, &here, now);
    let stolen = judge(header, &elsewhere, now);
    let expired = judge(header, &here, now + LATER);

    let proof = Proof {
        user_id: Some(reader.as_str()),
        header,
        signed_at: &signed_at(header.time),
        age: &age(header.time, now),
        verdict: Verdict::User(reader.as_str()),
        forged: Attempt {
            header: forgery,
            verdict: forged.verdict(),
        },
        stolen: Attempt {
            header,
            verdict: stolen.verdict(),
        },
        expired: Attempt {
            header,
            verdict: expired.verdict(),
        },
    };
    Ok(page(StatusCode::OK, &proof))
}

/// What the verifier said.
enum Outcome {
    Believed(Option<UserId>),
    Refused(String),
}

impl Outcome {
    fn of(judged: Result<Option<UserId>, Error>) -> Self {
        judged.map_or_else(|error| Self::Refused(error.to_string()), Self::Believed)
    }

    fn verdict(&self) -> Verdict<'_> {
        match self {
            Self::Believed(Some(reader)) => Verdict::User(reader.as_str()),
            Self::Believed(None) => Verdict::Anonymous,
            Self::Refused(reason) => Verdict::Refused(reason),
        }
    }
}

/// The header's three fields. The verifier has seen that there is one header and that it has three.
fn split(parts: &Parts) -> Result<HeaderParts<'_>, Error> {
    let value = parts
        .headers
        .get(HEADER)
        .and_then(|value| value.to_str().ok())
        .ok_or(Error::Missing)?;
    let mut fields = value.split('.');
    let mut next = || fields.next().ok_or(Error::FieldsMissing);
    Ok(HeaderParts {
        subject: next()?,
        time: next()?,
        mac: next()?,
    })
}

fn join(header: HeaderParts<'_>) -> String {
    [header.subject, header.time, header.mac].join(".")
}

fn signed_at(time: &str) -> String {
    let format = format_description!(
        "[day padding:none] [month repr:long] [year], [hour]:[minute]:[second] UTC"
    );
    let moment = time
        .parse()
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    moment
        .and_then(|moment| moment.format(format).ok())
        .unwrap_or_default()
}

fn age(time: &str, now: u64) -> String {
    match now.saturating_sub(time.parse().unwrap_or(now)) {
        0 => "less than a second".to_owned(),
        1 => "a second".to_owned(),
        seconds => format!("{seconds} seconds"),
    }
}
