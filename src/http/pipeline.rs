//! What happens around every page request: facts before it, headers and one log line after it.
//!
//! Must not know any single page.

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;

use super::access_log::Line;
use super::error::Problem;
use super::extract::{Facts, Format, Here, client_address, place_of, request_id};
use super::pages::{ErrorKind, ErrorPage, html};
use super::peer::Peer;
use super::traces::{self, Trace};
use super::{Door, Shared, limits, security_headers};

/// How long a page may take altogether.
const PAGE_TIMEOUT: Duration = Duration::from_secs(30);

/// The pipeline, as middleware.
pub(super) async fn run(
    State(door): State<Shared>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    let facts = Arc::new(find_facts(&door, peer, &request));
    let trace = begin_trace(&door, Peer::new(&door, peer), (&request, &facts));
    let trace_id = trace.id((Some(Peer::new(&door, peer)), request.headers()));
    let line = Line::begin(&request, &facts, trace_id);
    let head = *request.method() == Method::HEAD;
    request.extensions_mut().insert(Arc::clone(&facts));
    let span = tracing::info_span!(
        "page",
        request_id = facts.request_id,
        trace_id = trace_id.map(tracing::field::display)
    );
    let response = async {
        let mut response = answer(request, next).await;
        if let Some(problem) = response.extensions_mut().remove::<Problem>() {
            let rendered = render(&problem, &facts);
            let (parts, body) = rendered.into_parts();
            response.headers_mut().extend(parts.headers);
            *response.body_mut() = body;
            if head {
                leave_out_body(&mut response);
            }
            problem.add_headers(
                &mut response,
                facts
                    .here
                    .as_ref()
                    .map_or("", |here| here.place.app.id.as_str()),
            );
        }
        response
    };
    let mut response = response.instrument(span).await;
    security_headers::add(&mut response, facts.here.as_ref());
    if let Ok(id) = HeaderValue::try_from(facts.request_id.as_str()) {
        response.headers_mut().insert("x-request-id", id);
    }
    if !limits::is_refusal(&response) {
        line.end(&response);
    }
    door.metrics.answered(response.status());
    trace.end(response.status());
    response
}

/// A span is named after the route, which visitors can't choose.
fn begin_trace(door: &Door, peer: Peer, (request, facts): (&Request, &Facts)) -> Trace {
    let extensions = request.extensions();
    let route = extensions.get::<MatchedPath>().map(MatchedPath::as_str);
    let method = traces::method(request.method());
    let name = || match route {
        Some(route) => format!("{method} {route}").into(),
        None => method.into(),
    };
    let mut trace = Trace::begin(door, (Some(peer), request.headers()), name);
    trace.note("http.request.method", method);
    trace.note("http.route", route.unwrap_or_default());
    if let Some(here) = &facts.here {
        trace.note("doorward.app", here.place.app.id.as_str());
    }
    trace
}

/// Turns the answer to GET into the one to HEAD, which tells the same length (RFC 9110, section 8.6).
pub(super) fn leave_out_body(response: &mut Response) {
    if let Some(length) = response.body().size_hint().exact() {
        response
            .headers_mut()
            .insert(header::CONTENT_LENGTH, length.into());
    }
    *response.body_mut() = Body::empty();
}

/// The handler's answer; a late handler and a panicking one get theirs here.
async fn answer(request: Request, next: Next) -> Response {
    let handled = futures_util::FutureExt::catch_unwind(AssertUnwindSafe(next.run(request)));
    match tokio::time::timeout(PAGE_TIMEOUT, handled).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            tracing::error!("a handler panicked");
            Problem::of(ErrorKind::Internal).into_response()
        }
        Err(_) => {
            tracing::error!("a page took too long");
            Problem::new(
                ErrorKind::Unavailable,
                "timeout",
                "The answer took too long.",
            )
            .into_response()
        }
    }
}

fn find_facts(door: &Shared, peer: SocketAddr, request: &Request) -> Facts {
    let headers = request.headers();
    let peer = peer.ip().to_canonical();
    let place = place_of(
        &door.services.apps,
        &door.trusted,
        peer,
        (request.uri(), headers),
    );
    Facts {
        request_id: request_id(&door.trusted, peer, headers, door.random.as_ref()),
        client: client_address(&door.trusted, peer, headers),
        format: Format::of(headers),
        base_path: door.base_path.clone(),
        here: place.map(|place| Here::new(place, &door.cookie_name)),
    }
}

fn render(problem: &Problem, facts: &Facts) -> Response {
    if facts.format == Format::Json {
        return problem.to_json(&facts.request_id);
    }
    let start_page = facts
        .here
        .as_ref()
        .map(Here::start_page)
        .unwrap_or_default();
    let page = ErrorPage {
        frame: facts.frame(),
        kind: problem.kind,
        app_url: &start_page,
        retry_after: problem.retry_after(),
        reference: &facts.request_id,
    };
    html(problem.status, &page)
}
