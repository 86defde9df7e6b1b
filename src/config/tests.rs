//! The configuration as a whole: what loads, what is refused, and how that is said.

mod apps;
mod environment;
mod limits;
mod pools;
mod providers;
mod redis;
mod reports;
mod secrets;
mod sections;

use std::path::Path;

use super::{Config, ConfigErrors};

/// Keys that pass, none of them used anywhere else.
const KEY: &str = "9b1f6c0e54d7a3828e0c41f7b6d925ea137cd05b98e46f2a70b3c98d15fe6a24";
const OTHER_KEY: &str = "c47a19e36b05f8d2917e3ca460bf52d81ce98b7f240da6531f96e07b38d4c15a";

/// Loads a text as the file.
fn load(toml: &str) -> Result<Config, ConfigErrors> {
    load_with(toml, &[])
}

/// Loads a text as the file, with variables.
fn load_with(toml: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("doorward.toml");
    std::fs::write(&file, toml).unwrap();
    let variables = variables
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    Config::load(Some(&file), variables)
}

/// A file with the app `shop`, whose section ends in `more`.
fn shop(more: &str) -> String {
    format!("[apps.shop]\nhosts = [\"shop.example.com\"]\nkeys = [\"{KEY}\"]\n{more}")
}

/// The one error of a file, as it is shown.
fn error(toml: &str) -> String {
    only(load(toml))
}

fn only(loaded: Result<Config, ConfigErrors>) -> String {
    let errors = loaded.expect_err("there is something wrong");
    assert_eq!(errors.all().len(), 1, "{errors}");
    errors.all()[0].to_string()
}

/// Asserts that a file has one error, which begins with `key` and holds `part`.
fn refused(toml: &str, key: &str, part: &str) {
    let error = error(toml);
    assert!(error.starts_with(&format!("{key}: ")), "{key}: {error}");
    assert!(error.contains(part), "{part}: {error}");
}

#[test]
fn nothing_at_all_is_a_configuration_for_local_use() {
    let config = load("").unwrap();
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.server.internal_listen.to_string(), "127.0.0.1:8081");
    assert_eq!(config.database.url.expose(), "sqlite://data/doorward.db");
    assert_eq!(config.sessions.cookie_name, "SESSION");
    assert_eq!(config.sessions.idle_timeout.as_secs(), 12 * 3600);
    assert_eq!(config.sessions.absolute_timeout.as_secs(), 30 * 86400);
    let (id, app) = config.apps.first_key_value().unwrap();
    assert_eq!((id.as_str(), config.apps.len()), ("app", 1));
    let hosts: Vec<_> = app.hosts.iter().map(ToString::to_string).collect();
    assert_eq!(hosts, ["localhost", "127.0.0.1", "[::1]"]);
    assert!(
        matches!(&app.keys, super::AppKeys::Generated(path) if path == Path::new("data/app.key"))
    );
    assert_eq!(app.public_url.to_string(), "http://localhost");
}

#[test]
fn the_generated_key_lies_beside_the_database() {
    let config = load("database.url = \"sqlite://var/lib/door.db\"").unwrap();
    let app = config.apps.values().next().unwrap();
    assert!(
        matches!(&app.keys, super::AppKeys::Generated(path) if path.ends_with("var/lib/app.key"))
    );
}

#[test]
fn the_apps_of_the_domain_are_those_of_the_file() {
    let file = shop("upstream = \"http://127.0.0.1:3000\"\nlogin_page = \"/login.html\"");
    let config = load(&file).unwrap();
    let apps = config.domain_apps();
    let app = apps.get("shop").unwrap();
    assert_eq!(app.pool.as_str(), "shop");
    assert_eq!(app.public_url.to_string(), "https://shop.example.com");
    assert_eq!(app.upstream.as_deref(), Some("http://127.0.0.1:3000"));
    assert_eq!(app.login_page.as_deref(), Some("/login.html"));
}
