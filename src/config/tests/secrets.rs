//! Secrets: where they may stand, which are refused, and that none is shown.

use std::fs::{Permissions, set_permissions, write};
use std::os::unix::fs::PermissionsExt;

use super::{KEY, OTHER_KEY, error, load, load_with, only, refused, shop};
use crate::config::{AppKeys, Config};

fn keys(config: &Config, id: &str) -> Vec<String> {
    let app = &config.apps[&id.parse().unwrap()];
    let AppKeys::Given(keys) = &app.keys else {
        panic!("generated")
    };
    keys.iter().map(|key| hex::encode(key.expose())).collect()
}

fn without_keys(more: &str) -> String {
    format!("[apps.shop]\nhosts = [\"shop.example.com\"]\n{more}")
}

#[test]
fn a_file_of_keys_has_one_a_line_and_comments() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    write(&path, format!("# signs\n{OTHER_KEY}\n\n  {KEY}\t# old\r\n")).unwrap();
    let file = without_keys(&format!("keys_file = {path:?}"));
    assert_eq!(keys(&load(&file).unwrap(), "shop"), [OTHER_KEY, KEY]);
    write(&path, format!("{KEY}\nnothing\n")).unwrap();
    refused(&file, "apps.shop.keys_file", "line 2 is not hexadecimal");
    write(&path, "# none yet\n").unwrap();
    refused(&file, "apps.shop.keys", "holds no key");
}

#[test]
fn secrets_in_files_lose_one_newline_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("url");
    let file = format!("[database]\nurl_file = {path:?}\n");
    for text in [
        "postgres://u:p@db/door",
        "postgres://u:p@db/door\n",
        "postgres://u:p@db/door\r\n",
    ] {
        write(&path, text).unwrap();
        assert_eq!(
            load(&file).unwrap().database.url.expose(),
            "postgres://u:p@db/door"
        );
    }
    write(&path, "postgres://u:p@db/door\n\n").unwrap();
    refused(&file, "database.url_file", "is not a URL");
}

#[test]
fn files_of_secrets_must_be_readable_and_closed_to_other_writers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("url");
    let file = format!("[database]\nurl_file = {path:?}\n");
    refused(&file, "database.url_file", "can not be read");
    write(&path, "").unwrap();
    refused(&file, "database.url_file", "is empty");
    write(&path, "postgres://db/door").unwrap();
    for mode in [0o620, 0o602, 0o666] {
        set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        refused(&file, "database.url_file", "chmod go-w");
    }
    set_permissions(&path, Permissions::from_mode(0o444)).unwrap();
    assert!(load(&file).is_ok());
    set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    write(&path, "x".repeat(100_000)).unwrap();
    refused(&file, "database.url_file", "64 KiB");
    refused(
        &format!("[database]\nurl_file = {:?}\n", folder.path()),
        "database.url_file",
        "not a file",
    );
    refused(
        "[database]\nurl_file = 3\n",
        "database.url_file",
        "is a number",
    );
}

#[test]
fn a_secret_stands_in_one_place() {
    let both = format!("keys_file = \"/nowhere\"\nkeys = [\"{KEY}\"]\n");
    refused(
        &without_keys(&both),
        "apps.shop.keys",
        "together with keys_file",
    );
    // The environment wins as a whole: what the file says of the same secret does not count.
    let file = without_keys("keys_file = \"/nowhere\"");
    let config = load_with(&file, &[("DOORWARD__APPS__SHOP__KEYS", KEY)]).unwrap();
    assert_eq!(keys(&config, "shop"), [KEY]);
    let variables = [
        ("DOORWARD__APPS__SHOP__KEYS", KEY),
        ("DOORWARD__APPS__SHOP__KEYS_FILE", "/x"),
    ];
    assert!(only(load_with(&file, &variables)).contains("together with keys_file"));
    let error = only(load_with(
        &shop(""),
        &[("DOORWARD__APPS__SHOP__KEYS_FILE", "/nowhere")],
    ));
    assert!(
        error.starts_with("apps.shop.keys_file (from DOORWARD__APPS__SHOP__KEYS_FILE)"),
        "{error}"
    );
}

