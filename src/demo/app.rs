//! The routes of the shop.

use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use doorward_verify::Verifier;

use super::identity::Reader;
use super::pages::{Home, Members, NotFound, asset, page};
use super::proof;

/// The shop, believing `verifier`.
pub(super) fn router(verifier: Verifier) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/members", get(members))
        .route("/proof", get(proof::show))
        .route("/assets/{name}", get(file))
        .fallback(not_found)
        .with_state(Arc::new(verifier))
}

/// For everybody.
async fn home(reader: Option<Reader>) -> Response {
    page(
        StatusCode::OK,
        &Home {
            user_id: id(reader.as_ref()),
        },
    )
}

/// For signed-in readers: whoever is none never gets here.
async fn members(reader: Reader) -> Response {
    page(
        StatusCode::OK,
        &Members {
            user_id: reader.0.as_str(),
        },
    )
}

/// The same for everybody, so nobody is asked who they are. The page for the unproven needs it too.
pub(super) async fn file(Path(name): Path<String>) -> Response {
    let Some((kind, content)) = asset(&name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    (
        [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, "no-cache"),
        ],
        content,
    )
        .into_response()
}

async fn not_found(reader: Option<Reader>) -> Response {
    page(
        StatusCode::NOT_FOUND,
        &NotFound {
            user_id: id(reader.as_ref()),
        },
    )
}

fn id(reader: Option<&Reader>) -> Option<&str> {
    reader.map(|reader| reader.0.as_str())
}
