//! Folders of `src` are layers, and imports point one way. Rust does not stop cycles between modules, so this does.
//!
//! It reads every path in the code that begins with `crate`, `self`, `super` or a watched crate, in `use` lines and
//! elsewhere, tests included. Comments and strings do not count.
#![cfg(test)]

use std::fs;
use std::path::{Path, PathBuf};

#[path = "layering/source.rs"]
mod source;

use source::Used;

/// A folder of `src`, which of the others it may import, and which crates it never uses.
struct Layer {
    name: &'static str,
    may_import: &'static [&'static str],
    never: &'static [&'static str],
}

const fn layer(
    name: &'static str,
    may_import: &'static [&'static str],
    never: &'static [&'static str],
) -> Layer {
    Layer {
        name,
        may_import,
        never,
    }
}

/// From the bottom up.
const LAYERS: [Layer; 14] = [
    layer("domain", &[], &["axum", "sqlx", "tokio", "reqwest"]),
    layer("storage", &["domain"], &["axum"]),
    layer("sessions", &["domain", "storage"], &["axum"]),
    layer("providers", &["domain"], &["axum", "sqlx"]),
    layer("mail", &["domain"], &["axum", "sqlx"]),
    layer(
        "services",
        &["domain", "storage", "sessions", "providers", "mail"],
        &["axum", "sqlx"],
    ),
    layer("http", &["domain", "services"], &["sqlx"]),
    layer("gateway", &["domain", "services"], &["sqlx"]),
    layer("config", &["domain"], &["axum", "sqlx", "tokio", "reqwest"]),
    layer("telemetry", &[], &["axum", "sqlx"]),
    layer(
        "app",
        &[
            "domain",
            "storage",
            "sessions",
            "providers",
            "mail",
            "services",
            "http",
            "gateway",
            "config",
            "telemetry",
        ],
        &[],
    ),
    layer(
        "demo",
        &["app", "config", "services", "domain", "telemetry"],
        &["sqlx"],
    ),
    layer(
        "cli",
        &["app", "config", "services", "domain", "telemetry", "demo"],
        &["sqlx"],
    ),
    layer("main", &["cli"], &["axum", "sqlx", "tokio", "reqwest"]),
];

#[test]
fn imports_point_one_way() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&src, &mut files);
    assert!(files.len() > 10, "the sources are in {}", src.display());
    let mut found = Vec::new();
    for file in files {
        let Some(module) = module_of(file.strip_prefix(&src).expect("below src")) else {
            continue;
        };
        let text = fs::read_to_string(&file).expect("UTF-8");
        let place = file
            .strip_prefix(env!("CARGO_MANIFEST_DIR"))
            .expect("below the root");
        let wrong = violations(&module, &text).into_iter();
        found.extend(wrong.map(|(line, what)| format!("{}:{line}: {what}", place.display())));
    }
    assert!(found.is_empty(), "forbidden imports:\n{}", found.join("\n"));
}

/// A module, a text in it, and what is wrong with that.
const PLANTED: [(&str, &str, &str); 14] = [
    (
        "http::login",
        "use crate::storage::users;",
        "http may not import storage",
    ),
    (
        "http::login",
        "fn f() {\n crate::storage::users::get();\n}",
        "http may not import storage",
    ),
    (
        "http::login",
        "use crate::{\n domain::ids,\n storage::{self, users},\n};",
        "http may not import storage",
    ),
    (
        "http::login",
        "use super::super::storage;",
        "http may not import storage",
    ),
    (
        "http",
        "mod tests {\n use super::super::storage;\n}",
        "http may not import storage",
    ),
    (
        "domain",
        "use { std::fmt, crate::services };",
        "domain may not import services",
    ),
    (
        "domain::ids",
        "#[tokio::test]\nasync fn f() {}",
        "domain never uses tokio",
    ),
    (
        "services::login",
        "use sqlx as db;",
        "services never uses sqlx",
    ),
    (
        "services::login",
        "fn f(p: &::sqlx::PgPool) {}",
        "services never uses sqlx",
    ),
    (
        "services",
        "type T = Vec<sqlx::PgPool>;",
        "services never uses sqlx",
    ),
    (
        "services",
        "use crate::config::Config;",
        "services may not import config",
    ),
    (
        "services",
        "let r#type = 'a'; let s: &'static str = \"\\\"\"; crate::http::x()",
        "services may not import http",
    ),
    (
        "cli::user",
        "use crate::utils::x;",
        "crate::utils is no layer",
    ),
    ("utils", "", "utils is no layer"),
];

#[test]
fn planted_violations_are_found() {
    for (module, text, expected) in PLANTED {
        let module: Vec<String> = module.split("::").map(str::to_owned).collect();
        let found: Vec<String> = violations(&module, text)
            .into_iter()
            .map(|(_, what)| what)
            .collect();
        assert_eq!(found, [expected], "{text}");
    }
}

#[test]
fn what_is_allowed_passes() {
    let text = r##"
        //! [`crate::http`] and sqlx::query are only mentioned, `use crate::http;`
        /* use axum::Router; /* nested */ use crate::cli; */
        use crate::{domain::{ids::UserId, session}, storage};
        use super::sessions::{self, Entrance};
        pub(in crate::services) fn f<'a>(x: &'a str) -> char { self::g(); my::sqlx::h(); '"' }
        const TEXT: &str = "use crate::http; \" axum::x";
        const RAW: &str = r#"use " crate::http;"#;
        mod tests { use super::f; use super::super::login; }
    "##;
    assert_eq!(
        violations(&["services".to_owned(), "login".to_owned()], text),
        []
    );
}

/// Every forbidden import in a module's text: line and reason.
fn violations(module: &[String], text: &str) -> Vec<(usize, String)> {
    let own = module[0].as_str();
    let Some(layer) = LAYERS.iter().find(|layer| layer.name == own) else {
        return vec![(1, format!("{own} is no layer"))];
    };
    let reason = |used: &Used| match used {
        Used::Crate(name) => layer
            .never
            .contains(&name.as_str())
            .then(|| format!("{own} never uses {name}")),
        Used::Module(name) if !LAYERS.iter().any(|layer| layer.name == name) => {
            Some(format!("crate::{name} is no layer"))
        }
        Used::Module(name) => (name != own && !layer.may_import.contains(&name.as_str()))
            .then(|| format!("{own} may not import {name}")),
    };
    let used = source::uses(module, text).into_iter();
    used.filter_map(|(line, used)| Some((line, reason(&used)?)))
        .collect()
}

/// `http/login.rs` is `http::login`; the root of the library, which only names the layers, is nothing.
fn module_of(file: &Path) -> Option<Vec<String>> {
    let path = file.with_extension("");
    let module: Vec<String> = path
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    (module != ["lib"]).then_some(module)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
