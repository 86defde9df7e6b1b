//! The real binary as `doorward demo`, with a temporary folder of the test's own around it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;
use toml::Table;

use crate::support::http::{Answer, navigate, post_form};
use crate::support::process::{Process, eventually};
use crate::visitor::PASSWORD;

/// A running demo.
pub(crate) struct Demo {
    pub(crate) process: Process,
    /// Where it makes its own folder.
    outside: TempDir,
    pub(crate) address: String,
}

impl Demo {
    pub(crate) async fn start(arguments: &[&str]) -> Self {
        let outside = tempfile::tempdir().expect("folder");
        let mut command = Command::new(env!("CARGO_BIN_EXE_doorward"));
        command.arg("demo").args(arguments);
        command
            .current_dir(outside.path())
            .env("TMPDIR", outside.path());
        let process = Process::start(&command, "KILL", &outside.path().join("log"));
        let address = eventually("the demo's address", async || {
            let log = process.log();
            let rest = log.split_once("come in:")?.1;
            rest.lines()
                .map(str::trim)
                .find(|line| line.starts_with("http://"))
                .map(str::to_owned)
        });
        Self {
            address: address.await.trim_end_matches('/').to_owned(),
            process,
            outside,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// Its folders; one while it runs.
    pub(crate) fn folders(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.outside.path()).expect("own folder");
        entries
            .map(|entry| entry.expect("own folder").path())
            .filter(|path| path.is_dir())
            .collect()
    }

    /// The sample app's own address, which no visitor is meant to open.
    pub(crate) fn shop(&self) -> String {
        let file = self.folders().remove(0).join("doorward.toml");
        let config: Table = fs::read_to_string(file)
            .expect("its configuration")
            .parse()
            .expect("TOML");
        config["apps"]["shop"]["upstream"]
            .as_str()
            .expect("an address")
            .to_owned()
    }

    /// Registers by the form; the cookie that a browser sends from then on.
    pub(crate) async fn register(&self, email: &str) -> String {
        let origin = [("origin", self.address.as_str())];
        let fields = [("email", email), ("password", PASSWORD), ("rd", "/members")];
        let answer = post_form(&self.url("/register"), &origin, &fields).await;
        assert_eq!(
            (answer.status.as_u16(), answer.location()),
            (303, Some("/members")),
            "{}",
            answer.body
        );
        answer.cookie("SESSION").pair()
    }
}

pub(crate) async fn page(url: &str, cookie: &str) -> Answer {
    navigate(url, &[("cookie", cookie)]).await
}

/// The id that a members' page shows.
pub(crate) fn reader(page: &Answer) -> String {
    assert_eq!(page.status, 200, "{}", page.body);
    let id = page
        .body
        .split_once("<span>Reader</span> <code>")
        .expect("a library card")
        .1;
    id.split('<').next().expect("an id").to_owned()
}
