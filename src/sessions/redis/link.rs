//! Hearing what Redis forgets: tracking by the server, and proof again and again that it works.
//!
//! Redis remembers which keys a connection has read, and tells it when one of them changes. Nothing tells when that
//! ends, so this asks: a canary is read all the time (no answer: the link is silent; another value: somebody emptied
//! Redis), and changed now and then by another connection (no message: nothing is tracked). Must not read sessions.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use fred::clients::Client;
use fred::error::{Error, ErrorKind};
use fred::interfaces::{ClientLike as _, TrackingInterface as _};
use fred::types::client::Invalidation;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until, timeout};

use super::canary::{Canaries, Found};
use super::failure::explained;
use super::keys::{self, Concern};
use super::tracking::Tracking;
use crate::sessions::Cache;

/// How often a canary is read.
const BEAT: Duration = Duration::from_millis(75);
/// How often it is changed.
const ECHO: Duration = Duration::from_millis(200);
/// For how long nothing at all may be heard. With a beat before it this is less than the second that a silent link may
/// seem up.
const SILENCE: Duration = Duration::from_millis(900);
/// How long it may take until a change is heard of: with the pause before it, that is how long a connection that answers
/// and hears of nothing can go unnoticed.
const UNHEARD: Duration = SILENCE;
/// The pause after an attempt to bring the link up that failed.
const PAUSE: Duration = Duration::from_millis(50);
/// How often a server may refuse to be written to before it is looked for elsewhere.
const REFUSALS: u32 = 50;
/// Why the link is down.
const REPLACED: &str = "a connection was replaced";
/// See [`REPLACED`].
const SILENT: &str = "no answer";
/// See [`REPLACED`].
const LOST: &str = "Redis has lost keys: somebody emptied it, or it had no room for them";

/// The link of one node.
#[derive(Debug)]
pub(super) struct Link<'l> {
    pub(super) reader: &'l Client,
    pub(super) writer: &'l Client,
    pub(super) tracking: &'l Tracking,
    /// Names this node's canaries.
    pub(super) node: &'l str,
}

