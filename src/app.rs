//! The composition root: builds everything from the configuration, serves, and drains.
//!
//! The one place that knows both the configuration and the services.

mod background;
mod begun;
mod connection;
mod explain;
mod listener;
mod places;
mod providers;
mod services;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::Context;

use crate::config::{Config, LogFormat};
use crate::domain::clock::{Clock, SystemClock};
use crate::domain::random::{Random, SystemRandom};
use crate::http::limits::{Limits, Rates};
use crate::http::metrics::{About, Metrics};
use crate::http::{Door, Seldom, Shared};
use crate::services::{Services, Stats};
use crate::storage::moves;
use crate::telemetry::Traces;
use crate::{gateway, http, telemetry};
use listener::Listener;
use places::Places;

pub use explain::{Answer, Answers, Asked, Body, Proxy, Rehearsal, Visit};
pub use services::{keys, services, signing_key};

/// How long requests that are under way may take to finish after the signal to stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(30);
/// The same for verification, which waits for nobody but the store.
const VERIFY_DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// Time and randomness: the system's, or a test's own.
#[derive(Debug, Clone)]
pub struct System {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where secrets come from.
    pub random: Arc<dyn Random>,
}

impl Default for System {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
        }
    }
}

/// Doorward with both listeners bound, ready to run.
#[derive(Debug)]
pub struct Application {
    door: Shared,
    traces: Option<Traces>,
    public: Listener,
    internal: Listener,
}

impl Application {
    /// Opens the database, brings its tables up to date and binds both listeners.
    ///
    /// # Errors
    ///
    /// When the database can't be reached, a key can't be read or made, or an address is taken.
    pub async fn build(config: &Config, system: System) -> anyhow::Result<Self> {
        let services = services(config, system.clone())?;
        services
            .database
            .migrate()
            .await
            .context("the database could not be brought up to date")?;
        if config.sessions.redis.is_none() {
            // Another store that comes later has to take the sessions over anew.
            let mut db = services.database.acquire().await?;
            let forgotten = moves::forget(&mut db).await;
            forgotten.context("the database could not be prepared")?;
        }
        let traces = config.log.traces.as_deref();
        let traces = traces.map(Traces::start).transpose()?;
        let door = door(config, services, system, traces.as_ref())?;
        let public = Listener::bind("server.listen", config.server.listen)?;
        let internal = Listener::bind("server.internal_listen", config.server.internal_listen)?;
        Ok(Self {
            door,
            traces,
            public,
            internal,
        })
    }

    /// Where pages are served.
    #[must_use]
    pub fn public_address(&self) -> SocketAddr {
        self.public.address()
    }

    /// Where verification and operations are served.
    #[must_use]
    pub fn internal_address(&self) -> SocketAddr {
        self.internal.address()
    }

    /// The use cases, for what runs in the same process.
    #[must_use]
    pub fn services(&self) -> &Services {
        &self.door.services
    }

    /// Serves until `stop` is done, then finishes what is under way and writes what is noted.
    ///
    /// # Errors
    ///
    /// When a listener fails.
    pub async fn run(self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        let Self {
            door,
            traces,
            public,
            internal,
        } = self;
        tracing::info!(public = %public.address(), internal = %internal.address(), "doorward is ready");
        let places = Places::of_process();
        let pages = http::public(&door, gateway::router(&door.services.apps));
        let pages = public.serve(pages, places.public)?;
        let verify = internal.serve(http::internal(&door), places.internal)?;
        let background = background::start(Arc::clone(&door));
        tokio::select! {
            () = stop => tracing::info!("stopping: requests under way are finished first"),
            () = pages.failed() => tracing::error!("the public listener failed"),
            () = verify.failed() => tracing::error!("the internal listener failed"),
        }
        door.drain();
        // The internal listener stays until the last page is answered: load balancers have to see that no more requests
        // are wanted, and what is under way behind the proxy is still verified.
        let pages = pages.finish(DRAIN_TIMEOUT).await;
        let verify = verify.finish(VERIFY_DRAIN_TIMEOUT).await;
        background.stop().await;
        door.services.database.close().await;
        if let Some(traces) = traces {
            traces.stop().await;
        }
        tracing::info!("stopped");
        pages.and(verify)
    }
}

/// What the handlers of both listeners share.
fn door(
    config: &Config,
    services: Services,
    system: System,
    traces: Option<&Traces>,
) -> anyhow::Result<Shared> {
    let about = About {
        started: system.clock.now(),
        store: match services.stats() {
            Stats { redis: Some(_), .. } => "redis",
            Stats { database, .. } => database.kind,
        },
    };
    let metrics = Metrics::new(&services.apps, about).context("the metrics")?;
    Ok(Arc::new(Door {
        services,
        base_path: config.server.base_path.clone(),
        cookie_name: config.sessions.cookie_name.clone(),
        metrics,
        limits: limits(config),
        tracer: traces.map(Traces::tracer),
        clock: system.clock,
        random: system.random,
        trusted: config.server.trusted_proxies.clone(),
        outage_lines: Seldom::default(),
        draining: AtomicBool::new(false),
    }))
}

/// How often one address may ask.
fn limits(config: &Config) -> Limits {
    let limits = &config.limits;
    Limits::new(Rates {
        sign_in: limits.sign_in,
        registration: limits.registration,
        reset: limits.reset,
        general: limits.general,
    })
}

/// Starts logging as the configuration says.
///
/// # Errors
///
/// When it was started before.
pub fn start_logging(config: &Config) -> anyhow::Result<()> {
    let format = match config.log.format {
        LogFormat::Text => telemetry::Format::Text,
        LogFormat::Json => telemetry::Format::Json,
    };
    telemetry::start(format, config.log.level.as_str())
}
