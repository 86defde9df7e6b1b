//! The Markdown pages say nothing that is not there: links lead to files and headings, marked blocks exist, and
//! docs/threats.md lists the tests that bear its numbers.
//!
//! `UPDATE_REFERENCE=1 cargo test reference` writes the list of tests anew.
#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn relative_links_lead_somewhere() {
    let mut broken = Vec::new();
    for page in files("md") {
        let text = read(&page);
        let folder = page.parent().unwrap();
        for link in links(&text).filter(|link| !is_elsewhere(link)) {
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() {
                page.clone()
            } else {
                folder.join(path)
            };
            let has_heading = || heading.is_empty() || headings(&read(&target)).contains(heading);
            if !target.exists() || !has_heading() {
                broken.push(format!(
                    "{}: {link}",
                    page.strip_prefix(root()).unwrap().display()
                ));
            }
        }
    }
    assert!(
        broken.is_empty(),
        "these lead nowhere:\n{}",
        broken.join("\n")
    );
}

#[test]
fn the_readme_has_the_blocks_that_other_tests_run() {
    let readme = read(&root().join("README.md"));
    for (mark, language) in [
        ("app", "python"),
        ("caddy", "caddyfile"),
        ("nginx", "nginx"),
        ("traefik", "yaml"),
        ("python", "python"),
    ] {
        let start = format!("<!-- tested: {mark} -->\n```{language}\n");
        assert_eq!(readme.matches(&start).count(), 1, "{start}");
    }
}

#[test]
fn the_reference_of_threats_lists_the_tests_that_hold_them() {
    let page = root().join("docs/threats.md");
    let (mut text, mut rows) = (String::new(), BTreeSet::new());
    let tests = threat_tests();
    for line in read(&page).lines() {
        match line
            .strip_prefix("| ")
            .and_then(|row| row.split_once(" | ")?.0.parse::<u32>().ok())
        {
            Some(number) => {
                let (front, _) = line.trim_end_matches(" |").rsplit_once(" | ").unwrap();
                writeln!(text, "{front} | {} |", held_by(tests.get(&number))).unwrap();
                rows.insert(number);
            }
            None => writeln!(text, "{line}").unwrap(),
        }
    }
    let lost: Vec<_> = tests
        .keys()
        .filter(|number| !rows.contains(number))
        .collect();
    assert!(
        lost.is_empty(),
        "tests for {lost:?}, but no such row in {}",
        page.display()
    );
    if std::env::var_os("UPDATE_REFERENCE").is_some() {
        fs::write(&page, text).unwrap();
    } else {
        assert!(
            read(&page) == text,
            "run UPDATE_REFERENCE=1 cargo test reference"
        );
    }
}

fn held_by(tests: Option<&BTreeSet<String>>) -> String {
    let names = tests.into_iter().flatten().map(|name| format!("`{name}`"));
    let names = names.collect::<Vec<_>>().join("<br>");
    if names.is_empty() {
        "—".to_owned()
    } else {
        names
    }
}

/// The names of all tests `threat_NN_…`, by number.
fn threat_tests() -> BTreeMap<u32, BTreeSet<String>> {
    let mut tests = BTreeMap::<u32, BTreeSet<String>>::new();
    for file in files("rs") {
        for rest in read(&file).split("fn threat_").skip(1) {
            let end = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            let number = rest
                .split('_')
                .next()
                .and_then(|number| number.parse().ok());
            if let Some(number) = number {
                tests
                    .entry(number)
                    .or_default()
                    .insert(format!("threat_{}", &rest[..end]));
            }
        }
    }
    tests
}

/// Where links and pictures of a page lead. What stands in code is none.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let blocks = text.split("```").step_by(2);
    let prose = blocks.flat_map(|block| block.split('`').step_by(2));
    let begins = prose.flat_map(|prose| {
        let markdown = prose
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split_once(')'));
        let html = ["src=\"", "href=\""].into_iter().flat_map(move |mark| {
            prose
                .split(mark)
                .skip(1)
                .filter_map(|rest| rest.split_once('"'))
        });
        markdown.chain(html)
    });
    begins.map(|(link, _)| link)
}

fn is_elsewhere(link: &str) -> bool {
    ["http://", "https://", "mailto:"]
        .iter()
        .any(|scheme| link.starts_with(scheme))
}

/// The fragments that the headings of a page answer to.
fn headings(text: &str) -> BTreeSet<String> {
    let prose = text.split("```").step_by(2).flat_map(str::lines);
    let titles = prose
        .filter(|line| line.starts_with('#'))
        .map(|line| line.trim_start_matches('#').trim());
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let slug = |title: &str| {
        title
            .to_lowercase()
            .chars()
            .filter(kept)
            .collect::<String>()
            .replace(' ', "-")
    };
    titles.map(slug).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The project's own files with this ending.
fn files(ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let (path, name) = (entry.path(), entry.file_name());
            let others = ["target", "data", "node_modules"]
                .iter()
                .any(|other| name == *other);
            if entry.file_type().unwrap().is_dir() {
                if !others && !name.to_string_lossy().starts_with('.') {
                    folders.push(path);
                }
            } else if path
                .extension()
                .is_some_and(|extension| extension == ending)
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
