//! `doorward proxy-config`: the examples and the guides show exactly what it prints.
//!
//! `UPDATE_REFERENCE=1 cargo test --test it proxy_config` writes them anew.

mod accepted;
mod words;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A file of the repository, and the words that print it for the `doorward.toml` beside it.
struct Written {
    path: PathBuf,
    words: Vec<String>,
}

/// Every file of every example.
fn examples() -> Vec<Written> {
    let two_apps = [
        "--upstream",
        "shop=127.0.0.1:3000",
        "--upstream",
        "blog=127.0.0.1:3001",
    ];
    let files = [
        ("nginx", &["doorward.conf", "nginx.conf"][..], &[][..]),
        ("nginx/shared-login", &["doorward.conf"], &two_apps),
        ("traefik", &["doorward.yaml", "traefik.yaml"], &[]),
        (
            "traefik/shared-login",
            &["doorward.yaml", "traefik.yaml"],
            &two_apps,
        ),
        ("caddy", &["Caddyfile"], &[]),
        ("haproxy", &["haproxy.cfg", "doorward.lua"], &[]),
        ("envoy", &["envoy.yaml"], &[]),
    ];
    let written = |(folder, names, more): &(&str, &[&str], &[&str])| {
        let proxy = folder.split('/').next().expect("a name");
        let of = |name: &&str| {
            let words = [&[proxy, "--file", name], *more].concat();
            Written {
                path: root().join("examples").join(folder).join(name),
                words: words.into_iter().map(str::to_owned).collect(),
            }
        };
        names.iter().map(of).collect::<Vec<_>>()
    };
    files.iter().flat_map(written).collect()
}

/// What the proxies of docker-compose.yml mount.
fn composed() -> impl Iterator<Item = Written> {
    let files = [
        ("nginx", "doorward.conf", "0.0.0.0:8000"),
        ("traefik", "doorward.yaml", "0.0.0.0:8001"),
        ("traefik", "traefik.yaml", "0.0.0.0:8001"),
    ];
    let hosts = ["--doorward", "doorward", "--upstream", "app:3000"];
    files.into_iter().map(move |(proxy, name, listen)| {
        let words = [&[proxy, "--file", name, "--listen", listen], &hosts[..]].concat();
        Written {
            path: root().join("examples/compose").join(name),
            words: words.into_iter().map(str::to_owned).collect(),
        }
    })
}

#[test]
fn the_examples_are_what_the_command_prints() {
    let update = std::env::var_os("UPDATE_REFERENCE").is_some();
    let mut stale = Vec::new();
    for example in examples().into_iter().chain(composed()) {
        let config = example.path.parent().expect("folder").join("doorward.toml");
        let printed = printed(&config, &example.words);
        if update {
            fs::write(&example.path, &printed).expect("written");
        }
        if fs::read_to_string(&example.path).unwrap_or_default() != printed {
            stale.push(example.path);
        }
    }
    assert!(
        stale.is_empty(),
        "UPDATE_REFERENCE=1 cargo test --test it proxy_config writes these anew: {stale:#?}"
    );
}

/// The guides show what the example of their proxy has, in a block that is marked with the words that print it.
#[test]
fn the_guides_show_what_the_command_prints() {
    let update = std::env::var_os("UPDATE_REFERENCE").is_some();
    let mut stale = Vec::new();
    for page in guides() {
        let text = fs::read_to_string(&page).expect("guide");
        let proxy = page
            .file_stem()
            .and_then(|name| name.to_str())
            .expect("name");
        let config = root().join("examples").join(proxy).join("doorward.toml");
        let renewed = with_blocks(&text, |words| printed(&config, words));
        if update {
            fs::write(&page, &renewed).expect("written");
        } else if text != renewed {
            stale.push(page);
        }
    }
    assert!(
        stale.is_empty(),
        "UPDATE_REFERENCE=1 cargo test --test it proxy_config writes these anew: {stale:#?}"
    );
}

#[test]
fn every_proxy_has_a_guide_that_shows_its_configuration() {
    for proxy in ["nginx", "traefik", "caddy", "haproxy", "envoy"] {
        let page = root().join(format!("docs/proxies/{proxy}.md"));
        let text = fs::read_to_string(&page).unwrap_or_default();
        let mark = format!("<!-- generated: proxy-config {proxy} -->\n```");
        assert!(text.contains(&mark), "{}: {mark}", page.display());
    }
}

/// The page with the content of each marked block replaced.
fn with_blocks(page: &str, printed: impl Fn(&[String]) -> String) -> String {
    const MARK: &str = "<!-- generated: proxy-config ";
    let mut renewed = String::new();
    let mut rest = page;
    while let Some(at) = rest.find(MARK) {
        let (before, marked) = rest.split_at(at);
        let (mark, block) = marked.split_once("-->\n").expect("the mark ends its line");
        let (fence, block) = block.split_once('\n').expect("a fence follows");
        assert!(fence.starts_with("```"), "a block follows {mark}");
        let end = if block.starts_with("```\n") {
            0
        } else {
            block.find("\n```\n").expect("the block ends") + 1
        };
        let (_, after) = block.split_at(end + "```\n".len());
        let words = mark.trim_start_matches(MARK).split_whitespace();
        let words: Vec<_> = words.map(str::to_owned).collect();
        let text = printed(&words);
        renewed += &format!("{before}{mark}-->\n{fence}\n{text}```\n");
        rest = after;
    }
    renewed + rest
}

fn guides() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("docs/proxies")).expect("folder");
    let pages = entries.map(|entry| entry.expect("entry").path());
    pages.filter(|page| !page.ends_with("README.md")).collect()
}

/// What the command prints for this configuration, with keys of its own.
fn printed(config: &Path, words: &[String]) -> String {
    let folder = tempfile::tempdir().expect("folder");
    let text = fs::read_to_string(config).unwrap_or_else(|_| panic!("{}", config.display()));
    let text = text.replace("/run/secrets/", "");
    fs::write(folder.path().join("doorward.toml"), &text).expect("written");
    for line in text.lines() {
        if let Some(file) = line.strip_prefix("keys_file = ") {
            let key = doorward(folder.path(), &["key", "generate"]);
            fs::write(folder.path().join(file.trim_matches('"')), key).expect("written");
        }
    }
    let words = words.iter().map(String::as_str);
    let words: Vec<_> = ["proxy-config"].into_iter().chain(words).collect();
    doorward(folder.path(), &words)
}

fn doorward(folder: &Path, words: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_doorward"));
    let command = command.args(words).current_dir(folder).env_clear();
    let output = command.output().expect("doorward");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words:?}: {error}");
    String::from_utf8(output.stdout).expect("text")
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
