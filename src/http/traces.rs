//! Spans for questions and pages, each part of the trace that the proxy began.
//!
//! Where no collector is configured there is no tracer, and nothing here costs more than a look whether there is one.
//! A span must not say who was there, nor hold a path, a query, an address or a cookie: collectors keep what they are
//! told, and many may read it. Must not know where spans go.

use std::borrow::Cow;

use axum::http::{HeaderMap, Method, StatusCode};
use opentelemetry::trace::{
    Span as _, SpanContext, SpanId, SpanKind, Status, TraceContextExt, TraceFlags, TraceId,
    TraceState, Tracer,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::Span;

use super::Door;
use super::peer::Peer;

/// What a request came with: who sent it, and its headers.
pub(super) type Came<'r> = (Option<Peer>, &'r HeaderMap);

/// A request's span, where spans are sent.
#[derive(Debug)]
pub(super) struct Trace(Option<Box<Span>>);

impl Trace {
    /// Begins a span where spans are sent, joined to the trace in the headers of a listed peer.
    pub(super) fn begin(
        door: &Door,
        came: Came<'_>,
        name: impl FnOnce() -> Cow<'static, str>,
    ) -> Self {
        let begun = door.tracer.as_ref().map(|tracer| {
            let parent = trusted_parent(came);
            let context = match parent {
                Some(parent) => Context::new().with_remote_span_context(parent),
                None => Context::new(),
            };
            let builder = tracer.span_builder(name()).with_kind(SpanKind::Server);
            Box::new(tracer.build_with_context(builder, &context))
        });
        Self(begun)
    }

    /// The trace, for the log: the span's, or where no spans are sent the one that the proxy named.
    pub(super) fn id(&self, came: Came<'_>) -> Option<TraceId> {
        match &self.0 {
            Some(span) => Some(span.span_context().trace_id()),
            None => trusted_parent(came).map(|parent| parent.trace_id()),
        }
    }

    /// Says something more about the request. `value` is a fixed word or comes from the configuration.
    pub(super) fn note(&mut self, key: &'static str, value: &str) {
        if let Some(span) = &mut self.0 {
            span.set_attribute(KeyValue::new(key, value.to_owned()));
        }
    }

    /// The span ends here.
    pub(super) fn end(self, status: StatusCode) {
        let Some(mut span) = self.0 else {
            return;
        };
        let code = i64::from(status.as_u16());
        span.set_attribute(KeyValue::new("http.response.status_code", code));
        if status.is_server_error() {
            span.set_status(Status::error(""));
        }
        span.end();
    }
}

/// The method as the conventions for spans want it: one that nobody knows is no name that a visitor chose.
pub(super) fn method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "_OTHER",
    }
}

/// The span that the caller is in, if the caller is a proxy that we know.
fn trusted_parent((peer, headers): Came<'_>) -> Option<SpanContext> {
    parent(headers).filter(|_| peer.is_some_and(|peer| peer.trusted))
}

/// The span that the caller is in, as `traceparent` says it (W3C Trace Context, section 3.2). Whatever is not exactly of
/// that form, or comes twice, is as if it were not there.
fn parent(headers: &HeaderMap) -> Option<SpanContext> {
    let mut lines = headers.get_all("traceparent").iter();
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return None;
    };
    let mut parts = line.to_str().ok()?.split('-');
    let version = number(parts.next()?, 2)?;
    let trace = parts.next().filter(|text| is_hex(text, 32))?;
    let span = number(parts.next()?, 16)?;
    let flags = number(parts.next()?, 2)?;
    // Later versions may have more parts; version 0 has none, and 255 is none.
    if version == 255 || (version == 0 && parts.next().is_some()) {
        return None;
    }
    let context = SpanContext::new(
        TraceId::from_hex(trace).ok()?,
        SpanId::from(span),
        // Of the flags only the first bit is known.
        TraceFlags::SAMPLED & TraceFlags::new(u8::try_from(flags).ok()?),
        true,
        TraceState::NONE,
    );
    context.is_valid().then_some(context)
}

fn number(text: &str, digits: usize) -> Option<u64> {
    is_hex(text, digits)
        .then(|| u64::from_str_radix(text, 16).ok())
        .flatten()
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &[&str]) -> Option<(String, String, bool)> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("traceparent", line.parse().unwrap());
        }
        parent(&headers).map(|context| {
            (
                context.trace_id().to_string(),
                context.span_id().to_string(),
                context.is_sampled(),
            )
        })
    }

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    const SPAN: &str = "b7ad6b7169203331";

    #[test]
    fn a_parent_is_read() {
        let parent = |sampled| Some((TRACE.to_owned(), SPAN.to_owned(), sampled));
        assert_eq!(of(&[&format!("00-{TRACE}-{SPAN}-01")]), parent(true));
        assert_eq!(of(&[&format!("00-{TRACE}-{SPAN}-00")]), parent(false));
        assert_eq!(of(&[&format!("00-{TRACE}-{SPAN}-fe")]), parent(false));
        assert_eq!(
            of(&[&format!("cc-{TRACE}-{SPAN}-01-what-ever")]),
            parent(true)
        );
    }

    #[test]
    fn what_is_no_parent_is_none() {
        let zeros = |digits| "0".repeat(digits);
        let good = format!("00-{TRACE}-{SPAN}-01");
        for bad in [
            String::new(),
            "00".into(),
            format!("00-{TRACE}-{SPAN}"),
            format!("00-{TRACE}-{SPAN}-01-more"),
            format!("00-{TRACE}-{SPAN}-1"),
            format!("00-{TRACE}-{SPAN}-0g"),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("0-{TRACE}-{SPAN}-01"),
            format!("00-{}-{SPAN}-01", zeros(32)),
            format!("00-{TRACE}-{}-01", zeros(16)),
            format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            format!("00-+{}-{SPAN}-01", &TRACE[1..]),
            format!("00-{TRACE}-+{}-01", &SPAN[1..]),
            format!("00-{TRACE}{TRACE}-{SPAN}-01"),
            format!(" {good}"),
            format!("{good},{good}"),
        ] {
            assert_eq!(of(&[&bad]), None, "{bad}");
        }
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[&good, &good]), None);
    }

    #[test]
    fn a_method_that_nobody_knows_has_one_name() {
        assert_eq!(method(&Method::HEAD), "HEAD");
        assert_eq!(method(&"CONNECT".parse().unwrap()), "_OTHER");
        assert_eq!(method(&"ANNE".parse().unwrap()), "_OTHER");
    }
}
