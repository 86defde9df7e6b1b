//! What happens without being asked: the cache is kept coherent, noted uses are written, ended sessions are swept, and
//! memory that nobody needs any more is given back.
//!
//! A store that is down is tried again the next time; nothing noted is lost.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::http::Shared;
use crate::services::sessions::TOUCH_EVERY;

/// By how much clocks may differ before it is worth a line: apps accept a signature for a minute.
const CLOCKS_APART: Duration = Duration::from_secs(10);

/// How often ended sessions are deleted.
const SWEEP_EVERY: Duration = Duration::from_secs(600);

/// How often it is looked for memory that nobody needs.
const TIDY_EVERY: Duration = Duration::from_secs(60);

/// How often the machine's clock is compared with the database's.
const COMPARE_EVERY: Duration = Duration::from_secs(60);

/// How often it is looked whether something has to be asked of a provider anew.
const REFRESH_EVERY: Duration = Duration::from_secs(30);

/// The running tasks.
pub(super) struct Background {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
    link: JoinHandle<()>,
    tidy: JoinHandle<()>,
    providers: JoinHandle<()>,
}

/// Starts them.
pub(super) fn start(door: Shared) -> Background {
    let (stop, stopped) = watch::channel(false);
    let of_door = Arc::clone(&door.services.sessions);
    Background {
        stop,
        link: tokio::spawn(async move {
            of_door.keep_coherent().await;
        }),
        tidy: tokio::spawn(tidy(Arc::clone(&door))),
        providers: tokio::spawn(refresh_providers(Arc::clone(&door))),
        task: tokio::spawn(run(door, stopped)),
    }
}

async fn run(door: Shared, mut stopped: watch::Receiver<bool>) {
    let mut flush = interval(TOUCH_EVERY);
    let mut sweep = interval(SWEEP_EVERY);
    let mut clocks = interval(COMPARE_EVERY);
    let mut differed = false;
    // Before anything is swept by the common clock.
    compare_clocks(&door, &mut differed).await;
    clocks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    flush.set_missed_tick_behavior(MissedTickBehavior::Delay);
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stopped.changed() => break,
            _ = flush.tick() => write_uses(&door).await,
            _ = sweep.tick() => sweep_all(&door).await,
            _ = clocks.tick() => compare_clocks(&door, &mut differed).await,
        }
    }
    write_uses(&door).await;
}

/// Apart from the others, which may have to wait for a store.
async fn tidy(door: Shared) {
    let mut tidy = interval(TIDY_EVERY);
    tidy.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tidy.tick().await;
        door.limits.tidy();
        door.services.tidy();
    }
}

/// Attempts are counted by the database's clock. Ends of sessions and signatures are judged by the machine's own, so it is
/// worth a line when that is wrong, and one when it is right again.
async fn compare_clocks(door: &Shared, differed: &mut bool) {
    match door.services.common_clock.compare().await {
        Ok(difference) if (difference > CLOCKS_APART) != *differed => {
            *differed = !*differed;
            let seconds = difference.as_secs();
            if *differed {
                tracing::warn!(
                    seconds,
                    "the clock of this machine differs from the database's: sessions may end early or late here, and apps may \
                     refuse what is signed here"
                );
            } else {
                tracing::info!("the clock of this machine agrees with the database's again");
            }
        }
        Ok(_) => {}
        Err(error) => tracing::debug!(%error, "the database did not say what time it is"),
    }
}

/// Finds out about providers before anybody needs them, and again where one did not answer.
async fn refresh_providers(door: Shared) {
    let mut refresh = interval(REFRESH_EVERY);
    refresh.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        refresh.tick().await;
        door.services.oauth_login.providers.refresh().await;
    }
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

async fn sweep_all(door: &Shared) {
    delete_ended(door).await;
    forget_sign_ins(door).await;
    match door.services.throttle.sweep().await {
        Ok(0) => {}
        Ok(deleted) => tracing::debug!(deleted, "attempts to sign in have leaked away"),
        Err(error) => tracing::warn!(%error, "attempts to sign in could not be swept"),
    }
    match door.services.devices.sweep().await {
        Ok(0) => {}
        Ok(deleted) => tracing::info!(deleted, "devices that nobody uses any more were forgotten"),
        Err(error) => tracing::warn!(%error, "unused devices could not be forgotten"),
    }
}

async fn forget_sign_ins(door: &Shared) {
    match door.services.oauth_login.sweep().await {
        Ok(0) => {}
        Ok(deleted) => tracing::debug!(
            deleted,
            "sign-ins at providers that are over were forgotten"
        ),
        Err(error) => tracing::warn!(%error, "sign-ins at providers could not be swept"),
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
        self.link.abort();
        self.tidy.abort();
        self.providers.abort();
        self.stop.send_replace(true);
        if self.task.await.is_err() {
            tracing::error!("the background task panicked");
        }
    }
}
