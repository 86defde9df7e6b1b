//! A collector of spans, as far as a test needs one: it decodes what it is sent, or behaves badly.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;

use crate::support::process::eventually;

/// What it does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// Takes it.
    Takes,
    /// Never answers.
    Hangs,
    /// Says that something is wrong.
    Fails,
}

/// A running one. It ends with the runtime of its test.
pub(super) struct Collector {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    manner: Mutex<Manner>,
    /// What each request held.
    received: Mutex<Vec<ExportTraceServiceRequest>>,
    /// Path and content type of each request.
    heads: Mutex<Vec<(String, String)>>,
}

impl Collector {
    pub(super) async fn start(manner: Manner) -> Self {
        let shared = Arc::new(Shared {
            manner: Mutex::new(manner),
            received: Mutex::default(),
            heads: Mutex::default(),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0");
        let listener = listener.await.expect("loopback");
        let address = listener.local_addr().expect("bound");
        let router = Router::new().fallback(take).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, shared }
    }

    /// The part of Doorward's configuration that names it.
    pub(super) fn toml(&self) -> String {
        format!("[log]\ntraces = \"http://{}\"\n", self.address)
    }

    pub(super) fn turn(&self, manner: Manner) {
        *self.shared.manner.lock().expect("no panic inside") = manner;
    }

    /// How many requests came.
    pub(super) fn requests(&self) -> usize {
        self.heads().len()
    }

    pub(super) fn heads(&self) -> Vec<(String, String)> {
        self.shared.heads.lock().expect("no panic inside").clone()
    }

    /// Everything that was taken.
    pub(super) fn received(&self) -> Vec<ExportTraceServiceRequest> {
        self.shared
            .received
            .lock()
            .expect("no panic inside")
            .clone()
    }

    /// Every span that was taken.
    pub(super) fn spans(&self) -> Vec<Span> {
        let requests = self.received().into_iter();
        let resources = requests.flat_map(|request| request.resource_spans);
        let scopes = resources.flat_map(|resource| resource.scope_spans);
        scopes.flat_map(|scope| scope.spans).collect()
    }

    /// Waits until so many spans are there.
    pub(super) async fn wait_for(&self, count: usize) -> Vec<Span> {
        eventually(&format!("{count} spans"), async || {
            Some(self.spans()).filter(|spans| spans.len() >= count)
        })
        .await
    }
}

async fn take(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let content_type = headers.get("content-type");
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let head = (uri.to_string(), content_type.unwrap_or_default().to_owned());
    shared.heads.lock().expect("no panic inside").push(head);
    let manner = *shared.manner.lock().expect("no panic inside");
    match manner {
        Manner::Takes => {
            let request = ExportTraceServiceRequest::decode(body).expect("protobuf");
            let mut received = shared.received.lock().expect("no panic inside");
            received.push(request);
            StatusCode::OK.into_response()
        }
        Manner::Fails => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Manner::Hangs => {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            StatusCode::OK.into_response()
        }
    }
}

/// Attributes as text, in the order of their names.
pub(super) fn attributes(attributes: &[KeyValue]) -> Vec<(String, String)> {
    let text = |attribute: &KeyValue| {
        let value = attribute.value.as_ref().and_then(|any| any.value.as_ref());
        let value = match value {
            Some(Value::StringValue(text)) => text.clone(),
            Some(Value::IntValue(number)) => number.to_string(),
            other => format!("{other:?}"),
        };
        (attribute.key.clone(), value)
    };
    let mut pairs: Vec<_> = attributes.iter().map(text).collect();
    pairs.sort();
    pairs
}
