//! Where spans go: to a collector, by OTLP over HTTP, from a thread of its own.
//!
//! Serving never waits for it: spans lie in a bounded queue, and what does not fit is dropped. Must not be told who
//! was there; `http::traces` sees to that.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use opentelemetry::InstrumentationScope;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{SpanExporter as Otlp, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, SdkTracer, SdkTracerProvider, SpanData, SpanExporter,
};

/// Spans that wait to be sent; a few hundred bytes each.
const QUEUE: usize = 4096;
/// How often they are sent, and how many at once.
const EVERY: Duration = Duration::from_secs(2);
const AT_ONCE: usize = 512;
/// How long the collector may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long the process waits at its end for the last of them.
const LAST: Duration = Duration::from_secs(5);

/// The way to the collector.
#[derive(Debug)]
pub(crate) struct Traces(SdkTracerProvider);

impl Traces {
    /// Makes it ready; nothing is sent before there is a span. Whether a span is sent is for the caller of the request
    /// to say, and without such a caller they all are, unless `OTEL_TRACES_SAMPLER` says otherwise.
    ///
    /// # Errors
    ///
    /// When the URL can't be used.
    pub(crate) fn start(endpoint: &str) -> anyhow::Result<Self> {
        let exporter = Otlp::builder()
            .with_http()
            .with_endpoint(endpoint)
            .with_timeout(PATIENCE)
            .build()
            .context("log.traces")?;
        let limits = BatchConfigBuilder::default()
            .with_max_queue_size(QUEUE)
            .with_scheduled_delay(EVERY)
            .with_max_export_batch_size(AT_ONCE)
            .build();
        let batches = BatchSpanProcessor::builder(Announcing::new(exporter))
            .with_batch_config(limits)
            .build();
        let resource = Resource::builder().with_service_name("doorward").build();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(batches)
            .with_resource(resource)
            .build();
        Ok(Self(provider))
    }

    /// What begins spans.
    pub(crate) fn tracer(&self) -> SdkTracer {
        let scope =
            InstrumentationScope::builder("doorward").with_version(env!("CARGO_PKG_VERSION"));
        self.0.tracer_with_scope(scope.build())
    }

    /// Sends what waits, for a bounded time.
    pub(crate) async fn stop(self) {
        let flushed = tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(LAST)).await;
        if let Ok(Err(error)) = flushed {
            tracing::warn!(%error, "the last spans could not be sent");
        }
    }
}

/// Tells the log when the collector begins to fail, and when it is well again.
#[derive(Debug)]
struct Announcing<E> {
    inner: E,
    failing: AtomicBool,
}

impl<E> Announcing<E> {
    const fn new(inner: E) -> Self {
        Self {
            inner,
            failing: AtomicBool::new(false),
        }
    }
}

impl<E: SpanExporter> SpanExporter for Announcing<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let sent = self.inner.export(batch).await;
        let before = self.failing.swap(sent.is_err(), Ordering::Relaxed);
        match (&sent, before) {
            (Err(error), false) => {
                tracing::warn!(%error, "spans can't be sent; they are dropped, and serving goes on");
            }
            (Ok(()), true) => tracing::info!("spans are sent again"),
            _ => {}
        }
        sent
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}
