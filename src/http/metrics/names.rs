//! Every metric: its name, what it means and its labels.
//!
//! The page docs/monitoring.md lists them from here. Names follow the conventions of Prometheus: base units, `_total`
//! for what only grows. Must not name a label whose values a visitor can choose.

/// What kind of number it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Only grows, and begins at zero with the process.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts of what was observed, by size.
    Histogram,
}

/// A metric.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) help: &'static str,
    pub(super) labels: &'static [&'static str],
}

const fn counter(name: &'static str, help: &'static str) -> Name {
    Name {
        name,
        kind: Kind::Counter,
        help,
        labels: &[],
    }
}

const fn gauge(name: &'static str, help: &'static str) -> Name {
    Name {
        kind: Kind::Gauge,
        ..counter(name, help)
    }
}

impl Name {
    const fn by(self, labels: &'static [&'static str]) -> Self {
        Self { labels, ..self }
    }
}

pub(super) const DECISIONS: Name = counter(
    "doorward_verify_decisions_total",
    "Requests that were judged, for the proxies and for the built-in gateway, by app and by what was said.",
)
.by(&["app", "outcome"]);
pub(super) const REFUSED: Name = counter(
    "doorward_verify_refused_total",
    "Requests that were refused before it was known for which app they are, by reason.",
)
.by(&["reason"]);
pub(super) const VERIFY_DURATION: Name = Name {
    kind: Kind::Histogram,
    ..counter(
        "doorward_verify_duration_seconds",
        "Time from a question to its answer, of all that were judged or refused.",
    )
};
pub(super) const SIGN_INS: Name = counter(
    "doorward_logins_total",
    "Attempts to sign in, by how they ended.",
)
.by(&["outcome"]);
pub(super) const PROVIDER_SIGN_INS: Name = counter(
    "doorward_provider_logins_total",
    "Browsers that came back from a provider, by how their sign-in ended.",
)
.by(&["outcome"]);
pub(super) const REGISTRATIONS: Name = counter(
    "doorward_registrations_total",
    "Attempts to register, by how they ended.",
)
.by(&["outcome"]);
pub(super) const LIMITED: Name = counter(
    "doorward_rate_limited_total",
    "Page requests that were turned away because the client's address had used up a budget, by budget.",
)
.by(&["budget"]);
pub(super) const PAGES: Name = counter(
    "doorward_page_requests_total",
    "Requests for Doorward's own pages, by class of status.",
)
.by(&["status"]);

pub(super) const CACHE_HITS: Name = counter(
    "doorward_cache_hits_total",
    "Look-ups of a session that the cache of this node answered.",
);
pub(super) const CACHE_MISSES: Name = counter(
    "doorward_cache_misses_total",
    "Look-ups of a session for which the store had to be asked.",
);
pub(super) const CACHE_INVALIDATIONS: Name = counter(
    "doorward_cache_invalidations_total",
    "Times that this node was told to forget a session, a user's sessions or everything.",
);
pub(super) const CACHE_ENTRIES: Name = gauge(
    "doorward_cache_entries",
    "Sessions in the cache of this node, some of them perhaps no longer valid.",
);
pub(super) const LINK_UP: Name = gauge(
    "doorward_link_up",
    "1 while this node hears what the store forgets; 0 while it does not, and trusts its cache only for outage_grace.",
)
.by(&["store"]);
pub(super) const CACHE_TRUSTED: Name = gauge(
    "doorward_cache_trusted",
    "1 while sessions in the cache count: the link is up, or down for less than outage_grace.",
);

pub(super) const REDIS_CONNECTED: Name = gauge(
    "doorward_redis_connected",
    "1 while the connections to Redis stand. Told only where sessions are kept there.",
);

pub(super) const HASHING_QUEUE: Name = gauge(
    "doorward_hashing_queue",
    "Passwords that wait for a hashing thread.",
);
pub(super) const HASHING_QUEUE_MAX: Name = gauge(
    "doorward_hashing_queue_max",
    "Passwords that may wait for a hashing thread: beyond that sign-ins are answered 503.",
);
pub(super) const HASHING_BUSY: Name =
    gauge("doorward_hashing_busy", "Hashing threads that are at work.");
pub(super) const HASHING_THREADS: Name = gauge("doorward_hashing_threads", "Hashing threads.");
pub(super) const HASHING_REFUSED: Name = counter(
    "doorward_hashing_refused_total",
    "Passwords that were not hashed because the queue was full.",
);
pub(super) const HASHES: Name = counter("doorward_hashes_total", "Passwords that were hashed.");

