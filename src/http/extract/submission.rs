//! What a form or a JSON object submits: the same fields at the same URL.
//!
//! The body is bounded before it is read, and read to a bounded rest when it is too long, so that clients see the
//! answer and not a broken pipe.

use std::fmt;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use http_body_util::BodyExt;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::error::Category;
use serde_json::{Map, Value};

use super::format::media_type;
use super::{Format, Rd};
use crate::http::error::Problem;
use crate::http::pages::ErrorKind;

/// The longest body, in bytes: room for a password of 1,024 four-byte characters, percent-encoded, and a long `rd`.
const MAX_BODY: usize = 32 * 1024;
/// How much of a body that is too long is read and thrown away before the answer.
const MAX_REST: usize = 1024 * 1024;
/// How long a client may take to send its body.
const BODY_TIMEOUT: Duration = Duration::from_secs(15);

/// Submitted fields.
#[derive(Debug)]
pub(crate) struct Submission {
    /// How to answer.
    pub(crate) format: Format,
    /// Whether the fields came as a form: there, everything is text. A form may be answered in JSON.
    is_form: bool,
    fields: Map<String, Value>,
    /// `rd` in the query, for forms that have it in their `action`.
    query_rd: Option<String>,
}

impl Submission {
    /// A text field; nothing when it is missing.
    ///
    /// # Errors
    ///
    /// 400 when it is there and no string.
    pub(crate) fn text(&self, name: &'static str) -> Result<Option<&str>, Problem> {
        match self.fields.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(wrong_type(name, "a string")),
        }
    }

    /// Where to return: the field `rd`, or the `rd` of the query.
    ///
    /// # Errors
    ///
    /// 400 when the field is no string.
    pub(crate) fn rd(&self) -> Result<Option<&str>, Problem> {
        Ok(self.text("rd")?.or(self.query_rd.as_deref()))
    }

    /// A yes or no: a JSON boolean, or a ticked box. Missing is no.
    ///
    /// # Errors
    ///
    /// 400 when it is neither.
    pub(crate) fn flag(&self, name: &'static str) -> Result<bool, Problem> {
        match (self.fields.get(name), self.is_form) {
            (None | Some(Value::Null), _) => Ok(false),
            (Some(Value::Bool(flag)), _) => Ok(*flag),
            (Some(Value::String(text)), true) if matches!(text.as_str(), "on" | "true" | "1") => {
                Ok(true)
            }
            (Some(Value::String(text)), true)
                if matches!(text.as_str(), "" | "off" | "false" | "0") =>
            {
                Ok(false)
            }
            _ => Err(wrong_type(name, "true or false")),
        }
    }
}

fn wrong_type(name: &'static str, right: &str) -> Problem {
    Problem::bad_request(
        "invalid_request",
        format!("The field \"{name}\" must be {right}."),
    )
    .with("field", name)
}

impl<S: Sync> FromRequest<S> for Submission {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let format = Format::of(request.headers());
        let Rd(query_rd) = Rd::of(request.uri());
        let kind = request
            .headers()
            .get(header::CONTENT_TYPE)
            .map(|value| value.to_str().unwrap_or("?").to_owned());
        let body = read(request.into_body()).await?;
        let (is_form, fields) = match kind
            .as_deref()
            .map(|kind| media_type(kind).to_ascii_lowercase())
            .as_deref()
        {
            Some("application/json") => (false, from_json(&body)?),
            Some("application/x-www-form-urlencoded") => (true, from_form(&body)?),
            None if body.is_empty() => (false, Map::new()),
            _ => return Err(Problem::of(ErrorKind::UnsupportedMediaType)),
        };
        Ok(Self {
            format,
            is_form,
            fields,
            query_rd,
        })
    }
}

async fn read(body: Body) -> Result<Vec<u8>, Problem> {
    let late = Problem::bad_request("timeout", "The request body took too long to arrive.")
        .with_status(StatusCode::REQUEST_TIMEOUT);
    tokio::time::timeout(BODY_TIMEOUT, read_bounded(body))
        .await
        .unwrap_or(Err(late))
}

async fn read_bounded(mut body: Body) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    let mut seen = 0_usize;
    while let Some(frame) = body.frame().await {
        let broken =
            |_| Problem::bad_request("invalid_request", "The request body could not be read.");
        let Ok(data) = frame.map_err(broken)?.into_data() else {
            continue;
        };
        seen = seen.saturating_add(data.len());
        if seen <= MAX_BODY {
            bytes.extend_from_slice(&data);
        } else if seen > MAX_BODY + MAX_REST {
            break;
        }
    }
    let detail = format!("The request body must not be longer than {MAX_BODY} bytes.");
    if seen > MAX_BODY {
        Err(Problem::new(ErrorKind::TooLarge, "too_large", detail))
    } else {
        Ok(bytes)
    }
}

fn from_json(body: &[u8]) -> Result<Map<String, Value>, Problem> {
    serde_json::from_slice(body)
        .map(|Fields(fields)| fields)
        .map_err(|error| {
            let detail = match error.classify() {
                Category::Data => {
                    "The body must be a JSON object that has each field once.".to_owned()
                }
                _ => format!(
                    "The body is not JSON: see line {}, column {}.",
                    error.line(),
                    error.column()
                ),
            };
            Problem::bad_request("invalid_json", detail)
        })
}

/// A JSON object whose keys stand once: of two, no two parsers agree which counts.
struct Fields(Map<String, Value>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Once)
    }
}

struct Once;

impl<'de> Visitor<'de> for Once {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Fields, A::Error> {
        let mut fields = Map::new();
        while let Some((name, value)) = access.next_entry()? {
            if fields.insert(name, value).is_some() {
                return Err(A::Error::custom("a field twice"));
            }
        }
        Ok(Fields(fields))
    }
}

fn from_form(body: &[u8]) -> Result<Map<String, Value>, Problem> {
    let decoded: Vec<u8> = percent_encoding::percent_decode(body).collect();
    if std::str::from_utf8(&decoded).is_err() {
        return Err(Problem::bad_request(
            "invalid_form",
            "The form is not in UTF-8.",
        ));
    }
    let mut fields = Map::new();
    for (name, value) in form_urlencoded::parse(body) {
        if fields
            .insert(name.clone().into_owned(), Value::String(value.into_owned()))
            .is_some()
        {
            return Err(Problem::bad_request(
                "invalid_form",
                "The form has a field twice.",
            ));
        }
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threat_31_a_json_object_has_each_field_once() {
        assert_eq!(from_json(br#"{"email":"a","rd":null}"#).unwrap().len(), 2);
        for body in [
            &br#"{"email":"a","password":"p","email":"b"}"#[..],
            b"[]",
            b"1",
            b"null",
        ] {
            let problem = from_json(body).unwrap_err();
            assert_eq!(
                (problem.status.as_u16(), problem.code),
                (400, "invalid_json")
            );
            assert!(
                problem.detail.contains("each field once"),
                "{}",
                problem.detail
            );
        }
        assert!(
            from_json(b"{")
                .unwrap_err()
                .detail
                .contains("line 1, column 1")
        );
    }
}
