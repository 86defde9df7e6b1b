//! `doorward serve`: until SIGTERM or SIGINT.

use tokio::signal::unix::{SignalKind, signal};

use crate::app::{self, Application, System};
use crate::config::Config;

/// Serves.
pub(super) fn run(config: &Config) -> anyhow::Result<()> {
    app::start_logging(config)?;
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
