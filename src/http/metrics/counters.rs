//! Counters by fixed words, each handle looked up once at the start.
//!
//! Must not make a series after the start.

use prometheus::{IntCounter, IntCounterVec, Opts, Registry};

use super::names::Name;
use super::words::Word;
use crate::domain::ids::AppId;

/// One counter for each word of `W`.
#[derive(Debug)]
pub(super) struct ByWord<W> {
    handles: Vec<IntCounter>,
    words: std::marker::PhantomData<W>,
}

/// One counter for each app and word.
#[derive(Debug)]
pub(super) struct ByApp<W>(
    /// Sorted by id. There are few apps: comparing a handful of short ids beats hashing one.
    Vec<(AppId, ByWord<W>)>,
);

impl<W: Word> ByWord<W> {
    /// The counters, each at zero.
    pub(super) fn new(registry: &Registry, name: Name) -> Result<Self, prometheus::Error> {
        Self::of(&register(registry, name)?, &[])
    }

    fn of(counters: &IntCounterVec, labels: &[&str]) -> Result<Self, prometheus::Error> {
        let handle = |word: &W| {
            let labels = [labels, &[word.as_str()]].concat();
            counters.get_metric_with_label_values(&labels)
        };
        Ok(Self {
            handles: W::ALL.iter().map(handle).collect::<Result<_, _>>()?,
            words: std::marker::PhantomData,
        })
    }

    /// Counts one.
    pub(super) fn add(&self, word: W) {
        if let Some(counter) = self.handles.get(word.index()) {
            counter.inc();
        }
    }
}

impl<W: Word> ByApp<W> {
    /// The counters of these apps, each at zero.
    pub(super) fn new<'a>(
        registry: &Registry,
        name: Name,
        apps: impl Iterator<Item = &'a AppId>,
    ) -> Result<Self, prometheus::Error> {
        let counters = register(registry, name)?;
        let of = |app: &AppId| Ok((app.clone(), ByWord::of(&counters, &[app.as_str()])?));
        let mut apps = apps
            .map(of)
            .collect::<Result<Vec<_>, prometheus::Error>>()?;
        apps.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(Self(apps))
    }

    /// Counts one for `app`.
    pub(super) fn add(&self, app: &AppId, word: W) {
        let place = self.0.binary_search_by(|(id, _)| id.cmp(app));
        if let Some((_, counters)) = place.ok().and_then(|place| self.0.get(place)) {
            counters.add(word);
        }
    }
}

fn register(registry: &Registry, name: Name) -> Result<IntCounterVec, prometheus::Error> {
    let counters = IntCounterVec::new(Opts::new(name.name, name.help), name.labels)?;
    registry.register(Box::new(counters.clone()))?;
    Ok(counters)
}
