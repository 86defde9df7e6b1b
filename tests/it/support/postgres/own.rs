//! A PostgreSQL of a test's own, to be stopped, paused, started again, made read-only and filled up.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, query};

use super::{give_to_unprivileged, is_root, newest_version, unprivileged};
use crate::support::ports::on_free_ports;
use crate::support::process::{Process, eventually};

/// `$1` is where the programs are, `$2` the cluster's folder, `$3` the address, `$4` the port. What was committed survives
/// the end of every process; it does not have to survive the end of the machine.
const SERVER: &str = r#"
if [ ! -e "$2/PG_VERSION" ]; then
    "$1/initdb" -D "$2" -U doorward --auth=trust --encoding=UTF8 --locale=C --no-sync || exit
    echo "host all all all trust" >>"$2/pg_hba.conf"
fi
exec "$1/postgres" -D "$2" -c listen_addresses="$3" -c port="$4" \
    -c unix_socket_directories= -c fsync=off -c full_page_writes=off
"#;

/// Room for a fresh cluster, its log and a little more.
const SMALL: &str = "72m";

/// As [`SERVER`], with a file system for the cluster alone that nobody else sees; `$0` is its size, `$2` its folder. Who is
/// root may take another name afterwards; who only seems to be must, because the server refuses root.
const ON_SMALL_DISK: &str = r#"
mount -t tmpfs -o size="$0",mode=0777 tmpfs "$2" || exit
mkdir -m 0700 "$2/data" || exit
if [ -n "$5" ]; then
    chown "$5" "$2/data"
    exec setpriv --reuid="$5" --regid="$5" --init-groups -- sh -c "$6" server "$1" "$2/data" "$3" "$4"
fi
exec unshare --user --map-user=65534 --map-group=65534 sh -c "$6" server "$1" "$2/data" "$3" "$4"
"#;

/// A running server, or one that was stopped and can be started again.
pub(crate) struct Server {
    address: String,
    port: u16,
    folder: PathBuf,
    is_small: bool,
    /// What starts it.
    prefix: Vec<String>,
    process: Option<Process>,
    /// Holds the folder for as long as the test runs, and removes it then.
    _keeper: Process,
}

impl Server {
    /// With as much room as the machine has.
    pub(crate) async fn start() -> Self {
        Self::start_at("127.0.0.1", false, &[]).await
    }

    /// Started by these words, and listening at this address.
    pub(crate) async fn start_beyond(words: &[&str], address: &str) -> Self {
        Self::start_at(address, false, words).await
    }

    /// With little room, to be filled by [`Server::fill`]. It can't be started again: its disk goes with it.
    pub(crate) async fn start_on_small_disk() -> Self {
        Self::start_at("127.0.0.1", true, &[]).await
    }

    async fn start_at(address: &str, is_small: bool, words: &[&str]) -> Self {
        on_free_ports(async |[port]| {
            let mut server = Self::prepare(address, port, is_small);
            server.prefix = words.iter().map(|word| (*word).to_owned()).collect();
            let started = server.try_start().await;
            started.map(|()| server)
        })
        .await
    }

