//! `examples/systemd`: the unit is one that systemd understands, leaves little to attack, and says what Doorward does.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::support::process::program;

const UNIT: &str = include_str!("../../../examples/systemd/doorward.service");
const DOORWARD: &str = include_str!("../../../examples/systemd/doorward.toml");

/// What `systemd-analyze security` may find, from 0 for nothing to 10. What remains: it speaks to the network, and sees
/// the machine's own files.
const EXPOSURE: f64 = 1.1;

/// The values of a setting, in their order.
fn all(name: &str) -> Vec<&'static str> {
    let lines = UNIT.lines().filter(|line| !line.starts_with('#'));
    let settings = lines.filter_map(|line| line.split_once('='));
    settings
        .filter(|(other, _)| *other == name)
        .map(|(_, value)| value)
        .collect()
}

fn only(name: &str) -> &'static str {
    let values = all(name);
    let [value] = values[..] else {
        panic!("{name} once: {values:?}")
    };
    value
}

/// The unit in a folder, with the binary of this test.
fn unit(folder: &TempDir, text: &str) -> String {
    let path = folder.path().join("doorward.service");
    let text = text.replace("/usr/local/bin/doorward", env!("CARGO_BIN_EXE_doorward"));
    fs::write(&path, text).expect("own folder");
    path.display().to_string()
}

/// Whether it succeeded, and all that was said.
fn analyze(words: &[&str]) -> (bool, String) {
    let mut command = Command::new(program("SYSTEMD_ANALYZE", &["systemd-analyze"]));
    let output = command.args(words).env("LC_ALL", "C").output();
    let output = output.expect("systemd-analyze");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    (output.status.success(), said)
}

#[test]
fn systemd_understands_every_line() {
    let folder = tempfile::tempdir().expect("folder");
    let verified = analyze(&["verify", "--man=no", &unit(&folder, UNIT)]);
    assert_eq!(verified, (true, String::new()));
    let misspelt = UNIT.replace("ProtectHome=", "ProtectHomes=");
    let (_, said) = analyze(&["verify", "--man=no", &unit(&folder, &misspelt)]);
    assert!(said.contains("ProtectHomes"), "{said}");
}

#[test]
fn it_leaves_little_to_attack() {
    let folder = tempfile::tempdir().expect("folder");
    let exposure = |text: &str| -> f64 {
        let path = unit(&folder, text);
        let (done, said) = analyze(&["security", "--offline=true", "--no-pager", &path]);
        assert!(done, "{said}");
        let found = said.rsplit_once("doorward.service: ").expect("a sum").1;
        let number = found.split_whitespace().next().expect("a number");
        number.parse().expect("a number")
    };
    let found = exposure(UNIT);
    assert!(found <= EXPOSURE, "{found}");
    let open = UNIT.replace("SystemCallFilter=", "# SystemCallFilter=");
    assert!(exposure(&open) > EXPOSURE, "the number says something");
    let local = UNIT.replace("# IPAddress", "IPAddress");
    assert!(exposure(&local) <= 0.9, "as the README says");
}

#[test]
fn it_says_what_doorward_does() {
    assert_eq!(only("Type"), "exec", "Doorward does not notify");
    assert_ne!(only("User"), "root");
    let patience: u32 = only("TimeoutStopSec").parse().expect("seconds");
    assert!(
        patience > 30,
        "Doorward finishes requests for up to 30 seconds"
    );
    assert_eq!(
        only("WorkingDirectory"),
        format!("/var/lib/{}", only("StateDirectory"))
    );
}

/// Each secret that is loaded is named to Doorward, and the configuration names its source.
#[test]
fn the_secrets_are_the_ones_that_doorward_is_told_of() {
    let with_database = UNIT
        .replace("# LoadCredential", "LoadCredential")
        .replace("# Environment", "Environment");
    let values = |name: &str| -> Vec<String> {
        let lines = with_database
            .lines()
            .filter_map(|line| line.strip_prefix(name));
        lines.map(str::to_owned).collect()
    };
    let loaded: Vec<_> = values("LoadCredential=")
        .iter()
        .map(|value| value.split(':').next().expect("a name").to_owned())
        .collect();
    let named: Vec<_> = values("Environment=")
        .iter()
        .map(|value| value.split_once("=%d/").expect("a credential").1.to_owned())
        .collect();
    assert_eq!(loaded, named);
    let source = only("LoadCredential").split_once(':').expect("a source").1;
    assert!(
        DOORWARD.contains(&format!("keys_file = \"{source}\"")),
        "{source}"
    );
}

#[test]
fn doorward_accepts_what_it_is_started_with() {
    let folder = tempfile::tempdir().expect("folder");
    let credentials = folder.path().join("credentials");
    fs::create_dir(&credentials).expect("own folder");
    let key = run(folder.path(), &["key", "generate"], &credentials);
    fs::write(credentials.join("shop.keys"), key.1).expect("written");
    fs::write(folder.path().join("doorward.toml"), DOORWARD).expect("written");

    let words: Vec<_> = only("ExecStart").split_whitespace().skip(1).collect();
    assert_eq!(words, ["--config", "/etc/doorward/doorward.toml"]);
    let accepted = run(
        folder.path(),
        &["--config", "doorward.toml", "check-config"],
        &credentials,
    );
    assert_eq!(accepted.0, Some(0), "{}", accepted.1);
    let wrong = DOORWARD.replace("hosts", "host");
    fs::write(folder.path().join("doorward.toml"), wrong).expect("written");
    let refused = run(folder.path(), &["--config", "doorward.toml"], &credentials);
    assert_eq!(
        refused.0,
        only("RestartPreventExitStatus").parse().ok(),
        "{}",
        refused.1
    );
}

/// The binary with the unit's environment; the exit code, and all that was said.
fn run(folder: &Path, words: &[&str], credentials: &Path) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_doorward"));
    command.args(words).current_dir(folder).env_clear();
    for setting in all("Environment") {
        let (name, value) = setting.split_once('=').expect("NAME=value");
        command.env(
            name,
            value.replace("%d", &credentials.display().to_string()),
        );
    }
    let output = command.output().expect("the binary");
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.code(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}
