//! Which database and which Redis a configuration means, for people.
//!
//! Must not show a user name or a password.

use secrecy::ExposeSecret as _;

use crate::config::{DatabaseUrl, SessionsConfig};

/// Which database, without user name and password.
pub(super) fn database(url: &DatabaseUrl) -> String {
    match url {
        DatabaseUrl::Sqlite(path) => format!("SQLite, the file {}", path.display()),
        DatabaseUrl::Postgres(_) => postgres(&url.expose()),
    }
}

/// Where sessions are kept.
pub(super) fn session_store(sessions: &SessionsConfig) -> String {
    match &sessions.redis {
        None => "the database".to_owned(),
        Some(redis) => server("Redis", redis.url().expose_secret()),
    }
}

fn postgres(url: &str) -> String {
    server("PostgreSQL", url)
}

/// A server by its URL, without what that says of users and passwords.
fn server(kind: &str, url: &str) -> String {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, name) = rest.split_once('/').unwrap_or((rest, ""));
    let mut text = kind.to_owned();
    match authority.rsplit('@').next() {
        None | Some("") => {}
        Some(host) => text = format!("{text} at {host}"),
    }
    if name.is_empty() {
        text
    } else {
        format!("{text}, the database {name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threat_40_the_database_is_named_without_user_and_password() {
        for (url, text) in [
            (
                "postgres://ada:s3cret@db.internal:5432/doorward?sslmode=require",
                "PostgreSQL at db.internal:5432, the database doorward",
            ),
            ("postgresql://db.internal", "PostgreSQL at db.internal"),
            (
                "postgres:///doorward?host=/run/postgresql&password=s3cret",
                "PostgreSQL, the database doorward",
            ),
            ("postgres://s3cret@[::1]/", "PostgreSQL at [::1]"),
            ("postgres://db?password=s3cret", "PostgreSQL at db"),
        ] {
            assert_eq!(postgres(url), text);
        }
        let (url, text) = (
            "rediss://ada:s3cret@cache.internal:6380/3",
            "Redis at cache.internal:6380, the database 3",
        );
        assert_eq!(server("Redis", url), text);
    }
}
