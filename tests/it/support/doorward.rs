//! The real binary with a configuration, a database and a folder of its own.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;
use toml::{Table, Value};

use super::http::try_get;
use super::ports::on_free_ports;
use super::postgres;
use super::process::{Process, eventually};

/// Which database Doorward runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Db {
    Sqlite,
    Postgres,
}

/// What is to be started; see [`Doorward::builder`].
pub(crate) struct Builder {
    toml: String,
    database: Db,
    limited: bool,
    public_port: Option<u16>,
    environment: Vec<(String, String)>,
    prefix: Vec<String>,
}

/// A running Doorward.
pub(crate) struct Doorward {
    process: Process,
    installation: Installation,
}

/// Everything that stays when the process is stopped.
struct Installation {
    folder: TempDir,
    environment: Vec<(String, String)>,
    prefix: Vec<String>,
    key_hex: String,
    public: String,
    internal: String,
}

impl Doorward {
    /// SQLite and one app `app` on `localhost` and `127.0.0.1`, unless told otherwise.
    pub(crate) fn builder() -> Builder {
        Builder {
            toml: String::new(),
            database: Db::Sqlite,
            limited: false,
            public_port: None,
            environment: Vec::new(),
            prefix: Vec::new(),
        }
    }

    /// The public listener: `http://127.0.0.1:port`.
    pub(crate) fn public(&self) -> &str {
        &self.installation.public
    }

    /// The internal listener: `http://127.0.0.1:port`.
    pub(crate) fn internal(&self) -> &str {
        &self.installation.internal
    }

    /// The key that each app without keys in its configuration was given.
    pub(crate) fn key_hex(&self) -> &str {
        &self.installation.key_hex
    }

    pub(crate) fn data_folder(&self) -> PathBuf {
        self.installation.folder.path().join("data")
    }

    /// Everything written to standard output and standard error so far.
    pub(crate) fn log(&self) -> String {
        self.process.log()
    }

    /// Runs the binary with these arguments and the same configuration.
    pub(crate) async fn command(&self, arguments: &[&str]) -> Output {
        self.command_with_input(arguments, "").await
    }

    /// As [`Doorward::command`], with something on standard input.
    pub(crate) async fn command_with_input(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = self.installation.command();
        command.args(arguments);
        output(command, input).await
    }

    /// Asks for an orderly end, as an init system does, and returns the exit code.
    pub(crate) async fn stop(&mut self) -> i32 {
        self.ask_to_stop();
        self.process.wait().await
    }

    /// Sends the signal that [`Doorward::stop`] sends, without waiting for the end.
    pub(crate) fn ask_to_stop(&mut self) {
        self.process.signal("TERM");
    }

    /// Waits for an end that was asked for; the exit code.
    pub(crate) async fn ended(&mut self) -> i32 {
        self.process.wait().await
    }

    /// Starts again, after [`Doorward::stop`], with the same addresses and data.
    pub(crate) async fn start_again(&mut self) {
        self.process = self
            .installation
            .start("readyz")
            .await
            .unwrap_or_else(|log| panic!("{log}"));
    }
}

impl Builder {
    /// The configuration. Listeners are added to it, and where it does not say otherwise a database and for each
    /// app a fresh key.
    pub(crate) fn toml(mut self, text: &str) -> Self {
        text.clone_into(&mut self.toml);
        self
    }

    pub(crate) fn database(mut self, database: Db) -> Self {
        self.database = database;
        self
    }

    /// Leaves the limits by address as they are shipped. They are off otherwise, unless the configuration has them: all
    /// visitors of a test come from one address, and how many requests it sends in a minute depends on the machine.
    pub(crate) fn limited(mut self) -> Self {
        self.limited = true;
        self
    }

    /// Where the pages are served, for what has to know it beforehand. From [`free_port`](super::ports::free_port).
    pub(crate) fn public_port(mut self, port: u16) -> Self {
        self.public_port = Some(port);
        self
    }

    pub(crate) fn environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Has the server, and no other command, started by these words, in its folder: to give it a world of its own.
    pub(crate) fn started_by(mut self, words: &[&str]) -> Self {
        self.prefix = words.iter().map(|word| (*word).to_owned()).collect();
        self
    }

    /// Starts the binary and waits until it says that it is ready.
    pub(crate) async fn start(self) -> Doorward {
        self.start_until("readyz").await
    }

    /// Starts the binary and waits until it serves, though it may not be ready.
    pub(crate) async fn start_unready(self) -> Doorward {
        self.start_until("healthz").await
    }

    async fn start_until(self, sign: &str) -> Doorward {
        let database = match self.database {
            Db::Sqlite => None,
            Db::Postgres => Some(postgres::database().await),
        };
        on_free_ports(async |[public, internal]| {
            let public = self.public_port.unwrap_or(public);
            let installation = self.install([public, internal], database.as_deref());
            let process = installation.start(sign).await?;
            Ok(Doorward {
                process,
                installation,
            })
        })
        .await
    }

