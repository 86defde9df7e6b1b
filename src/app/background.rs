//! What happens without being asked: noted uses are written, ended sessions are swept.
//!
//! A store that is down is tried again the next time; nothing noted is lost.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::http::Shared;
use crate::services::sessions::TOUCH_EVERY;

/// How often ended sessions are deleted.
const SWEEP_EVERY: Duration = Duration::from_secs(600);

/// The running tasks.
pub(super) struct Background {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// Starts them.
pub(super) fn start(door: Shared) -> Background {
    let (stop, stopped) = watch::channel(false);
    Background {
        stop,
        task: tokio::spawn(run(door, stopped)),
    }
}

async fn run(door: Shared, mut stopped: watch::Receiver<bool>) {
    let mut flush = interval(TOUCH_EVERY);
    let mut sweep = interval(SWEEP_EVERY);
    flush.set_missed_tick_behavior(MissedTickBehavior::Delay);
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stopped.changed() => break,
            _ = flush.tick() => write_uses(&door).await,
            _ = sweep.tick() => delete_ended(&door).await,
        }
    }
    write_uses(&door).await;
}

async fn write_uses(door: &Shared) {
    match door.services.sessions.flush_touches().await {
        Ok(0) => {}
        Ok(written) => tracing::debug!(written, "uses of sessions written"),
        Err(error) => {
            tracing::warn!(%error, "uses of sessions could not be written; they are kept")
        }
    }
}

async fn delete_ended(door: &Shared) {
    match door.services.sessions.sweep().await {
        Ok(0) => {}
        Ok(deleted) => tracing::info!(deleted, "ended sessions deleted"),
        Err(error) => tracing::warn!(%error, "ended sessions could not be deleted"),
    }
}

impl Background {
    /// Ends the tasks after a last write.
    pub(super) async fn stop(self) {
        self.stop.send_replace(true);
        if self.task.await.is_err() {
            tracing::error!("the background task panicked");
        }
    }
}
