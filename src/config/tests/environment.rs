//! Variables: how they name keys, and that they win over the file.

use super::{KEY, OTHER_KEY, load_with, only, shop};
use crate::config::{AppKeys, LogFormat};

fn error(toml: &str, name: &str, text: &str) -> String {
    only(load_with(toml, &[(name, text)]))
}

#[test]
fn the_environment_wins_over_the_file() {
    let file = format!("{}[log]\nlevel = \"debug\"\nformat = \"json\"\n", shop(""));
    let variables = [
        ("DOORWARD__LOG__FORMAT", "text"),
        ("DOORWARD__SERVER__LISTEN", "127.0.0.1:1"),
        ("DOORWARD__SERVER__HOPS", "2"),
        (
            "DOORWARD__APPS__SHOP__HOSTS",
            "a.example.com, b.example.com",
        ),
        ("DOORWARD__SERVER__BASE_PATH", "/auth"),
        ("DOORWARD_CONFIG", "elsewhere.toml"),
        ("LOG__LEVEL", "loud"),
    ];
    let config = load_with(&file, &variables).unwrap();
    assert_eq!(config.log.format, LogFormat::Text);
    assert_eq!(config.log.level.as_str(), "debug");
    assert_eq!(config.server.listen.port(), 1);
    assert_eq!(config.server.base_path, "/auth");
    let app = config.apps.values().next().unwrap();
    let hosts: Vec<_> = app.hosts.iter().map(ToString::to_string).collect();
    assert_eq!(hosts, ["a.example.com", "b.example.com"]);
}

#[test]
fn an_underscore_stands_for_a_dash_in_ids() {
    let file = shop("").replace("apps.shop", "apps.my-shop");
    let config = load_with(&file, &[("DOORWARD__APPS__MY_SHOP__BINDING", "request")]).unwrap();
    let app = config.apps.values().next().unwrap();
    assert_eq!(app.binding, crate::domain::app::Binding::Request);
    assert_eq!(config.apps.len(), 1);
}

#[test]
fn an_app_can_come_from_the_environment_alone() {
    let rules = r#"[{ path = "/", access = "public" }, { path = "/a/*", access = "deny" }]"#;
    let variables = [
        ("DOORWARD__APPS__A__B__HOSTS", "localhost:3000"),
        ("DOORWARD__APPS__A__B__KEYS", &format!("{KEY},{OTHER_KEY}")),
        ("DOORWARD__APPS__A__B__RULES", rules),
    ];
    let config = load_with("", &variables).unwrap();
    let (id, app) = config.apps.first_key_value().unwrap();
    assert_eq!(id.as_str(), "a--b");
    assert!(matches!(&app.keys, AppKeys::Given(keys) if keys.len() == 2));
}

#[test]
fn texts_are_not_guessed_to_be_something_else() {
    let config = load_with("", &[("DOORWARD__SESSIONS__COOKIE_NAME", "007")]).unwrap();
    assert_eq!(config.sessions.cookie_name, "007");
    let config = load_with("", &[("DOORWARD__SESSIONS__COOKIE_NAME", "1e5")]).unwrap();
    assert_eq!(config.sessions.cookie_name, "1e5");
    let config = load_with("", &[("DOORWARD__SESSIONS__COOKIE_NAME", "true")]).unwrap();
    assert_eq!(config.sessions.cookie_name, "true");
}

#[test]
fn errors_name_the_variable_and_the_key() {
    let shown = error("", "DOORWARD__SERVER__TRUSTED_PROXIES", "10.0.0.1, here");
    assert!(
        shown.starts_with(
            "server.trusted_proxies[1] (from DOORWARD__SERVER__TRUSTED_PROXIES): \"here\""
        ),
        "{shown}"
    );
    let shown = error("", "DOORWARD__LIMITS__HASHING_QUEUE", "many");
    assert!(
        shown.starts_with("limits.hashing_queue (from DOORWARD__LIMITS__HASHING_QUEUE): "),
        "{shown}"
    );
    for rules in ["[{ path = ", "3", "[3]", "[]\nkeys = []"] {
        let shown = error(&shop(""), "DOORWARD__APPS__SHOP__RULES", rules);
        assert!(
            shown.contains("(from DOORWARD__APPS__SHOP__RULES): is "),
            "{shown}"
        );
    }
}

#[test]
fn variables_that_set_no_key_are_refused_with_the_nearest_that_does() {
    let file = shop("").replace("apps.shop", "apps.my-shop");
    for (name, part) in [
        (
            "DOORWARD__SERVER__LISEN",
            "did you mean DOORWARD__SERVER__LISTEN?",
        ),
        ("DOORWARD__SEVER__LISTEN", "did you mean DOORWARD__SERVER__"),
        (
            "DOORWARD__APPS__MY_SHOP__HOST",
            "did you mean DOORWARD__APPS__MY_SHOP__HOSTS?",
        ),
        (
            "DOORWARD__DATABASE__URLFILE",
            "did you mean DOORWARD__DATABASE__URL_FILE?",
        ),
        ("DOORWARD__APPS__MY_SHOP", "write DOORWARD__APPS__ID__KEY"),
        ("DOORWARD__LISTEN", "write DOORWARD__SECTION__KEY"),
        ("DOORWARD__APPS___X__HOSTS", "must not begin with -"),
        (
            "DOORWARD__LOG__COLOUR",
            "the keys of [log] are format, level",
        ),
        ("DOORWARD__server__listen", "in capitals"),
        ("DOORWARD__", "names no key"),
    ] {
        let shown = error(&file, name, "x");
        assert!(shown.starts_with(&format!("{name}: ")), "{shown}");
        assert!(shown.contains(part), "{name}: {shown}");
    }
    let shown = error("", "DOORWARD__LOG__LEVEL", "in\u{fffd}fo");
    assert!(shown.contains("UTF-8"), "{shown}");
}
