//! `[log]`: what is logged, and how.

use crate::config::declaration::{Fallback, Field, Section, Shape};
use crate::config::errors::{Read, Wrong};
use crate::config::fields::Fields;
use crate::domain::host::Origin;

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogConfig {
    /// What a line looks like.
    pub format: LogFormat,
    /// The least important lines that are written.
    pub level: LogLevel,
    /// Where spans go, as a URL with a path.
    pub traces: Option<String>,
}

/// What a log line looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// How important a log line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// Something needs an operator.
    Error,
    /// Something may soon.
    Warn,
    /// What happened.
    Info,
    /// Why it happened.
    Debug,
    /// Every step.
    Trace,
}

impl LogLevel {
    /// The word in the configuration, which filters of log lines understand too.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

const FORMAT: Field = Field {
    name: "format",
    shape: Shape::Text,
    form: "text or json",
    fallback: Fallback::Value("text"),
    about: "`text` is for people, `json` is one object a line for machines.",
};
const LEVEL: Field = Field {
    name: "level",
    shape: Shape::Text,
    form: "error, warn, info, debug or trace",
    fallback: Fallback::Value("info"),
    about: "The least important lines that are written. Each verified request is at `debug`, each denial at `info`.",
};
const TRACES: Field = Field {
    name: "traces",
    shape: Shape::Text,
    form: "an http:// or https:// URL, such as http://collector:4318",
    fallback: Fallback::Stated("none; no spans are made"),
    about: "A collector of OpenTelemetry traces, which takes OTLP over HTTP; without a path in the URL, at \
            `/v1/traces`. Spans join the `traceparent` of listed proxies. See docs/monitoring.md.",
};

pub(super) const SECTION: Section = Section {
    name: "log",
    by_id: false,
    about: "Doorward logs to standard error. No line holds a secret, a token or an e-mail address.",
    fields: &[FORMAT, LEVEL, TRACES],
};

impl LogConfig {
    pub(super) fn read(mut fields: Fields<'_>) -> Read<Self> {
        let format = fields.value(&FORMAT, |text| match text {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            _ => Err(FORMAT.refuse(text, "is not a format of the log")),
        });
        let level = fields.value(&LEVEL, level);
        let traces = fields.optional(&TRACES, collector);
        Ok(Self {
            format: format?,
            level: level?,
            traces: traces?,
        })
    }
}

fn level(text: &str) -> Result<LogLevel, Wrong> {
    let levels = [
        LogLevel::Error,
        LogLevel::Warn,
        LogLevel::Info,
        LogLevel::Debug,
        LogLevel::Trace,
    ];
    let level = levels.into_iter().find(|level| level.as_str() == text);
    level.ok_or_else(|| LEVEL.refuse(text, "is not a level of the log"))
}

/// A URL without a query, and without a name and password, which belong in `OTEL_EXPORTER_OTLP_HEADERS`.
fn collector(text: &str) -> Result<String, Wrong> {
    if text.contains('@') {
        let remedy = "put them into OTEL_EXPORTER_OTLP_HEADERS";
        return Err(Wrong::new("holds a name or a password", remedy));
    }
    let authority = text.find("://").map_or(0, |end| end + "://".len());
    let path = text.get(authority..).and_then(|rest| rest.find('/'));
    let (origin, path) = text.split_at(path.map_or(text.len(), |path| authority + path));
    let origin = Origin::parse(origin)
        .map_err(|error| TRACES.refuse(text, &format!("is no address: it {error}")))?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~%".contains(&byte);
    match path {
        "" | "/" => Ok(format!("{origin}/v1/traces")),
        path if path.bytes().all(plain) => Ok(format!("{origin}{path}")),
        _ => Err(TRACES.refuse(text, "has a query or other characters behind its path")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_has_a_path_and_no_query() {
        for (written, meant) in [
            ("http://collector:4318", "http://collector:4318/v1/traces"),
            ("http://collector:4318/", "http://collector:4318/v1/traces"),
            ("https://[::1]:4318", "https://[::1]:4318/v1/traces"),
            (
                "https://otlp.example.com/otlp/v1/traces",
                "https://otlp.example.com/otlp/v1/traces",
            ),
        ] {
            assert_eq!(collector(written).ok().as_deref(), Some(meant), "{written}");
        }
        for bad in [
            "",
            "/",
            "collector:4318",
            "ftp://collector",
            "http://",
            "http:///v1/traces",
            "http://user:secret@collector:4318",
            "http://collector:4318?token=x",
            "http://collector:4318/v1/traces?token=x",
            "http://collector:4318/v1/tra ces",
        ] {
            assert!(collector(bad).is_err(), "{bad}");
        }
    }
}