#[test]
fn threat_12_an_app_has_one_to_eight_good_keys_of_its_own() {
    refused(&without_keys(""), "apps.shop.keys", "doorward key generate");
    refused(&without_keys("keys = []"), "apps.shop.keys", "holds no key");
    refused(
        &without_keys(&format!("keys = {KEY:?}")),
        "apps.shop.keys",
        "is a text, not a list",
    );
    let list = |keys: &[String]| without_keys(&format!("keys = {keys:?}"));
    let many: Vec<_> = (1..=9).map(|n| format!("{n:02x}{}", &KEY[2..])).collect();
    assert!(load(&list(&many[..8])).is_ok());
    refused(&list(&many), "apps.shop.keys", "holds 9 keys");
    let twice = [KEY.to_owned(), OTHER_KEY.to_owned(), KEY.to_uppercase()];
    refused(
        &list(&twice),
        "apps.shop.keys",
        "twice, as number 1 and number 3",
    );
    for (weak, reason) in [
        (KEY[..62].to_owned(), "shorter than 32 bytes"),
        ("x".repeat(64), "hexadecimal"),
        ("00".repeat(32), "too few different bytes"),
        ("deadbeef".repeat(8), "too few different bytes"),
        (hex::encode((7..47).collect::<Vec<u8>>()), "counts"),
        (KEY[..32].repeat(2), "repeats"),
        (
            hex::encode("changeme-changeme-please-change-me"),
            "readable",
        ),
    ] {
        refused(&list(&[KEY.to_owned(), weak]), "apps.shop.keys[1]", reason);
    }
}

#[test]
fn threat_12_two_apps_share_no_key() {
    let other =
        format!("[apps.zoo]\nhosts = [\"zoo.example.com\"]\nkeys = [\"{OTHER_KEY}\", \"{KEY}\"]\n");
    refused(
        &format!("{}{other}", shop("")),
        "apps.zoo.keys",
        "the app shop has too",
    );
}

#[test]
fn threat_40_secrets_are_in_no_debug_text() {
    let url = "postgres://door:hunter2@db.example.com/door";
    let config = load(&format!("{}[database]\nurl = \"{url}\"\n", shop(""))).unwrap();
    let shown = format!("{config:?}");
    assert!(
        !shown.contains("hunter2") && !shown.contains(&KEY[..8]),
        "{shown}"
    );
    let bytes = format!("{:?}", &hex::decode(KEY).unwrap()[..4]);
    assert!(!shown.contains(bytes.trim_matches(['[', ']'])), "{shown}");
    assert_eq!(config.database.url.expose(), url);
}

#[test]
fn threat_40_secrets_are_in_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    write(&path, "hunter2\nhunter2").unwrap();
    for file in [
        without_keys("keys = [\"hunter2\"]"),
        without_keys("keys = \"hunter2\""),
        without_keys("keys = { a = \"hunter2\" }"),
        without_keys("keys = [[\"hunter2\"]]"),
        without_keys(&format!("keys_file = {path:?}")),
        "[database]\nurl = \"postgres://u:hunter2@db:hunter2/door\"".to_owned(),
        "[database]\nurl = \"postgres://u:hun@ter2@hunter2/door\"".to_owned(),
        "[database]\nurl = \"hunter2\"".to_owned(),
        "[database]\nurl = [\"hunter2\"]".to_owned(),
        format!("[database]\nurl_file = {path:?}"),
    ] {
        let errors = load(&file).unwrap_err();
        assert!(
            !format!("{errors} {errors:?}").contains("hunter2"),
            "{errors}"
        );
    }
    let variables = [
        ("DOORWARD__APPS__SHOP__KEYS", "hunter2"),
        ("DOORWARD__DATABASE__URL", "hunter2"),
    ];
    let errors = load_with(&without_keys(""), &variables).unwrap_err();
    assert_eq!(errors.all().len(), 2, "{errors}");
    assert!(
        !format!("{errors} {errors:?}").contains("hunter2"),
        "{errors}"
    );
}

#[test]
fn database_urls_are_of_two_kinds() {
    for url in [
        "sqlite://x.db",
        "sqlite:///var/x.db",
        "postgres://db/x",
        "postgresql:///x?host=/run/pg",
    ] {
        assert!(
            load(&format!("[database]\nurl = \"{url}\"")).is_ok(),
            "{url}"
        );
    }
    for url in [
        "",
        "mysql://db/x",
        "sqlite::memory:",
        "sqlite://:memory:",
        "sqlite://",
        "sqlite://data/",
    ] {
        assert!(
            error(&format!("[database]\nurl = \"{url}\"")).starts_with("database.url: "),
            "{url}"
        );
    }
    refused(
        "[database]\nurl = \"sqlite://x.db?mode=ro\"",
        "database.url",
        "plain path",
    );
    refused(
        "[database]\nurl = \"postgres://u:a/b@db/x\"",
        "database.url",
        "percent-encode",
    );
    assert!(load("[database]\nurl = \"postgres://[::1]:5432/x\"").is_ok());
    refused(
        "[database]\nurl = \"postgres://[::1]:x/x\"",
        "database.url",
        "port",
    );
    refused(
        "[database]\nmax_connections = 0",
        "database.max_connections",
        "from 1 to 1024",
    );
}