    fn install(&self, [public, internal]: [u16; 2], database: Option<&str>) -> Installation {
        let folder = tempfile::Builder::new()
            .prefix("doorward-")
            .tempdir()
            .expect("folder");
        let installation = Installation {
            environment: self.environment.clone(),
            prefix: self.prefix.clone(),
            key_hex: random_hex(),
            public: format!("http://127.0.0.1:{public}"),
            internal: format!("http://127.0.0.1:{internal}"),
            folder,
        };
        let data = installation.folder.path().join("data");
        fs::create_dir(&data).expect("own folder");
        let sqlite = format!("sqlite://{}", data.join("doorward.db").display());
        let mut config: Table = self.toml.parse().expect("TOML");
        let server = section(&mut config, "server");
        server.insert("listen".into(), format!("127.0.0.1:{public}").into());
        server.insert(
            "internal_listen".into(),
            format!("127.0.0.1:{internal}").into(),
        );
        let url = database.map_or(sqlite, str::to_owned);
        section(&mut config, "database")
            .entry("url")
            .or_insert(url.into());
        if !self.limited {
            lift_limits(section(&mut config, "limits"));
        }
        add_keys(section(&mut config, "apps"), &installation.key_hex);
        fs::write(installation.config_file(), config.to_string()).expect("own folder");
        installation
    }
}

impl Installation {
    fn config_file(&self) -> PathBuf {
        self.folder.path().join("doorward.toml")
    }

    fn command(&self) -> Command {
        let mut command = binary(self.folder.path());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.arg("--config").arg(self.config_file());
        command
    }

    /// The command of the server.
    fn server(&self) -> Command {
        let command = self.command();
        let Some((program, words)) = self.prefix.split_first() else {
            return command;
        };
        let mut starter = Command::new(program);
        starter.args(words).arg(command.get_program());
        starter
            .args(command.get_args())
            .current_dir(self.folder.path());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => starter.env(name, value),
                None => starter.env_remove(name),
            };
        }
        starter
    }

    /// The error is the log.
    async fn start(&self, sign: &str) -> Result<Process, String> {
        let log = self.folder.path().join("log");
        let mut process = Process::start(&self.server(), "KILL", &log);
        let url = format!("{}/{sign}", self.internal);
        let ready = eventually("Doorward to be ready", async || {
            let answer = try_get(&url).await;
            if process.ended().is_some() {
                return Some(false);
            }
            answer.filter(|answer| answer.status == 200).map(|_| true)
        })
        .await;
        if ready {
            Ok(process)
        } else {
            Err(process.log())
        }
    }
}

/// Runs the binary in a new, empty folder with this text as `doorward.toml`, used to the letter; without a text,
/// there is no such file.
pub(crate) async fn run(config: Option<&str>, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("folder");
    run_in(folder.path(), config, arguments).await
}

/// As [`run`], in this folder.
pub(crate) async fn run_in(folder: &Path, config: Option<&str>, arguments: &[&str]) -> Output {
    if let Some(text) = config {
        fs::write(folder.join("doorward.toml"), text).expect("own folder");
    }
    let mut command = binary(folder);
    command.args(arguments);
    output(command, "").await
}

/// The binary in a folder, without the settings of whoever runs the tests.
fn binary(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_doorward"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("DOORWARD") {
            command.env_remove(name);
        }
    }
    command.current_dir(folder);
    command
}

async fn output(mut command: Command, input: &str) -> Output {
    let input = input.to_owned();
    let run = move || {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        // A command that does not read its input may be gone already.
        let _ = child
            .stdin
            .take()
            .map(|mut pipe| pipe.write_all(input.as_bytes()));
        child.wait_with_output().expect("own child")
    };
    tokio::task::spawn_blocking(run).await.expect("no panic")
}

fn section<'a>(table: &'a mut Table, name: &str) -> &'a mut Table {
    let entry = table.entry(name).or_insert_with(|| Table::new().into());
    entry
        .as_table_mut()
        .unwrap_or_else(|| panic!("[{name}] is a table"))
}

fn lift_limits(limits: &mut Table) {
    for budget in ["sign_in", "registration", "reset", "general"] {
        limits.entry(budget).or_insert("off".into());
    }
}

fn add_keys(apps: &mut Table, key_hex: &str) {
    if apps.is_empty() {
        let hosts: Vec<Value> = vec!["localhost".into(), "127.0.0.1".into()];
        section(apps, "app").insert("hosts".into(), hosts.into());
    }
    for (_, app) in apps.iter_mut() {
        let app = app.as_table_mut().expect("[apps.id] is a table");
        if !app.contains_key("keys") && !app.contains_key("keys_file") {
            app.insert("keys".into(), vec![Value::from(key_hex)].into());
        }
    }
}

/// 32 random bytes.
pub(crate) fn random_hex() -> String {
    let mut bytes = [0; 32];
    let mut source = File::open("/dev/urandom").expect("a source of randomness");
    source.read_exact(&mut bytes).expect("32 bytes");
    hex::encode(bytes)
}
