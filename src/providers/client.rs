//! The HTTP client for all providers: no redirects, a bounded time, a bounded answer.
//!
//! Must not know any protocol. A provider that hangs, floods or redirects elsewhere costs one request its answer and
//! nothing more.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse, http};
use reqwest::redirect::Policy;
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;
use url::Url;

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);
/// How long one request may take altogether: a page waits for two or three of them.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(8);
/// The longest answer, in bytes. The largest honest ones, sets of keys with certificates, take some tens of thousands.
const MAX_ANSWER: usize = 512 * 1024;
/// How many requests may be under way at once to one provider.
const MOST_AT_ONCE: usize = 128;

/// Sends requests to one provider.
#[derive(Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    places: Semaphore,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum ClientError {
    /// The request could not be sent, or its answer not be read.
    #[error("{}", told(.0))]
    Http(#[from] reqwest::Error),
    /// The request or the answer is none.
    #[error(transparent)]
    Form(#[from] http::Error),
    /// The answer goes on and on.
    #[error("the answer is longer than {MAX_ANSWER} bytes")]
    TooLong,
    /// Too many requests are under way.
    #[error("{MOST_AT_ONCE} requests are under way and do not end")]
    Busy,
}

/// What went wrong, with its causes and without the address: that may hold a code or a token.
fn told(error: &reqwest::Error) -> String {
    let kind = if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "no connection"
    } else {
        "no usable answer"
    };
    let mut text = kind.to_owned();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    text
}

impl Client {
    /// A client with its own connections.
    ///
    /// # Errors
    ///
    /// When TLS can't be set up.
    pub(super) fn new(issuer: &str) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder();
        // One on this machine needs no certificate authorities, which the machine may not have.
        let http = match issuer.starts_with("http://") {
            true => http.tls_certs_only([]),
            false => http.https_only(true),
        };
        let http = http
            .redirect(Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(REQUEST_TIMEOUT)
            .user_agent(concat!("doorward/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self {
            http,
            places: Semaphore::new(MOST_AT_ONCE),
        })
    }

    /// The answer to one request, whatever its status.
    pub(super) async fn send(&self, request: HttpRequest) -> Result<HttpResponse, ClientError> {
        let waiting = tokio::time::timeout(REQUEST_TIMEOUT, self.places.acquire());
        // The semaphore is never closed.
        let _place = waiting.await.map_err(|_| ClientError::Busy)?;
        let mut answer = self.http.execute(request.try_into()?).await?;
        let mut response = http::Response::builder().status(answer.status());
        for (name, value) in answer.headers() {
            response = response.header(name, value);
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(ClientError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(response.body(body)?)
    }

    /// The JSON at an address.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        url: &Url,
        headers: &[(&'static str, &str)],
    ) -> Result<T, GetError> {
        let mut request = http::Request::get(url.as_str());
        if headers.iter().all(|(name, _)| *name != "accept") {
            request = request.header("accept", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Vec::new()).map_err(ClientError::from)?;
        let answer = self.send(request).await?;
        if !answer.status().is_success() {
            return Err(GetError::Status(answer.status()));
        }
        Ok(serde_json::from_slice(answer.body())?)
    }
}

impl<'c> AsyncHttpClient<'c> for Client {
    type Error = ClientError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, ClientError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

/// Why there is no JSON.
#[derive(Debug, thiserror::Error)]
pub(super) enum GetError {
    /// No answer.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// An answer that is none.
    #[error("the answer has status {0}")]
    Status(http::StatusCode),
    /// Not the JSON that was expected.
    #[error("the answer is not as documented: see its line {}, column {}", .0.line(), .0.column())]
    Json(#[from] serde_json::Error),
}
