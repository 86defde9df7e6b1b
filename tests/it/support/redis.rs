//! Redis from the installed binary: one server, a cluster, or a server with a replica and a Sentinel.

mod groups;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

use super::ports::on_free_ports;
use super::process::{Process, eventually, program};
pub(crate) use groups::{Cluster, Watched};

/// A server that keeps nothing on disk, unless its configuration says otherwise.
const CONFIG: &str = "
bind 127.0.0.1
daemonize no
save \"\"
appendonly no
";

/// A running server, or one that was stopped.
pub(crate) struct Redis {
    process: Option<Process>,
    program: PathBuf,
    folder: Arc<TempDir>,
    port: u16,
    /// The words of `redis-cli` that reach it.
    way: Vec<String>,
}

impl Redis {
    /// A server without a password, on a port of its own.
    pub(crate) async fn start() -> Self {
        Self::start_with("").await
    }

    /// The same with more lines of configuration.
    pub(crate) async fn start_with(lines: &str) -> Self {
        Self::start_as(&[], |port, _| format!("port {port}\n{lines}")).await
    }

    /// A server with this configuration, of which a part depends on its port and its folder. `way` are the words by which
    /// `redis-cli` gets in, where `{folder}` is that folder.
    pub(crate) async fn start_as(way: &[&str], lines: impl Fn(u16, &Path) -> String) -> Self {
        on_free_ports(async |[port]| Self::start_at(port, "redis-server", way, &lines).await).await
    }

    async fn start_at(
        port: u16,
        name: &str,
        way: &[&str],
        lines: &impl Fn(u16, &Path) -> String,
    ) -> Result<Self, String> {
        let folder = tempfile::Builder::new().prefix("doorward-redis-").tempdir();
        let folder = Arc::new(folder.expect("folder"));
        let path = folder.path();
        let common = if name == "redis-server" { CONFIG } else { "" };
        let dir = path.display();
        let text = format!("{common}dir {dir}\n{}\n", lines(port, path));
        fs::write(path.join("redis.conf"), text).expect("own folder");
        let own = |word: &&str| word.replace("{folder}", path.to_str().expect("UTF-8"));
        let mut redis = Self {
            process: None,
            program: program("", &[name]),
            way: way.iter().map(own).collect(),
            folder,
            port,
        };
        redis.run().await?;
        Ok(redis)
    }

    /// The error is the log.
    async fn run(&mut self) -> Result<(), String> {
        let path = self.folder.path();
        let mut command = Command::new(&self.program);
        command.arg(path.join("redis.conf")).current_dir(path);
        let mut process = Process::start(&command, "TERM", &path.join("log"));
        let is_there = eventually("Redis", async || {
            if process.ended().is_some() {
                return Some(false);
            }
            let answer = self.try_cli(&["ping"]).await;
            let is_there = ["PONG", "NOAUTH", "NOPERM"];
            let is_there = is_there.iter().any(|word| answer.contains(word));
            is_there.then_some(true)
        })
        .await;
        if !is_there {
            return Err(process.log());
        }
        self.process = Some(process);
        Ok(())
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// `redis://127.0.0.1:port`.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What `redis-cli` prints for these words.
    pub(crate) async fn cli(&self, words: &[&str]) -> String {
        let answer = self.try_cli(words).await;
        assert!(!answer.contains("Could not connect"), "{words:?}: {answer}");
        answer
    }

    async fn try_cli(&self, words: &[&str]) -> String {
        let mut all = vec!["-p".to_owned(), self.port.to_string()];
        all.extend(self.way.iter().cloned());
        all.extend(words.iter().map(|word| (*word).to_owned()));
        cli(all, "").await
    }

    /// What it prints for lines on its standard input.
    pub(crate) async fn cli_lines(&self, lines: &str) -> String {
        let mut all = vec!["-p".to_owned(), self.port.to_string()];
        all.extend(self.way.iter().cloned());
        cli(all, lines).await
    }

    /// All keys but those by which nodes watch their links.
    pub(crate) async fn keys(&self) -> Vec<String> {
        let keys = self.cli(&["--scan"]).await;
        let keys = keys
            .lines()
            .filter(|key| !key.starts_with("doorward:canary:"));
        keys.map(str::to_owned).collect()
    }

    /// The keys of the records of sessions.
    pub(crate) async fn records(&self) -> Vec<String> {
        let mut keys = self.keys().await;
        keys.retain(|key| !key.contains(':'));
        keys
    }

    /// Stops it in order: what it writes to disk it has written.
    pub(crate) async fn stop(&mut self) {
        let process = self.process.as_mut().expect("it runs");
        process.signal("TERM");
        process.wait().await;
        self.process = None;
    }

    /// Ends it as a power cut does.
    pub(crate) async fn kill(&mut self) {
        let process = self.process.as_mut().expect("it runs");
        process.signal("KILL");
        process.wait().await;
        self.process = None;
    }

    /// From now on it says nothing and closes nothing, until [`Redis::go_on`].
    pub(crate) fn pause(&mut self) {
        self.process.as_mut().expect("it runs").pause();
    }

    pub(crate) fn go_on(&mut self) {
        self.process.as_mut().expect("it runs").signal("CONT");
    }

    /// Starts it again, after [`Redis::stop`] or [`Redis::kill`], on the same port and with what it has on disk.
    pub(crate) async fn start_again(&mut self) {
        let started = self.run().await;
        started.unwrap_or_else(|log| panic!("{log}"));
    }
}

async fn cli(words: Vec<String>, input: &str) -> String {
    /// Warnings about passwords on the command line go nowhere.
    static PROGRAM: Mutex<Option<PathBuf>> = Mutex::new(None);
    let program = PROGRAM
        .lock()
        .expect("no panic inside")
        .get_or_insert_with(|| program("", &["redis-cli"]))
        .clone();
    let input = input.to_owned();
    let run = move || {
        use std::io::Write as _;
        let mut command = Command::new(program);
        command.args(words);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("redis-cli");
        let mut pipe = child.stdin.take().expect("a pipe");
        pipe.write_all(input.as_bytes()).expect("it reads");
        drop(pipe);
        let output = child.wait_with_output().expect("own child");
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        text.trim().to_owned()
    };
    tokio::task::spawn_blocking(run).await.expect("no panic")
}