pub(super) const DATABASE_OPEN: Name = gauge(
    "doorward_database_connections_open",
    "Connections to the database.",
);
pub(super) const DATABASE_IDLE: Name = gauge(
    "doorward_database_connections_idle",
    "Connections to the database that nobody uses.",
);
pub(super) const DATABASE_MAX: Name = gauge(
    "doorward_database_connections_max",
    "The most connections to the database, as configured.",
);

pub(super) const BUILD: Name = gauge(
    "doorward_build_info",
    "Always 1; the labels say which version this is and where sessions are kept.",
)
.by(&["version", "database", "sessions"]);
pub(super) const DRAINING: Name = gauge(
    "doorward_draining",
    "1 while the process is shutting down and wants no new requests.",
);
pub(super) const STARTED: Name = gauge(
    "process_start_time_seconds",
    "When the process started, in Unix seconds.",
);
pub(super) const CPU: Name = counter(
    "process_cpu_seconds_total",
    "Processor time that the process has used, in seconds.",
);
pub(super) const MEMORY: Name = gauge(
    "process_resident_memory_bytes",
    "Memory of the process, in bytes.",
);
pub(super) const THREADS: Name = gauge("process_threads", "Threads of the process.");
pub(super) const OPEN_FILES: Name = gauge("process_open_fds", "Open file descriptors.");
pub(super) const MAX_FILES: Name = gauge(
    "process_max_fds",
    "The most file descriptors that may be open.",
);

/// All of them, in the order of the reference.
#[cfg(test)]
pub(super) const ALL: &[Name] = &[
    DECISIONS,
    REFUSED,
    VERIFY_DURATION,
    SIGN_INS,
    PROVIDER_SIGN_INS,
    REGISTRATIONS,
    LIMITED,
    PAGES,
    CACHE_HITS,
    CACHE_MISSES,
    CACHE_INVALIDATIONS,
    CACHE_ENTRIES,
    CACHE_TRUSTED,
    LINK_UP,
    REDIS_CONNECTED,
    HASHING_QUEUE,
    HASHING_QUEUE_MAX,
    HASHING_BUSY,
    HASHING_THREADS,
    HASHING_REFUSED,
    HASHES,
    DATABASE_OPEN,
    DATABASE_IDLE,
    DATABASE_MAX,
    BUILD,
    DRAINING,
    STARTED,
    CPU,
    MEMORY,
    THREADS,
    OPEN_FILES,
    MAX_FILES,
];

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::path::Path;

    use super::*;

    /// What stands around the table in the page.
    const MARKS: [&str; 2] = ["<!-- metrics: begin -->\n", "<!-- metrics: end -->\n"];

    fn table() -> String {
        let mut table = String::from("| Metric | Labels | Meaning |\n|---|---|---|\n");
        for metric in ALL {
            let Name {
                name, kind, help, ..
            } = metric;
            let labels: Vec<_> = metric.labels.iter().map(|l| format!("`{l}`")).collect();
            let kind = match kind {
                Kind::Counter => "counter",
                Kind::Gauge => "gauge",
                Kind::Histogram => "histogram",
            };
            let labels = labels.join(", ");
            writeln!(table, "| `{name}` ({kind}) | {labels} | {help} |").unwrap();
        }
        table
    }

    #[test]
    fn the_reference_lists_every_metric() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/monitoring.md");
        let page = std::fs::read_to_string(&path).unwrap();
        let (before, rest) = page.split_once(MARKS[0]).unwrap();
        let (_, after) = rest.split_once(MARKS[1]).unwrap();
        let wanted = format!("{before}{}{}{}{after}", MARKS[0], table(), MARKS[1]);
        if std::env::var_os("UPDATE_REFERENCE").is_some() {
            std::fs::write(&path, &wanted).unwrap();
        }
        let page = std::fs::read_to_string(&path).unwrap();
        assert!(
            page == wanted,
            "run: UPDATE_REFERENCE=1 cargo test reference"
        );
    }

    #[test]
    fn names_follow_the_conventions() {
        for Name {
            name,
            kind,
            help,
            labels,
        } in ALL
        {
            assert!(
                name.starts_with("doorward_") || name.starts_with("process_"),
                "{name}"
            );
            assert_eq!(name.ends_with("_total"), *kind == Kind::Counter, "{name}");
            assert!(help.ends_with('.') && !help.contains(['|', '\n']), "{help}");
            for forbidden in ["user", "path", "host", "client", "address", "email", "peer"] {
                assert!(!labels.contains(&forbidden), "{name} by {forbidden}");
            }
        }
    }
}
