//! Which database a configuration means, for people.
//!
//! Must not show a user name or a password.

use crate::config::DatabaseUrl;

/// Which database, without user name and password.
pub(super) fn database(url: &DatabaseUrl) -> String {
    match url {
        DatabaseUrl::Sqlite(path) => format!("SQLite, the file {}", path.display()),
        DatabaseUrl::Postgres(_) => postgres(&url.expose()),
    }
}

fn postgres(url: &str) -> String {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, name) = rest.split_once('/').unwrap_or((rest, ""));
    let mut text = "PostgreSQL".to_owned();
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
    }
}
