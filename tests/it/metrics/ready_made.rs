//! `examples/monitoring` and docs/monitoring.md: they name what there is, and Prometheus' own tool understands them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::asked::Asked;
use super::scrape::Scrape;
use super::{EMAIL, TOML};
use crate::support::doorward::Doorward;
use crate::support::process::program;
use crate::support::redis::Redis;
use crate::visitor::registered;

const DASHBOARD: &str = include_str!("../../../examples/monitoring/dashboard.json");
const ALERTS: &str = include_str!("../../../examples/monitoring/alerts.yml");
const PAGE: &str = include_str!("../../../docs/monitoring.md");

/// Runs `promtool` with something on its standard input; what it says, whether or not it is content.
fn promtool(words: &[&str], folder: &Path, input: &str) -> (bool, String) {
    let mut child = Command::new(program("PROMTOOL", &["promtool"]))
        .args(words)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool starts");
    let mut pipe = child.stdin.take().expect("a pipe");
    std::io::Write::write_all(&mut pipe, input.as_bytes()).expect("it reads");
    drop(pipe);
    let output = child.wait_with_output().expect("own child");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    (output.status.success(), said)
}

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/monitoring")
}

/// What a node tells that keeps its sessions in Redis, for whatever there is to be told.
async fn scrape() -> Scrape {
    let redis = Redis::start().await;
    let sessions = format!(
        "[sessions]\nstore = \"redis\"\nredis_url = \"{}\"",
        redis.url()
    );
    let toml = format!("{sessions}\n{TOML}");
    let doorward = Doorward::builder().toml(&toml).start().await;
    let cookie = registered(&doorward, EMAIL).await;
    Asked::of(&doorward).nginx("/x", &cookie).await;
    Scrape::of(&doorward).await
}

/// Every metric that a text names, without the parts of a histogram.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let metrics = words.filter(|word| {
        let of_ours = word.starts_with("doorward_") || word.starts_with("process_");
        of_ours && !word.ends_with('_')
    });
    let base = |word: &str| {
        let suffixes = ["_bucket", "_sum", "_count"].into_iter();
        let base = suffixes
            .filter_map(|suffix| word.strip_suffix(suffix))
            .next();
        base.unwrap_or(word).to_owned()
    };
    metrics.map(base).collect()
}

/// The rows of the reference: name, type and meaning of each metric.
fn reference() -> Vec<(String, String, String)> {
    let rows = PAGE.lines().filter_map(|line| {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [metric, _, meaning] = cells[..] else {
            return None;
        };
        let (name, kind) = metric.strip_prefix('`')?.split_once("` (")?;
        let kind = kind.strip_suffix(')')?;
        Some((name.to_owned(), kind.to_owned(), meaning.to_owned()))
    });
    rows.collect()
}

#[tokio::test]
async fn the_reference_lists_what_is_scraped_and_nothing_else() {
    let scrape = scrape().await;
    let told: BTreeSet<_> = scrape.families.into_iter().collect();
    let listed = reference().into_iter();
    let listed: BTreeSet<_> = listed
        .map(|(name, kind, help)| (name, (kind, help)))
        .collect();
    assert_eq!(told, listed);
    assert!(listed.len() > 25, "{}", listed.len());
}

#[tokio::test]
async fn dashboard_and_alerts_name_what_there_is_and_leave_out_nothing_that_matters() {
    let scrape = scrape().await;
    let told: BTreeSet<_> = scrape.families.keys().cloned().collect();
    let (shown, watched) = (named(DASHBOARD), named(ALERTS));
    for (file, names) in [("dashboard", &shown), ("alerts", &watched)] {
        let unknown: Vec<_> = names.difference(&told).collect();
        assert!(unknown.is_empty(), "the {file} names {unknown:?}");
    }
    let missing: Vec<_> = told.difference(&shown).collect();
    assert!(missing.is_empty(), "no panel shows {missing:?}");
}

#[tokio::test]
async fn prometheus_finds_nothing_wrong_with_the_metrics() {
    let scrape = scrape().await;
    let said = promtool(&["check", "metrics"], &examples(), &scrape.text);
    assert_eq!(said, (true, String::new()));
    let wrong = scrape
        .text
        .replace("doorward_logins_total", "doorward_logins");
    let (_, said) = promtool(&["check", "metrics"], &examples(), &wrong);
    assert!(said.contains("doorward_logins"), "it would say so: {said}");
}

#[test]
fn prometheus_reads_rules_and_configuration() {
    let (read, said) = promtool(&["check", "rules", "alerts.yml"], &examples(), "");
    assert!(read && said.contains("12 rules found"), "{said}");
    let (read, said) = promtool(&["check", "config", "prometheus.yml"], &examples(), "");
    assert!(read && said.contains("1 rule files found"), "{said}");
}

