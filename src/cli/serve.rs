//! `doorward serve`: until SIGTERM or SIGINT.

use tokio::signal::unix::{SignalKind, signal};

use crate::app::{Application, System};
use crate::config::Config;
use crate::telemetry;

/// Serves.
pub(super) fn run(config: &Config) -> anyhow::Result<()> {
    telemetry::start(&config.log)?;
    super::runtime()?.block_on(async {
        let application = Application::build(config, System::default()).await?;
        application.run(stop_signal()?).await
    })
}

/// Is done at the first SIGTERM or SIGINT.
pub(super) fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
