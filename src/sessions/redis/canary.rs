//! Keys by which a node watches its link: one for each server that keeps sessions.
//!
//! A canary is only ever changed where it still is, so that one that was lost is missed. Must not touch another key.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use fred::clients::Client;
use fred::error::Error;
use fred::interfaces::{ClusterInterface as _, KeysInterface as _};
use fred::types::{Expiration, SetOptions};
use fred::util::redis_keyslot;
use futures_util::future::try_join_all;
use tokio::sync::watch;

use super::failure::is_answer;
use super::keys;

/// How long one outlives its node, in seconds.
const KEPT: i64 = 60;
/// How many names are tried to find one for each server of a cluster.
const TAGS: u32 = 65_536;

/// The canaries of this node. What they say is a number that only grows.
#[derive(Debug)]
pub(super) struct Canaries {
    names: Vec<String>,
    /// The highest number that was written.
    written: AtomicU64,
    /// The highest number that is known to be there.
    known: AtomicU64,
    is_set: bool,
}

/// What became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// They are as they were left.
    Alive,
    /// Redis takes no writes.
    Refused,
    /// One is gone: so may be any other key.
    Lost,
    /// Nobody answers.
    Silent,
}

impl Canaries {
    /// One for each server that `reader` knows of.
    pub(super) fn of(reader: &Client, node: &str) -> Self {
        let names = match reader.cached_cluster_state() {
            None => vec![keys::canary(node, None)],
            Some(routing) => {
                let wanted = routing.unique_primary_nodes().len();
                let mut by_server = BTreeMap::new();
                for tag in 0..TAGS {
                    if by_server.len() == wanted {
                        break;
                    }
                    let name = keys::canary(node, Some(tag));
                    if let Some(server) = routing.get_server(redis_keyslot(name.as_bytes())) {
                        by_server.entry(server.clone()).or_insert(name);
                    }
                }
                by_server.into_values().collect()
            }
        };
        Self {
            names,
            written: AtomicU64::new(0),
            known: AtomicU64::new(0),
            is_set: false,
        }
    }

    /// Whether there is more than one server.
    pub(super) fn are_several(&self) -> bool {
        self.names.len() > 1
    }

    /// Sets them. A server that answers with an error is there all the same.
    pub(super) async fn set(&mut self, writer: &Client) -> Result<(), Error> {
        let set = self.names.iter().map(|name| {
            let until = Some(Expiration::EX(KEPT));
            writer.set::<(), _, _>(name.as_str(), "0", until, None, false)
        });
        self.is_set = answered(try_join_all(set).await)?.is_some();
        Ok(())
    }

    /// Reads them, by the connections that are tracked.
    pub(super) async fn find(&self, reader: &Client) -> Result<Found, Error> {
        let known = self.known.load(Ordering::SeqCst);
        let read = self.names.iter().map(|name| reader.get(name.as_str()));
        let read: Vec<Option<String>> = try_join_all(read).await?;
        if !self.is_set {
            return Ok(Found::Refused);
        }
        let possible = known..=self.written.load(Ordering::SeqCst);
        let is_there = |value: &Option<String>| {
            let value = value.as_ref().and_then(|text| text.parse().ok());
            value.is_some_and(|number: u64| possible.contains(&number))
        };
        Ok(if read.iter().all(is_there) {
            Found::Alive
        } else {
            Found::Lost
        })
    }

    /// Changes them by connections that are not tracked, and waits until every change was heard of.
    pub(super) async fn change(
        &self,
        writer: &Client,
        echoes: &mut watch::Receiver<()>,
    ) -> Result<Found, Error> {
        if !self.is_set {
            return Ok(Found::Refused);
        }
        let number = self.known.load(Ordering::SeqCst) + 1;
        self.written.store(number, Ordering::SeqCst);
        for name in &self.names {
            echoes.mark_unchanged();
            let until = Some(Expiration::EX(KEPT));
            let text = number.to_string();
            let set = writer.set(name.as_str(), text, until, Some(SetOptions::XX), false);
            let set: Option<Option<String>> = answered(set.await)?;
            match set {
                None => return Ok(Found::Refused),
                Some(None) => return Ok(Found::Lost),
                // The other end lives as long as this one.
                Some(Some(_)) => drop(echoes.changed().await),
            }
        }
        self.known.store(number, Ordering::SeqCst);
        Ok(Found::Alive)
    }
}

/// Nothing for an error that a server answered with: that is an answer.
fn answered<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if is_answer(&error) => Ok(None),
        Err(error) => Err(error),
    }
}
