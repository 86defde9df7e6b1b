//! How errors are said: all together, with the nearest known key, and with nothing secret.

use super::{KEY, error, load, load_with, only, refused, shop};
use crate::config::Config;
use std::path::Path;

#[test]
fn everything_that_is_wrong_is_reported_at_once() {
    let file = format!(
        r#"
        [server]
        lisen = "127.0.0.1:1"
        internal_listen = "localhost:8081"
        hops = 99
        [sessions]
        idle_timeout = 3600
        [apps.shop]
        hosts = ["shop.example.com", "*.co.uk"]
        keys = ["00"]
        rules = [{{ path = "admin", access = "user" }}, {{ path = "/x", access = "admin" }}]
        [apps.other]
        hosts = ["shop.example.com"]
        keys = ["{KEY}"]
        [pools.nobody]
        [log]
        level = "loud"
        "#
    );
    let errors = load_with(&file, &[("DOORWARD__LIMITS__HASHING_MEMORI", "1")]).unwrap_err();
    let keys: Vec<_> = errors
        .all()
        .iter()
        .map(|error| error.key.as_str())
        .collect();
    let expected = [
        "DOORWARD__LIMITS__HASHING_MEMORI",
        "server.lisen",
        "server.internal_listen",
        "server.hops",
        "sessions.idle_timeout",
        "apps.shop.hosts[1]",
        "apps.shop.keys[0]",
        "apps.shop.rules[0].path",
        "apps.shop.rules[1].access",
        "apps.shop.hosts[0]",
        "pools.nobody",
        "log.level",
    ];
    assert_eq!(keys, expected, "{errors}");
    assert!(
        errors
            .to_string()
            .starts_with("12 errors in the configuration:\n  - "),
        "{errors}"
    );
}

#[test]
fn unknown_keys_and_sections_name_the_nearest_known_one() {
    refused("[sever]\n", "sever", "did you mean server?");
    refused("[app.shop]\n", "app", "did you mean apps?");
    refused(
        "[server]\nlisen = \"x\"\n",
        "server.lisen",
        "did you mean listen?",
    );
    refused(&shop("host = []"), "apps.shop.host", "did you mean hosts?");
    refused(
        &shop("keys-file = \"x\""),
        "apps.shop.keys-file",
        "did you mean keys_file?",
    );
    let rule = "rules = [{ path = \"/\", access = \"user\", role = [\"a\"] }]";
    refused(
        &shop(rule),
        "apps.shop.rules[0].role",
        "did you mean roles?",
    );
    refused(
        "[log]\ncolour = 1\n",
        "log.colour",
        "the keys here are format, level",
    );
    refused(
        "[weather]\n",
        "weather",
        "the sections are server, database,",
    );
}

#[test]
fn keys_in_the_wrong_section_are_sent_home() {
    refused(
        "[log]\nidle_timeout = \"1h\"\n",
        "log.idle_timeout",
        "it belongs in [sessions]",
    );
    refused("hosts = []\n", "hosts", "it belongs in [apps.<id>]");
}

#[test]
fn sections_have_the_form_of_sections() {
    refused("server = 3\n", "server", "[server]");
    refused("apps = []\n", "apps", "[apps.shop]");
    let file = format!("{}\n[apps]\nhosts = []\n", shop(""));
    refused(&file, "apps.hosts", "[apps.shop]");
    let file = shop("users = \"staff\"\n[pools.staff]").replace("apps.shop", "apps.My_Shop");
    refused(&file, "apps.My_Shop", "write [apps.my-shop]");
}

#[test]
fn types_are_those_of_the_key() {
    refused(
        "[server]\nlisten = 8080\n",
        "server.listen",
        "is a number, not a text",
    );
    refused(
        "[server]\nhops = \"2\"\n",
        "server.hops",
        "is a text, not a number",
    );
    refused(
        "[server]\nhops = 1.5\n",
        "server.hops",
        "not a whole number",
    );
    refused(
        "[server]\ntrusted_proxies = \"10.0.0.1\"\n",
        "server.trusted_proxies",
        "not a list",
    );
    refused(
        "[server]\ntrusted_proxies = [1]\n",
        "server.trusted_proxies[0]",
        "not a text",
    );
    refused(&shop("rules = [1]"), "apps.shop.rules[0]", "is not a table");
    refused(
        &shop("rules = \"x\""),
        "apps.shop.rules",
        "is a text, not a list of tables",
    );
    refused(
        "[log]\nlevel = true\n",
        "log.level",
        "is true or false, not a text",
    );
}

#[test]
fn a_file_that_is_no_toml_is_one_error_with_its_place() {
    let error = error("[server]\nlisten = \"127.0.0.1:1\"\n  hops = = 2\n");
    assert!(
        error.contains("doorward.toml, line 3, column 10: is not TOML: "),
        "{error}"
    );
}

#[test]
fn threat_40_a_file_that_is_no_toml_shows_none_of_its_text() {
    for file in [
        format!("[apps.shop]\nkeys = [\"{KEY}\n"),
        format!("[apps.shop]\nkeys = [{KEY}]\n"),
        format!("[apps.shop]\nkeys = '{KEY}' '{KEY}'\n"),
        format!("{KEY}\n"),
        format!("[apps.shop]\nkeys = [\"{KEY}\"]\nkeys = [\"{KEY}\"]\n"),
        format!("[apps.shop]\nkeys = \"{KEY}\\q\"\n"),
    ] {
        let error = error(&file);
        assert!(!error.contains(&KEY[..8]), "{error}");
        assert!(error.contains(", line "), "{error}");
    }
}

#[test]
fn a_named_file_must_be_there_and_a_text() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.toml");
    let error = only(Config::load(Some(&missing), []));
    assert!(error.contains("missing.toml: can not be read"), "{error}");
    let binary = folder.path().join("binary.toml");
    std::fs::write(&binary, [0xff, 0xfe, 0x00]).unwrap();
    let error = only(Config::load(Some(&binary), []));
    assert!(error.contains("binary.toml: is not UTF-8"), "{error}");
    assert!(only(Config::load(Some(folder.path()), [])).contains("can not be read"));
}

#[test]
fn without_a_name_a_missing_file_is_no_error() {
    // The working directory of the tests is that of the package, which has no such file.
    assert!(!Path::new("doorward.toml").exists());
    assert!(Config::load(None, []).is_ok());
}

#[test]
fn values_are_shown_without_control_characters() {
    let error = error("[log]\nlevel = \"lo\\nud\\u001b[31m\"\n");
    assert!(error.contains(r#""lo\nud\u{1b}[31m""#), "{error}");
    assert!(load("[log]\nlevel = \"debug\"\n").is_ok());
}
