//! The text that Prometheus reads, and families made of values that are read elsewhere.
//!
//! Must not know what any value means.

use prometheus::TextEncoder;
use prometheus::proto::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType};

use super::names::{Kind, Name};

/// Version 0.0.4 of the text format, with its encoding.
pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Families as text, in the order of their names.
///
/// # Errors
///
/// When a family has no value or a name twice.
pub(super) fn text(mut families: Vec<MetricFamily>) -> Result<String, prometheus::Error> {
    families.sort_by(|one, other| one.name().cmp(other.name()));
    TextEncoder::new().encode_to_string(&families)
}

/// A family with one value.
pub(super) fn single(name: Name, value: u64) -> MetricFamily {
    family(name, vec![metric(name, &[], float(value))])
}

/// A family with one value that has a fraction.
pub(super) fn fraction(name: Name, value: f64) -> MetricFamily {
    family(name, vec![metric(name, &[], value)])
}

/// A family with one value, whose labels have these values.
pub(super) fn labelled(name: Name, labels: &[&str], value: u64) -> MetricFamily {
    family(name, vec![metric(name, labels, float(value))])
}

fn family(name: Name, metrics: Vec<Metric>) -> MetricFamily {
    let mut family = MetricFamily::default();
    family.set_name(name.name.to_owned());
    family.set_help(name.help.to_owned());
    family.set_field_type(match name.kind {
        Kind::Counter => MetricType::COUNTER,
        Kind::Gauge | Kind::Histogram => MetricType::GAUGE,
    });
    family.set_metric(metrics);
    family
}

fn metric(name: Name, labels: &[&str], value: f64) -> Metric {
    let pairs = name.labels.iter().zip(labels).map(|(name, value)| {
        let mut pair = LabelPair::default();
        pair.set_name((*name).to_owned());
        pair.set_value((*value).to_owned());
        pair
    });
    let mut metric = Metric::from_label(pairs.collect());
    if name.kind == Kind::Counter {
        let mut counter = Counter::default();
        counter.set_value(value);
        metric.set_counter(counter);
    } else {
        let mut gauge = Gauge::default();
        gauge.set_value(value);
        metric.set_gauge(gauge);
    }
    metric
}

/// Exact up to 2^53, as everything that Prometheus keeps.
#[expect(
    clippy::cast_precision_loss,
    reason = "Prometheus has no other numbers"
)]
fn float(value: u64) -> f64 {
    value as f64
}
