//! One PostgreSQL cluster for the whole test binary, and a database of its own for each test.

mod own;

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection};
use tokio::sync::OnceCell;

use super::ports::on_free_ports;
use super::process::{Process, eventually};
pub(crate) use own::Server;

/// The server refuses to run as root; its package brings this user.
const UNPRIVILEGED: &str = "postgres";

/// `$1` is where the programs are, `$2` the cluster's folder, `$3` the port. Nothing survives the test,
/// so nothing has to reach the disk.
const SERVER: &str = r#"
"$1/initdb" -D "$2" -U doorward --auth=trust --encoding=UTF8 --locale=C --no-sync || exit
exec "$1/postgres" -D "$2" -c listen_addresses=127.0.0.1 -c port="$3" \
    -c unix_socket_directories= -c max_connections=300 \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off
"#;

static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();
static DATABASES: AtomicU32 = AtomicU32::new(1);

struct Cluster {
    port: u16,
    _process: Process,
}

/// The URL of a fresh, empty database.
pub(crate) async fn database() -> String {
    let cluster = CLUSTER
        .get_or_init(|| on_free_ports(async |[port]| start(port).await))
        .await;
    let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let mut connection = connect(cluster.port).await.expect("the cluster runs");
    let statement = AssertSqlSafe(format!("CREATE DATABASE {name}"));
    sqlx::query(statement)
        .execute(&mut connection)
        .await
        .expect("a new database");
    connection.close().await.expect("closed");
    url(cluster.port, &name)
}

fn url(port: u16, name: &str) -> String {
    format!("postgres://doorward@127.0.0.1:{port}/{name}?sslmode=disable")
}

async fn connect(port: u16) -> sqlx::Result<PgConnection> {
    let options: sqlx::postgres::PgConnectOptions = url(port, "postgres").parse()?;
    options.disable_statement_logging().connect().await
}

async fn start(port: u16) -> Result<Cluster, String> {
    let folder = tempfile::Builder::new()
        .prefix("doorward-postgres-")
        .tempdir()
        .expect("folder");
    give_to_unprivileged(folder.path());
    // From here on the folder is removed by the process that keeps the server, which outlives this one.
    let folder = folder.keep();

    let mut server = unprivileged("sh");
    server
        .args(["-c", SERVER, "server"])
        .arg(newest_version().join("bin"));
    server
        .arg(folder.join("data"))
        .arg(port.to_string())
        .current_dir(&folder);
    let log = folder.join("log");
    let mut process = Process::start_removing(&server, "INT", &log, Some(&folder));
    let running = eventually("PostgreSQL", async || {
        if process.ended().is_some() {
            return Some(false);
        }
        connect(port).await.ok().map(|_| true)
    })
    .await;
    if running {
        Ok(Cluster {
            port,
            _process: process,
        })
    } else {
        Err(process.log())
    }
}

/// The program, as an unprivileged user when we are root.
fn unprivileged(program: &str) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    if !may_become_another() {
        let mut command = Command::new("unshare");
        command.args([
            "--user",
            "--map-user=65534",
            "--map-group=65534",
            "--",
            program,
        ]);
        return command;
    }
    let mut command = Command::new("setpriv");
    command
        .arg(format!("--reuid={UNPRIVILEGED}"))
        .arg(format!("--regid={UNPRIVILEGED}"));
    command.args(["--init-groups", "--", program]);
    command
}

/// The newest server that is installed.
fn newest_version() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL: run scripts/setup");
    versions
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("bin/initdb").is_file())
        .max_by_key(|path| path.file_name()?.to_str()?.parse::<u32>().ok())
        .expect("PostgreSQL: run scripts/setup")
}

fn give_to_unprivileged(folder: &Path) {
    if is_root() && may_become_another() {
        let status = Command::new("chown")
            .arg(UNPRIVILEGED)
            .arg(folder)
            .status()
            .expect("chown");
        assert!(
            status.success(),
            "no user {UNPRIVILEGED}: run scripts/setup"
        );
    }
}

/// Whether we are root; the server must not be.
pub(crate) fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// Whether root is root of the machine, and not just of a namespace that has no other user.
fn may_become_another() -> bool {
    let users = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    users.split_whitespace().nth(2) != Some("1")
}
