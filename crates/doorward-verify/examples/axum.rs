//! A small axum app behind Doorward: one extractor, and no authentication of its own.
//!
//! ```sh
//! DOORWARD_KEYS_FILE=shop.keys DOORWARD_APP=shop cargo run -p doorward-verify --example axum
//! ```
//!
//! `DOORWARD_APP` is the app's id in Doorward (default `app`), `LISTEN` the address (default
//! `127.0.0.1:3000`).

use axum::Router;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::{StatusCode, request::Parts};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use doorward_verify::{Error, HEADER, UserId, Verifier, parse_keys_file, unix_now};
use std::env;
use std::sync::Arc;
use tokio::net::TcpListener;

/// The signed-in user. A handler that takes a `User` runs for nobody else; one that takes an
/// `Option<User>` runs for everybody Doorward let through, but still not for requests that came
/// past it.
struct User(UserId);

/// Why a request was turned away.
struct Unverified(Error);

impl FromRequestParts<Arc<Verifier>> for User {
    type Rejection = Unverified;

    async fn from_request_parts(
        parts: &mut Parts,
        verifier: &Arc<Verifier>,
    ) -> Result<Self, Unverified> {
        let values = parts.headers.get_all(HEADER);
        verifier
            .user(values, None, unix_now())
            .map(User)
            .map_err(Unverified)
    }
}

impl OptionalFromRequestParts<Arc<Verifier>> for User {
    type Rejection = Unverified;

    async fn from_request_parts(
        parts: &mut Parts,
        verifier: &Arc<Verifier>,
    ) -> Result<Option<Self>, Unverified> {
        let values = parts.headers.get_all(HEADER);
        let user = verifier
            .optional_user(values, None, unix_now())
            .map_err(Unverified)?;
        Ok(user.map(User))
    }
}

impl IntoResponse for Unverified {
    #[expect(
        clippy::print_stderr,
        reason = "an app logs with whatever it has; the cause is for the log, not the visitor"
    )]
    fn into_response(self) -> Response {
        eprintln!("refused ({}): {}", self.0.code(), self.0);
        match self.0 {
            Error::Anonymous => (StatusCode::UNAUTHORIZED, "not signed in\n"),
            _ => (StatusCode::FORBIDDEN, "this request cannot be trusted\n"),
        }
        .into_response()
    }
}

/// For everybody.
async fn home(user: Option<User>) -> String {
    match user {
        Some(User(id)) => format!("Welcome back, {id}.\n"),
        None => "Welcome. Nobody is signed in.\n".to_owned(),
    }
}

/// For users alone.
async fn orders(User(id): User) -> String {
    format!("The orders of {id}.\n")
}

fn router(verifier: Verifier) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/orders", get(orders))
        .with_state(Arc::new(verifier))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = env::var("DOORWARD_KEYS_FILE").map_err(|_| "DOORWARD_KEYS_FILE is not set")?;
    let app_id = env::var("DOORWARD_APP").unwrap_or_else(|_| "app".to_owned());
    let listen = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());

    let keys = parse_keys_file(&std::fs::read_to_string(path)?)?;
    let verifier = Verifier::builder(&app_id).keys(keys).build()?;
    axum::serve(TcpListener::bind(listen).await?, router(verifier)).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    //! An app tests its own pages without Doorward: it signs the header itself, with a key of the
    //! test's.

    use super::*;
    use doorward_verify::{ANONYMOUS, Key, sign};
    use std::net::SocketAddr;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    fn key(byte: u8) -> Key {
        Key::from_bytes(&[byte; 32]).unwrap()
    }

    async fn serve() -> SocketAddr {
        let verifier = Verifier::builder("shop").keys([key(7)]).build().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router(verifier)).await });
        address
    }

    /// Status and body of a real request with these X-UserId lines.
    async fn get(path: &str, values: &[String]) -> (u16, String) {
        let lines: String = values
            .iter()
            .map(|value| format!("X-UserId: {value}\r\n"))
            .collect();
        let mut stream = TcpStream::connect(serve().await).await.unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: shop.example\r\n{lines}Connection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).await.unwrap();
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        (
            head.split(' ').nth(1).unwrap().parse().unwrap(),
            body.to_owned(),
        )
    }

    fn signed(subject: &str) -> String {
        sign(&key(7), "shop", subject, unix_now(), None).unwrap()
    }

    #[tokio::test]
    async fn a_user_reaches_both_pages() {
        assert_eq!(
            get("/", &[signed("u-1")]).await,
            (200, "Welcome back, u-1.\n".to_owned())
        );
        assert_eq!(
            get("/orders", &[signed("u-1")]).await,
            (200, "The orders of u-1.\n".to_owned())
        );
    }

    #[tokio::test]
    async fn a_visitor_reaches_what_is_for_everybody() {
        assert_eq!(
            get("/", &[signed(ANONYMOUS)]).await,
            (200, "Welcome. Nobody is signed in.\n".to_owned())
        );
        assert_eq!(get("/orders", &[signed(ANONYMOUS)]).await.0, 401);
    }

    #[tokio::test]
    async fn what_did_not_come_from_doorward_reaches_nothing() {
        let other_key = sign(&key(8), "shop", "u-1", unix_now(), None).unwrap();
        let other_app = sign(&key(7), "billing", "u-1", unix_now(), None).unwrap();
        let old = sign(&key(7), "shop", "u-1", unix_now() - 120, None).unwrap();
        let bare = "u-1".to_owned();
        for values in [
            vec![],
            vec![other_key],
            vec![other_app],
            vec![old],
            vec![bare],
            vec![signed("u-1"), signed("u-1")],
        ] {
            assert_eq!(get("/", &values).await.0, 403, "{values:?}");
            assert_eq!(get("/orders", &values).await.0, 403, "{values:?}");
        }
    }
}
