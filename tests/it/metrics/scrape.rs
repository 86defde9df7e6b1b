//! `/metrics`, read as Prometheus reads it: by the text format's own rules, with nothing of Doorward's.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::doorward::Doorward;
use crate::support::http::get;

/// Everything that one node told at once.
#[derive(Debug)]
pub(super) struct Scrape {
    pub(super) text: String,
    /// Type and help of each family, by its name.
    pub(super) families: BTreeMap<String, (String, String)>,
    /// Each series as it is written, `name{label="value"}`, with its value.
    samples: BTreeMap<String, f64>,
}

impl Scrape {
    pub(super) async fn of(doorward: &Doorward) -> Self {
        let answer = get(&format!("{}/metrics", doorward.internal()), &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        Self::read(answer.body)
    }

    fn read(text: String) -> Self {
        let (mut families, mut samples) = (BTreeMap::new(), BTreeMap::new());
        let mut help = BTreeMap::new();
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, words) = rest.split_once(' ').expect("a name and words");
                help.insert(name.to_owned(), words.to_owned());
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').expect("a name and a type");
                let words = help.get(name).expect("help before the type").clone();
                families.insert(name.to_owned(), (kind.to_owned(), words));
            } else {
                let (series, value) = line.rsplit_once(' ').expect("a series and a value");
                let value = value.parse().expect("a number");
                let before = samples.insert(series.to_owned(), value);
                assert!(before.is_none(), "{series} is there twice");
            }
        }
        Self {
            text,
            families,
            samples,
        }
    }

    /// The value of a series, written as it is in the text.
    pub(super) fn value(&self, series: &str) -> f64 {
        let value = self.samples.get(series);
        *value.unwrap_or_else(|| panic!("no {series} in {}", self.text))
    }

    /// The same as a whole number.
    pub(super) fn count(&self, series: &str) -> u64 {
        let value = self.value(series);
        assert!(value >= 0.0 && value.fract() == 0.0, "{series} {value}");
        value as u64
    }

    /// How much more a counter is than it was.
    pub(super) fn since(&self, before: &Self, series: &str) -> u64 {
        self.count(series) - before.count(series)
    }

    /// Every series.
    pub(super) fn series(&self) -> BTreeSet<&str> {
        self.samples.keys().map(String::as_str).collect()
    }

    /// Every sample whose series begins so.
    pub(super) fn beginning(&self, start: &str) -> Vec<(&str, f64)> {
        let samples = self.samples.iter();
        let found = samples.filter(|(series, _)| series.starts_with(start));
        found
            .map(|(series, value)| (series.as_str(), *value))
            .collect()
    }
}