    fn prepare(address: &str, port: u16, is_small: bool) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("doorward-postgres-")
            .tempdir()
            .expect("folder");
        give_to_unprivileged(folder.path());
        let folder = folder.keep();
        let mut keeper = Command::new("sleep");
        keeper.arg("infinity");
        let log = folder.join("keeper");
        Self {
            address: address.to_owned(),
            port,
            is_small,
            prefix: Vec::new(),
            process: None,
            _keeper: Process::start_removing(&keeper, "TERM", &log, Some(&folder)),
            folder,
        }
    }

    fn command(&self) -> Command {
        let programs = newest_version().join("bin");
        let port = self.port.to_string();
        let mut command;
        if self.is_small {
            command = Command::new("unshare");
            command.arg("--mount");
            if !is_root() {
                command.arg("--map-root-user");
            }
            let disk = self.folder.join("disk");
            fs::create_dir_all(&disk).expect("own folder");
            command.args(["sh", "-c", ON_SMALL_DISK, SMALL]);
            command.arg(programs).arg(disk).arg(&self.address).arg(port);
            command.arg(if is_root() { super::UNPRIVILEGED } else { "" });
            command.arg(SERVER);
        } else {
            command = self.started(unprivileged("sh"));
            command.args(["-c", SERVER, "server"]).arg(programs);
            command.arg(self.data()).arg(&self.address).arg(port);
        }
        command.current_dir(&self.folder);
        command
    }

    /// The command, started by the words that were given.
    fn started(&self, command: Command) -> Command {
        let Some((program, words)) = self.prefix.split_first() else {
            return command;
        };
        let mut starter = Command::new(program);
        starter
            .args(words)
            .arg(command.get_program())
            .args(command.get_args());
        starter
    }

    /// Where the cluster is, as its own processes see it.
    fn data(&self) -> PathBuf {
        let folder = if self.is_small { "disk/data" } else { "data" };
        self.folder.join(folder)
    }

    async fn try_start(&mut self) -> Result<(), String> {
        let log = self.folder.join("log");
        let mut process = Process::start(&self.command(), "QUIT", &log);
        let running = eventually("PostgreSQL", async || {
            if process.ended().is_some() {
                return Some(false);
            }
            self.connect("postgres").await.ok().map(|_| true)
        })
        .await;
        if !running {
            return Err(process.log());
        }
        self.process = Some(process);
        Ok(())
    }

    /// The URL of a fresh, empty database.
    pub(crate) async fn database(&self) -> String {
        self.run("CREATE DATABASE doorward").await;
        self.url("doorward")
    }

    fn url(&self, name: &str) -> String {
        let Self { address, port, .. } = self;
        format!("postgres://doorward@{address}:{port}/{name}?sslmode=disable")
    }

    async fn connect(&self, name: &str) -> sqlx::Result<PgConnection> {
        let options: sqlx::postgres::PgConnectOptions = self.url(name).parse()?;
        options.disable_statement_logging().connect().await
    }

    /// Runs a statement, whether or not the server is read-only.
    async fn try_run(&self, statement: &str) -> sqlx::Result<()> {
        let mut connection = self.connect("postgres").await?;
        let writable = query("SET default_transaction_read_only = off");
        writable.execute(&mut connection).await?;
        let done = query(AssertSqlSafe(statement.to_owned()));
        done.execute(&mut connection).await?;
        connection.close().await
    }

    async fn run(&self, statement: &str) {
        let done = self.try_run(statement).await;
        done.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }

    /// Stops it in order: every connection is ended first.
    pub(crate) async fn stop(&mut self) {
        self.end("INT").await;
    }

    /// Ends every process of it at once, as a crash would.
    pub(crate) async fn crash(&mut self) {
        self.end("QUIT").await;
    }

    async fn end(&mut self, signal: &str) {
        let mut process = self.process.take().expect("it runs");
        process.signal(signal);
        process.wait().await;
    }

    /// Starts it again, at the same address and with the same data.
    pub(crate) async fn start_again(&mut self) {
        let started = self.try_start().await;
        started.unwrap_or_else(|log| panic!("PostgreSQL did not start again:\n{log}"));
    }

    /// Every process of it stands still: connections stay, and nobody answers.
    pub(crate) fn pause(&self) {
        let server = self.pid();
        kill("STOP", &[server]);
        kill("STOP", &children_of(server));
    }

    /// They go on where they were.
    pub(crate) fn resume(&self) {
        let server = self.pid();
        kill("CONT", &children_of(server));
        kill("CONT", &[server]);
    }

    fn pid(&self) -> u32 {
        let file = fs::read_to_string(self.data().join("postmaster.pid")).expect("it runs");
        let line = file.lines().next().expect("a first line");
        line.parse().expect("a process id")
    }

    /// From now on nothing can be written, or everything again.
    pub(crate) async fn set_read_only(&self, read_only: bool) {
        let statement = format!("ALTER SYSTEM SET default_transaction_read_only = {read_only}");
        self.run(&statement).await;
        self.run("SELECT pg_reload_conf()").await;
    }

    /// Fills the small disk to the last page.
    pub(crate) async fn fill(&self) {
        let filler = self.filler();
        // A disk with room for it would be filled for ever; this one takes no more than SMALL.
        let program = format!("head -c 1G /dev/zero >{filler} || true");
        self.run(&format!("COPY (SELECT 1) TO PROGRAM '{program}'"))
            .await;
    }

    /// Makes room again.
    pub(crate) async fn make_room(&self) {
        let program = format!("rm {}", self.filler());
        self.run(&format!("COPY (SELECT 1) TO PROGRAM '{program}'"))
            .await;
    }

    fn filler(&self) -> String {
        self.data().join("filler").display().to_string()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Who stands still does not hear that the test is over.
        if self.process.is_some() && !self.is_small && self.data().join("postmaster.pid").is_file()
        {
            self.resume();
        }
    }
}

/// Sends a signal to processes of ours; one may have ended meanwhile.
fn kill(signal: &str, pids: &[u32]) {
    let pids = pids.iter().map(ToString::to_string);
    let mut command = Command::new("kill");
    command.args(["-s", signal, "--"]).args(pids);
    let _ = command.output().expect("kill");
}

/// The processes that this one has started and that still run.
fn children_of(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").expect("Linux").flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| parent_of(*pid) == Some(parent)).collect()
}

/// The fourth field of `/proc/PID/stat`, two behind the name, which stands in brackets and may hold anything.
fn parent_of(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat")).ok()?;
    let (_, behind) = stat.rsplit_once(')')?;
    behind.split_whitespace().nth(1)?.parse().ok()
}
