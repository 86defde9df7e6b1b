//! Town ID: a pretend OpenID provider, so that the button can be tried without an account anywhere.
//!
//! Whoever comes may be whoever they like, so it is for this machine alone and sends nobody but to loopback names. It
//! speaks the protocol in earnest: one-time codes, PKCE, signed ID tokens. Must not be used for anything but the demo.

mod grants;
mod keys;
mod pages;

use std::future::Future;
use std::io;
use std::sync::Arc;

use axum::extract::{Form, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpListener;
use url::Url;

use crate::domain::clock::{Clock, SystemClock};
use crate::domain::provider::is_on_this_machine;
use crate::domain::random::SystemRandom;
use grants::{Grant, Grants};
use keys::Keys;
use pages::{Ask, Wrong};

/// What people call it.
pub(crate) const NAME: &str = "Town ID";
/// Our id there: it keeps no secret.
pub(crate) const CLIENT_ID: &str = "doorward";
/// The longest name that somebody may give.
const MAX_NAME: usize = 40;

#[derive(Debug)]
struct Town {
    issuer: String,
    keys: Keys,
    grants: Grants,
}

/// Serves it under this issuer until `stop` is done.
///
/// # Errors
///
/// When no key can be made, or the listener fails.
pub(crate) async fn serve(
    listener: TcpListener,
    issuer: String,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let town = Arc::new(Town {
        issuer,
        keys: Keys::generate(&SystemRandom).map_err(io::Error::other)?,
        grants: Grants::default(),
    });
    let router = Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/keys", get(keys))
        .route("/authorize", get(ask).post(answer))
        .route("/token", post(token))
        .route("/assets/{name}", get(super::app::file))
        .with_state(town);
    axum::serve(listener, router)
        .with_graceful_shutdown(stop)
        .await
}

async fn discovery(State(town): State<Arc<Town>>) -> Response {
    let at = |path: &str| format!("{}{path}", town.issuer);
    Json(json!({
        "issuer": town.issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "jwks_uri": at("/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "scopes_supported": ["openid", "email"],
        "authorization_response_iss_parameter_supported": true,
    }))
    .into_response()
}

async fn keys(State(town): State<Arc<Town>>) -> Response {
    Json(town.keys.public()).into_response()
}

/// What an authorization request asks for.
#[derive(Debug, Clone, Deserialize)]
struct Asked {
    client_id: String,
    redirect_uri: String,
    response_type: String,
    state: String,
    nonce: String,
    code_challenge: String,
    code_challenge_method: String,
}

impl Asked {
    /// Where the browser may be sent back to; nothing where the request is not in order.
    fn back(&self) -> Option<Url> {
        let in_order = self.client_id == CLIENT_ID
            && self.response_type == "code"
            && self.code_challenge_method == "S256";
        let url = Url::parse(&self.redirect_uri).ok()?;
        (in_order && is_on_this_machine(&url) && url.path().ends_with("/callback")).then_some(url)
    }
}

async fn ask(asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>) -> Response {
    match asked {
        Ok(Query(asked)) if asked.back().is_some() => {
            pages::shown(StatusCode::OK, &Ask::new(&asked, ""))
        }
        _ => pages::shown(StatusCode::BAD_REQUEST, &Wrong),
    }
}

/// What somebody answers.
#[derive(Debug, Deserialize)]
struct Answer {
    #[serde(flatten)]
    asked: Asked,
    #[serde(default)]
    name: String,
    #[serde(rename = "do")]
    choice: String,
}

async fn answer(
    State(town): State<Arc<Town>>,
    answer: Result<Form<Answer>, axum::extract::rejection::FormRejection>,
) -> Response {
    let Ok(Form(Answer {
        asked,
        name,
        choice,
    })) = answer
    else {
        return pages::shown(StatusCode::BAD_REQUEST, &Wrong);
    };
    let Some(mut back) = asked.back() else {
        return pages::shown(StatusCode::BAD_REQUEST, &Wrong);
    };
    let name = name.trim().to_lowercase();
    if choice == "cancel" {
        back.query_pairs_mut().append_pair("error", "access_denied");
    } else if !is_name(&name) {
        return pages::shown(StatusCode::BAD_REQUEST, &Ask::new(&asked, &name));
    } else {
        let grant = Grant {
            name,
            redirect_uri: asked.redirect_uri.clone(),
            nonce: asked.nonce.clone(),
            challenge: asked.code_challenge.clone(),
        };
        let Ok(code) = town.grants.give(grant, &SystemRandom) else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        back.query_pairs_mut().append_pair("code", &code);
    }
    back.query_pairs_mut()
        .append_pair("state", &asked.state)
        .append_pair("iss", &town.issuer);
    Redirect::to(back.as_str()).into_response()
}

fn is_name(name: &str) -> bool {
    let usual = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(usual)
}

/// A token request (RFC 6749, section 4.1.3; RFC 7636, section 4.5).
#[derive(Debug, Deserialize)]
struct Exchange {
    grant_type: String,
    code: String,
    redirect_uri: String,
    client_id: String,
    code_verifier: String,
}

async fn token(State(town): State<Arc<Town>>, Form(exchange): Form<Exchange>) -> Response {
    let grant = town.grants.take(&exchange.code);
    let fits = |grant: &Grant| {
        exchange.grant_type == "authorization_code"
            && exchange.client_id == CLIENT_ID
            && exchange.redirect_uri == grant.redirect_uri
            && grants::challenge_of(&exchange.code_verifier) == grant.challenge
    };
    let Some(grant) = grant.filter(fits) else {
        let body = json!({ "error": "invalid_grant" });
        return (StatusCode::BAD_REQUEST, Json(body)).into_response();
    };
    let now = SystemClock.now().unix_seconds();
    let claims = json!({
        "iss": town.issuer,
        "sub": grant.name,
        "aud": CLIENT_ID,
        "iat": now,
        "exp": now + 300,
        "nonce": grant.nonce,
        "email": format!("{}@example.com", grant.name),
        "email_verified": true,
    });
    let (Ok(id_token), Ok(access_token)) = (town.keys.sign(&claims), grants::secret(&SystemRandom))
    else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let body = json!({ "access_token": access_token, "token_type": "Bearer", "expires_in": 300, "id_token": id_token });
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
