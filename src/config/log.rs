//! `[log]`: what is logged, and how.

use crate::config::declaration::{Fallback, Field, Section, Shape};
use crate::config::errors::{Read, Wrong};
use crate::config::fields::Fields;

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogConfig {
    /// What a line looks like.
    pub format: LogFormat,
    /// The least important lines that are written.
    pub level: LogLevel,
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

pub(super) const SECTION: Section = Section {
    name: "log",
    by_id: false,
    about: "Doorward logs to standard error. No line holds a secret, a token or an e-mail address.",
    fields: &[FORMAT, LEVEL],
};

impl LogConfig {
    pub(super) fn read(mut fields: Fields<'_>) -> Read<Self> {
        let format = fields.value(&FORMAT, |text| match text {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            _ => Err(FORMAT.refuse(text, "is not a format of the log")),
        });
        let level = fields.value(&LEVEL, level);
        Ok(Self {
            format: format?,
            level: level?,
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