#[test]
fn alerts_fire_when_they_should_and_never_else() {
    let folder = tempfile::tempdir().expect("folder");
    fs::write(folder.path().join("rules.yml"), ALERTS).expect("own folder");
    let test = include_str!("alerts.yml");
    fs::write(folder.path().join("test.yml"), test).expect("own folder");
    let run = |rules: &str| {
        fs::write(folder.path().join("rules.yml"), rules).expect("own folder");
        promtool(&["test", "rules", "test.yml"], folder.path(), "")
    };
    let (held, said) = run(ALERTS);
    assert!(held, "{said}");
    let (held, _) = run(&ALERTS.replace("doorward_link_up == 0", "doorward_link_up == 1"));
    assert!(!held, "a rule that is turned round is found");
}

#[test]
fn every_alert_says_what_to_do_and_stands_in_the_page() {
    let alerts: Vec<_> = ALERTS.split("      - alert: ").skip(1).collect();
    for alert in &alerts {
        let name = alert.lines().next().expect("a name");
        for key in [
            "expr:",
            "severity:",
            "summary:",
            "description:",
            "runbook: |",
        ] {
            assert_eq!(alert.matches(key).count(), 1, "{name} {key}");
        }
        assert!(PAGE.contains(&format!("| `{name}` |")), "{name}");
    }
    assert_eq!(PAGE.matches("| `Doorward").count(), alerts.len());
}

/// Every object in it.
fn objects<'v>(value: &'v Value, found: &mut Vec<&'v serde_json::Map<String, Value>>) {
    match value {
        Value::Object(object) => {
            found.push(object);
            object.values().for_each(|value| objects(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| objects(value, found)),
        _ => {}
    }
}

#[test]
fn the_dashboard_can_be_imported_anywhere() {
    let dashboard: Value = serde_json::from_str(DASHBOARD).expect("JSON");
    let mut all = Vec::new();
    objects(&dashboard, &mut all);
    let sources = all.iter().filter_map(|object| object.get("datasource"));
    let sources: BTreeSet<_> = sources.map(Value::to_string).collect();
    let variable = r#"{"type":"prometheus","uid":"${datasource}"}"#;
    assert_eq!(sources, BTreeSet::from([variable.to_owned()]));
    let variables = dashboard["templating"]["list"].as_array().expect("a list");
    assert_eq!(variables[0]["type"], "datasource");
    assert!(dashboard.get("id").is_none(), "Grafana gives it one");
}

#[test]
fn every_panel_has_words_a_unit_and_a_place_of_its_own() {
    let dashboard: Value = serde_json::from_str(DASHBOARD).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("a list");
    let (mut ids, mut places) = (BTreeSet::new(), BTreeSet::new());
    for panel in panels {
        assert!(ids.insert(panel["id"].as_u64()), "{panel}");
        let place =
            ["x", "y", "w", "h"].map(|key| panel["gridPos"][key].as_u64().expect("a number"));
        let [x, y, width, height] = place;
        assert!(x + width <= 24, "{panel}");
        for column in x..x + width {
            for row in y..y + height {
                assert!(
                    places.insert((column, row)),
                    "{} covers another",
                    panel["title"]
                );
            }
        }
        if panel["type"] == "row" {
            continue;
        }
        let said = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
        assert!(
            said(&panel["title"]) && said(&panel["description"]),
            "{panel}"
        );
        assert!(said(&panel["fieldConfig"]["defaults"]["unit"]), "{panel}");
        let targets = panel["targets"].as_array().expect("a list");
        assert!(!targets.is_empty(), "{panel}");
        for target in targets {
            assert!(said(&target["legendFormat"]), "{panel}");
            let expr = target["expr"].as_str().expect("a query");
            assert!(expr.contains("job=~\"$job\""), "{expr}");
            assert_eq!(query(expr), (true, String::new()), "{expr}");
        }
    }
}

/// Whether Prometheus can read a query, once Grafana has filled its variables in.
fn query(expr: &str) -> (bool, String) {
    let filled = expr.replace("$__rate_interval", "1m").replace("$", "");
    let rule = serde_json::json!({
        "groups": [{ "name": "panel", "rules": [{ "record": "panel:query", "expr": filled }] }]
    });
    let folder = tempfile::tempdir().expect("folder");
    fs::write(folder.path().join("rule.json"), rule.to_string()).expect("own folder");
    let (read, said) = promtool(&["check", "rules", "rule.json"], folder.path(), "");
    if read {
        (true, String::new())
    } else {
        (false, said)
    }
}
