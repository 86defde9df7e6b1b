//! The pages of the pretend provider.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::Asked;
use crate::demo::pages::page;

/// Asks who somebody would like to be.
#[derive(Debug, Template)]
#[template(path = "demo/provider_ask.html")]
pub(super) struct Ask<'a> {
    fields: [(&'static str, &'a str); 7],
    /// What was typed and is no name; empty the first time.
    refused: &'a str,
}

impl<'a> Ask<'a> {
    pub(super) fn new(asked: &'a Asked, refused: &'a str) -> Self {
        Self {
            fields: [
                ("client_id", &asked.client_id),
                ("redirect_uri", &asked.redirect_uri),
                ("response_type", &asked.response_type),
                ("state", &asked.state),
                ("nonce", &asked.nonce),
                ("code_challenge", &asked.code_challenge),
                ("code_challenge_method", &asked.code_challenge_method),
            ],
            refused,
        }
    }
}

/// For a request that is not in order.
#[derive(Debug, Template)]
#[template(path = "demo/provider_wrong.html")]
pub(super) struct Wrong;

pub(super) fn shown(status: StatusCode, template: &impl Template) -> Response {
    page(status, template)
}
