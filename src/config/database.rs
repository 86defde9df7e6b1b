//! `[database]`: where accounts and sessions are kept.

use std::fmt;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use crate::config::declaration::{Fallback, Field, Section, Shape};
use crate::config::errors::{Read, Wrong};
use crate::config::fields::Fields;

/// Where everything is kept.
#[derive(Debug, Clone)]
pub struct DatabaseConfig {
    /// Which database.
    pub url: DatabaseUrl,
    /// How many connections are open at once at most.
    pub max_connections: u32,
}

/// One of the two databases. Shows no password.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// A file of SQLite's.
    Sqlite(PathBuf),
    /// A PostgreSQL server, as the URL that may hold a password.
    Postgres(SecretString),
}

impl DatabaseUrl {
    /// The whole URL, with the password.
    #[must_use]
    pub fn expose(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite://{}", path.display()),
            Self::Postgres(url) => url.expose_secret().to_owned(),
        }
    }

    /// The folder for what is kept beside the database: that of the SQLite file, `data` for PostgreSQL.
    #[must_use]
    pub fn folder(&self) -> &Path {
        match self {
            Self::Sqlite(path) => path.parent().unwrap_or(Path::new("")),
            Self::Postgres(_) => Path::new("data"),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "Sqlite({})", path.display()),
            Self::Postgres(_) => f.write_str("Postgres([redacted])"),
        }
    }
}

const URL: Field = Field {
    name: "url",
    shape: Shape::Secret,
    form: "sqlite:// and the path of a file, or postgres://user:password@host/database",
    fallback: Fallback::Value("sqlite://data/doorward.db"),
    about: "Which database. A path of SQLite's is relative to the working directory; its folder is made if need be. \
            Several machines share one PostgreSQL.",
};
const MAX_CONNECTIONS: Field = Field {
    name: "max_connections",
    shape: Shape::Number,
    form: "a whole number of connections from 1 to 1024",
    fallback: Fallback::Value("16"),
    about: "How many connections one Doorward opens at once at most.",
};

pub(super) const SECTION: Section = Section {
    name: "database",
    by_id: false,
    about: "Accounts and sessions live in SQLite, which needs nothing else on the machine, or in PostgreSQL.",
    fields: &[URL, MAX_CONNECTIONS],
};

impl DatabaseConfig {
    pub(super) fn read(mut fields: Fields<'_>) -> Read<Self> {
        let url = fields.secret(&URL, url);
        let max_connections = fields.number_or_default(&MAX_CONNECTIONS, 1..=1024);
        let url = url?.ok_or_else(|| fields.missing(&URL))?;
        Ok(Self {
            url,
            max_connections: max_connections?,
        })
    }
}

/// Shows nothing of the URL, which may hold a password in any place when it is malformed.
fn url(text: &str) -> Result<DatabaseUrl, Wrong> {
    let refuse = |problem: &str| Wrong::new(problem, format!("write {}", URL.form));
    if let Some(path) = text.strip_prefix("sqlite://") {
        return match path {
            "" | ":memory:" => Err(refuse("names no file of SQLite's")),
            _ if path.ends_with('/') => Err(refuse("names a folder, not a file of SQLite's")),
            _ if path.contains(['?', '#', '%']) || path.contains(char::is_control) => {
                Err(refuse("holds more than the plain path of a file"))
            }
            _ => Ok(DatabaseUrl::Sqlite(PathBuf::from(path))),
        };
    }
    let rest = text
        .strip_prefix("postgres://")
        .or_else(|| text.strip_prefix("postgresql://"));
    let rest = rest.ok_or_else(|| refuse("is neither a URL of SQLite nor one of PostgreSQL"))?;
    if rest.is_empty() || !rest.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(refuse("is not a URL"));
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let port = host
        .rsplit(']')
        .next()
        .and_then(|host| host.split_once(':'))
        .map(|(_, port)| port);
    if authority.matches('@').count() > 1 || port.is_some_and(|port| port.parse::<u16>().is_err()) {
        let remedy = "percent-encode : / @ # ? in user name and password (@ is %40, / is %2F)";
        return Err(Wrong::new("has no readable host and port", remedy));
    }
    Ok(DatabaseUrl::Postgres(SecretString::from(text)))
}
