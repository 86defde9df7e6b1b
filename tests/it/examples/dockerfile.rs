//! The Dockerfile, as far as reading it can tell: what it copies is there, and what it ends with is small and meek.

use std::fs;
use std::path::{Path, PathBuf};

const DOCKERFILE: &str = include_str!("../../../Dockerfile");
const IGNORE: &str = include_str!("../../../.dockerignore");
const MANIFEST: &str = include_str!("../../../Cargo.toml");

/// The instructions, each as its name and the rest, with continued lines joined.
fn instructions() -> Vec<(&'static str, String)> {
    let lines = DOCKERFILE.lines().filter(|line| !line.starts_with('#'));
    let mut found: Vec<(&str, String)> = Vec::new();
    let mut continued = false;
    for line in lines.filter(|line| !line.trim().is_empty()) {
        let part = line.trim_end_matches('\\').trim();
        if continued {
            let (_, rest) = found.last_mut().expect("continues something");
            *rest += &format!(" {part}");
        } else {
            let (name, rest) = part.split_once(' ').expect("an instruction");
            found.push((name, rest.to_owned()));
        }
        continued = line.ends_with('\\');
    }
    found
}

/// The rest of each instruction of this name.
fn all(name: &str) -> Vec<String> {
    let found = instructions().into_iter();
    found
        .filter(|(other, _)| *other == name)
        .map(|(_, rest)| rest)
        .collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What `.dockerignore` leaves.
fn context() -> Vec<&'static str> {
    IGNORE
        .lines()
        .filter_map(|line| line.strip_prefix('!'))
        .collect()
}

#[test]
fn what_is_copied_is_there_and_not_ignored() {
    assert!(
        IGNORE.lines().any(|line| line == "*"),
        "all but what is named"
    );
    for path in context() {
        assert!(root().join(path).exists(), "{path}");
    }
    for copied in all("COPY")
        .iter()
        .filter(|copied| !copied.starts_with("--from"))
    {
        let words: Vec<_> = copied.split(' ').collect();
        let (_, sources) = words.split_last().expect("a destination");
        for source in sources.iter().filter(|source| **source != ".") {
            assert!(context().contains(source), "{source}");
        }
    }
}

/// Whatever is compiled in lies in a folder that the image is built from.
#[test]
fn what_the_program_is_made_of_is_not_ignored() {
    for folder in [
        "build.rs",
        "crates",
        "migrations",
        "src",
        "static",
        "templates",
    ] {
        assert!(context().contains(&folder), "{folder}");
    }
    for file in sources(&root().join("src")) {
        let text = fs::read_to_string(&file).expect("source");
        let shipped = text.split("#[cfg(test)]").next().unwrap_or_default();
        let named = ["include_str!(\"", "include_bytes!(\"", "#[folder = \""];
        for path in named.iter().flat_map(|start| shipped.split(start).skip(1)) {
            let path = path.split('"').next().expect("its beginning");
            let beside = file.with_file_name(path);
            let found = if beside.exists() {
                beside
            } else {
                root().join(path)
            };
            let found = found.canonicalize().expect("compiled in");
            let within = found.strip_prefix(root()).expect("within the project");
            let first = within.iter().next().and_then(|first| first.to_str());
            assert!(context().contains(&first.expect("a name")), "{path}");
        }
    }
}

/// The sources below a folder. Those of tests alone may read anything.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("folder");
    let entries = entries.map(|entry| entry.expect("entry").path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let below = folders.iter().filter(|folder| !folder.ends_with("tests"));
    let below = below.flat_map(|folder| sources(folder));
    let shipped = |path: &PathBuf| {
        path.extension().is_some_and(|kind| kind == "rs") && !path.ends_with("tests.rs")
    };
    files.into_iter().filter(shipped).chain(below).collect()
}

#[test]
fn it_is_built_with_the_tested_script_and_a_rust_that_is_new_enough() {
    let builds = all("RUN")
        .iter()
        .filter(|run| run.contains("scripts/build-static"))
        .count();
    assert_eq!(builds, 2, "the libraries, then the program");
    let minor = |text: &str| -> u32 {
        let version = text.split("1.").nth(1).expect("a version");
        version
            .chars()
            .take_while(char::is_ascii_digit)
            .collect::<String>()
            .parse()
            .expect("a number")
    };
    let wanted = MANIFEST
        .lines()
        .find(|line| line.starts_with("rust-version = \""))
        .expect("said");
    let image = all("FROM")
        .into_iter()
        .find(|image| image.starts_with("rust:"))
        .expect("a Rust");
    assert!(minor(&image) >= minor(wanted), "{image}, but {wanted}");
}

#[test]
fn the_image_holds_no_shell_and_runs_as_nobody() {
    let found = instructions();
    let last = found
        .iter()
        .rposition(|(name, _)| *name == "FROM")
        .expect("a stage");
    let (_, image) = &found[last];
    assert_eq!(image, "scratch");
    let of = |name: &str| {
        let rest = found[last..]
            .iter()
            .filter(|(other, _)| *other == name)
            .map(|(_, rest)| rest.as_str());
        rest.collect::<Vec<_>>()
    };
    assert_eq!(of("RUN"), [] as [&str; 0], "nothing there could run");
    assert_eq!(of("USER"), ["65532:65532"]);
    assert_eq!(of("ENTRYPOINT"), ["[\"doorward\"]"]);
    assert_eq!(
        of("EXPOSE"),
        ["8080"],
        "the internal listener is published to nobody"
    );
    let health = of("HEALTHCHECK").join("");
    assert!(
        health.ends_with(" CMD [\"doorward\", \"healthcheck\"]"),
        "{health}"
    );
    let stages = DOCKERFILE.matches("--from=build").count();
    assert_eq!(of("COPY").len(), stages, "nothing but what was built");
}