impl Link<'_> {
    /// Keeps the link up for as long as it is polled.
    pub(super) async fn keep(&self, cache: &Cache, invalidations: Receiver<Invalidation>) {
        let (echo, echoes) = watch::channel(());
        let heard = Heard(Mutex::new(Instant::now()));
        tokio::join!(
            hear(cache, invalidations, (&echo, &heard)),
            self.stay_up(cache, echoes, &heard)
        );
    }

    async fn stay_up(&self, cache: &Cache, mut echoes: watch::Receiver<()>, heard: &Heard) {
        let mut told = false;
        loop {
            let (found, ended) = match self.establish().await {
                Ok(canaries) if self.tracking.up() => {
                    tracing::info!("the link to Redis is up");
                    told = false;
                    self.hold(&canaries, &mut echoes, heard).await
                }
                Ok(_) => (Found::Alive, REPLACED.to_owned()),
                Err(error) => failed(&error),
            };
            self.tracking.down();
            if !told {
                let reason = self.tracking.last_error().unwrap_or(ended);
                tracing::warn!(reason = explained(reason), "the link to Redis is down");
                told = true;
            }
            match found {
                Found::Alive => {}
                Found::Lost => cache.forget_all(),
                Found::Refused | Found::Silent => self.connect_anew(),
            }
            sleep(PAUSE).await;
        }
    }

    /// Has Redis track the connections that are there now, and sets canaries.
    async fn establish(&self) -> Result<Canaries, Error> {
        self.reader.ping::<()>(None).await?;
        self.tracking.begin();
        // Own writes by this connection (noted uses) are no news here.
        let own = true;
        let tracking = self.reader.start_tracking((), false, false, false, own);
        tracking.await?;
        let mut canaries = Canaries::of(self.reader, self.node);
        canaries.set(self.writer).await?;
        canaries.find(self.reader).await?;
        Ok(canaries)
    }

    /// Watches the link until it is lost; yields why.
    async fn hold(
        &self,
        canaries: &Canaries,
        echoes: &mut watch::Receiver<()>,
        heard: &Heard,
    ) -> (Found, String) {
        tokio::select! {
            biased;
            () = self.tracking.lost() => (Found::Alive, REPLACED.to_owned()),
            ended = self.beat(canaries, heard) => ended,
            ended = self.listen(canaries, echoes) => ended,
        }
    }

    /// Reads the canaries for as long as they are there and anything is heard.
    async fn beat(&self, canaries: &Canaries, heard: &Heard) -> (Found, String) {
        let mut beats = interval(BEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        heard.now();
        loop {
            beats.tick().await;
            let found = tokio::select! {
                found = canaries.find(self.reader) => found,
                () = heard.silence(canaries.are_several()) => return (Found::Silent, SILENT.to_owned()),
            };
            // By whichever connection the answer has come: `hold` looks at this first.
            self.tracking.check();
            match found {
                Ok(Found::Lost) => return (Found::Lost, LOST.to_owned()),
                Ok(_) => heard.now(),
                // Something else was heard meanwhile: it is slow, and not silent.
                Err(error) if *error.kind() == ErrorKind::Timeout => {}
                Err(error) => return failed(&error),
            }
        }
    }

    /// Changes the canaries for as long as every change is heard of.
    async fn listen(
        &self,
        canaries: &Canaries,
        echoes: &mut watch::Receiver<()>,
    ) -> (Found, String) {
        let mut refused = 0;
        loop {
            sleep(ECHO).await;
            match timeout(UNHEARD, canaries.change(self.writer, echoes)).await {
                Ok(Ok(Found::Refused)) if refused < REFUSALS => refused += 1,
                Ok(Ok(Found::Refused)) => {
                    return (Found::Refused, "Redis takes no writes".to_owned());
                }
                Ok(Ok(Found::Lost)) => return (Found::Lost, LOST.to_owned()),
                Ok(Ok(_)) => refused = 0,
                Ok(Err(error)) => return failed(&error),
                Err(_) => return (Found::Silent, "no word of a change".to_owned()),
            }
        }
    }

    /// Has the clients connect anew. The one below waits for the answers of a connection that has fallen silent for as long
    /// as anything is written to it; and a server that takes no writes may have been replaced by another one.
    fn connect_anew(&self) {
        for client in [self.reader, self.writer] {
            // One that is connecting needs no reminder, and would connect once more for each.
            if client.is_connected() {
                let client = client.clone();
                tokio::spawn(async move { client.force_reconnection().await });
            }
        }
    }
}

/// When Redis was last heard of by the connections that read.
#[derive(Debug)]
struct Heard(Mutex<Instant>);

impl Heard {
    fn now(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Done when nothing has been heard for too long; by the clock alone where several servers have to answer, and what one
    /// says is no sign of life of another.
    async fn silence(&self, by_the_clock: bool) {
        if by_the_clock {
            return sleep(SILENCE).await;
        }
        loop {
            let latest = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let end = latest + SILENCE;
            if Instant::now() >= end {
                return;
            }
            sleep_until(end).await;
        }
    }
}

fn failed(error: &Error) -> (Found, String) {
    let found = match error.kind() {
        ErrorKind::Timeout => Found::Silent,
        _ => Found::Alive,
    };
    (found, error.to_string())
}

/// Forgets what Redis says has changed.
async fn hear(
    cache: &Cache,
    mut invalidations: Receiver<Invalidation>,
    (echo, heard): (&watch::Sender<()>, &Heard),
) {
    loop {
        match invalidations.recv().await {
            Ok(invalidation) => {
                heard.now();
                for key in &invalidation.keys {
                    match keys::concern(key.as_bytes()) {
                        Concern::Session(beginning) => cache.forget_beginning(&beginning),
                        Concern::User(user) => cache.forget_user(user),
                        Concern::Canary => drop(echo.send(())),
                        Concern::Other => {}
                    }
                }
            }
            Err(RecvError::Lagged(_)) => cache.forget_all(),
            Err(RecvError::Closed) => {
                cache.link_down();
                std::future::pending::<()>().await;
            }
        }
    }
}
