//! SQLite in trouble: its file is locked, or its disk is full.
//!
//! Another process in the place of the second node is a command; there are no two nodes on one file.

use std::fs;
use std::path::PathBuf;

use serde_json::json;
use sqlx::{Connection as _, SqliteConnection};
use tokio::time::Instant;

use super::site::{EVER, Verdict, entered, finds, newcomer, post, register, sign_in, until};
use super::walk::{PAGE, STRANGER, refused};
use crate::support::doorward::Doorward;
use crate::support::http::get;
use crate::support::postgres::is_root;
use crate::visitor::PASSWORD;

#[tokio::test]
async fn threat_21_sqlite_whose_file_is_locked() {
    let node = Doorward::builder().start().await;
    let known = newcomer(&node, "known@example.com").await;
    let unknown = newcomer(&node, "unknown@example.com").await;
    until(&node, "a session", &known.cookie, &Verdict::of(&known)).await;
    let url = format!(
        "sqlite://{}",
        node.data_folder().join("doorward.db").display()
    );
    let mut other = SqliteConnection::connect(&url).await.expect("a database");
    let lock = other.begin_with("BEGIN EXCLUSIVE").await.expect("a lock");
    // Readers go on beside a writer, for ever.
    for person in [&known, &unknown] {
        finds(&node, &person.cookie, &Verdict::of(person)).await;
    }
    finds(&node, STRANGER, &Verdict::SignIn).await;
    let asked = Instant::now();
    let nothing = json!({});
    let (entering, coming, leaving) = tokio::join!(
        sign_in(&node, &known.email, PASSWORD),
        register(&node, "never@example.com"),
        post(&node, "/logout", &unknown.cookie, &nothing),
    );
    for (what, answer) in [
        ("login", entering),
        ("register", coming),
        ("logout", leaving),
    ] {
        refused(what, &answer);
    }
    assert!(asked.elapsed() < PAGE, "{:?}", asked.elapsed());
    finds(&node, &unknown.cookie, &Verdict::of(&unknown)).await;
    lock.rollback().await.expect("the end of the lock");
    let answer = sign_in(&node, &known.email, PASSWORD).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let answer = post(&node, "/logout", &unknown.cookie, &json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    finds(&node, &unknown.cookie, &Verdict::SignIn).await;
}

/// Doorward with its data on a file system of one megabyte that nobody else sees.
async fn on_small_disk() -> Doorward {
    let script = "mount -t tmpfs -o size=1m tmpfs data && exec \"$@\"";
    let namespace: &[&str] = if is_root() {
        &["unshare", "--mount"]
    } else {
        &["unshare", "--mount", "--map-root-user"]
    };
    let words = [namespace, &["sh", "-c", script, "sh"]].concat();
    Doorward::builder().started_by(&words).start().await
}

/// Where the data folder is, seen from outside.
fn small_disk(node: &Doorward) -> PathBuf {
    let data = node.data_folder();
    let config = data.with_file_name("doorward.toml").display().to_string();
    let processes = fs::read_dir("/proc").expect("Linux").flatten();
    let own = processes.map(|entry| entry.path()).find(|process| {
        let words = fs::read(process.join("cmdline")).unwrap_or_default();
        let mut words = words.split(|byte| *byte == 0);
        words
            .next()
            .is_some_and(|first| first.ends_with(b"/doorward"))
            && words.any(|word| word == config.as_bytes())
    });
    let inside = data.strip_prefix("/").expect("an absolute path");
    own.expect("it runs").join("root").join(inside)
}

#[tokio::test]
async fn threat_21_sqlite_whose_disk_is_full() {
    let node = on_small_disk().await;
    let known = newcomer(&node, "known@example.com").await;
    let unknown = newcomer(&node, "unknown@example.com").await;
    until(&node, "a session", &known.cookie, &Verdict::of(&known)).await;
    let filler = small_disk(&node).join("filler");
    let full = fs::write(&filler, vec![0; 2 << 20]).expect_err("more than there is room for");
    assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
    let mut begun = vec![known.clone()];
    loop {
        // What the log of writes has room for is written, and lasts.
        let answer = sign_in(&node, &known.email, PASSWORD).await;
        let Some(person) = entered(&answer, &known.email, PASSWORD) else {
            refused("POST /login", &answer);
            break;
        };
        begun.push(person);
        assert!(begun.len() < 1000, "a disk without end");
    }
    refused(
        "POST /register",
        &register(&node, "never@example.com").await,
    );
    let answer = post(&node, "/logout", &unknown.cookie, &json!({})).await;
    refused("POST /logout", &answer);
    begun.push(unknown.clone());
    for person in &begun {
        let asked = Instant::now();
        finds(&node, &person.cookie, &Verdict::of(person)).await;
        assert!(asked.elapsed() < EVER);
    }
    finds(&node, STRANGER, &Verdict::SignIn).await;
    let ready = get(&format!("{}/readyz", node.internal()), &[]).await;
    assert_eq!(ready.status, 200, "whoever is signed in is served");
    fs::remove_file(&filler).expect("own file");
    let late = newcomer(&node, "late@example.com").await;
    let answer = post(&node, "/logout", &unknown.cookie, &json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    begun.retain(|person| person.cookie != unknown.cookie);
    begun.push(late);
    for person in &begun {
        finds(&node, &person.cookie, &Verdict::of(person)).await;
    }
    finds(&node, &unknown.cookie, &Verdict::SignIn).await;
    assert!(!node.log().contains("panicked"), "{}", node.log());
}
