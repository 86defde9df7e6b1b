//! What the image holds: the binary of `scripts/build-static`, run in a folder that has nothing else but what an engine
//! puts into each container.
//!
//! As root that takes nothing more; anybody else needs the right to make user namespaces.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::support::http::{get, post_json};
use crate::support::ports::on_free_ports;
use crate::support::postgres;
use crate::support::process::{Process, eventually};
use crate::visitor::credentials;

/// The user of the image.
const USER: u32 = 65532;
/// Whom the resolver in the container is told to ask.
const RESOLV_CONF: &str = "nameserver 127.0.53.53\noptions edns0 trust-ad ndots:0\n";
const NAMESERVER: &str = include_str!("nameserver.py");

/// `$1` is the container's root folder, `$2` what `chroot` is told, the rest the command. The devices are those that
/// every engine provides and Doorward may need.
const ENTER: &str = r#"
root=$1 user=$2
shift 2
for device in null random urandom; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device" || exit
done
exec chroot $user "$root" "$@"
"#;

/// As [`ENTER`], on a network of its own with a name server; `$0` is its program.
const ENTER_ALONE: &str = r#"
ip link set lo up || exit
python3 -c "$0" >"$1/names" &
until grep -q listening "$1/names"; do
    kill -0 $! || exit
    sleep 0.1
done
"#;

/// The folder that is the whole world of a container.
struct Container(TempDir);

impl Container {
    async fn new(config: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("doorward-image-").tempdir();
        let container = Self(folder.expect("folder"));
        let root = container.root();
        fs::set_permissions(root, fs::Permissions::from_mode(0o755)).expect("own folder");
        for folder in ["data", "dev", "etc"] {
            fs::create_dir(root.join(folder)).expect("own folder");
        }
        if is_root() {
            chown(root.join("data"), Some(USER), Some(USER)).expect("root may");
        }
        fs::copy(static_binary().await, root.join("doorward")).expect("copied");
        fs::write(root.join("doorward.toml"), config).expect("written");
        fs::write(root.join("etc/hosts"), "127.0.0.1 localhost database\n").expect("written");
        fs::write(root.join("etc/resolv.conf"), RESOLV_CONF).expect("written");
        container
    }

    fn root(&self) -> &Path {
        self.0.path()
    }

    /// Doorward in the container, which shares the network of this machine.
    fn command(&self, words: &[&str]) -> Command {
        let mut command = namespace();
        command.args(["sh", "-c", ENTER, "enter"]);
        self.finish(command, words)
    }

    /// Doorward in the container, alone with a name server.
    fn command_alone(&self, words: &[&str]) -> Command {
        let mut command = namespace();
        let script = format!("{ENTER_ALONE}{ENTER}");
        // With a namespace for processes too the name server ends when Doorward does.
        command.args(["--net", "--pid", "--fork", "--kill-child"]);
        command.args(["sh", "-c", &script, NAMESERVER]);
        self.finish(command, words)
    }

    fn finish(&self, mut command: Command, words: &[&str]) -> Command {
        let user = format!("--userspec={USER}:{USER}");
        command.arg(self.root());
        command.arg(if is_root() { &user } else { "" });
        command.arg("/doorward");
        command.args(words);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
    }

    async fn run(&self, words: &[&str]) -> Output {
        output(self.command(words)).await
    }
}

/// Whatever is mounted is seen by nobody else and gone with the last process.
fn namespace() -> Command {
    let mut command = Command::new("unshare");
    command.arg("--mount");
    if !is_root() {
        command.arg("--map-root-user");
    }
    command
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// Built as for the image, but for the optimisation, which would take minutes.
async fn static_binary() -> &'static Path {
    static BINARY: OnceCell<PathBuf> = OnceCell::const_new();
    let build = async || {
        // Other tests wait for their servers meanwhile.
        let mut script = Command::new("nice");
        script
            .args(["scripts/build-static", "dev"])
            .current_dir(root());
        // What cargo told this test about itself is not for another cargo.
        let own = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST");
        for (name, _) in std::env::vars().filter(|(name, _)| own(name)) {
            script.env_remove(name);
        }
        let built = text(&output(script).await);
        root().join(built.lines().last().expect("the path is said last"))
    };
    BINARY.get_or_init(build).await
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

async fn output(mut command: Command) -> Output {
    let run = move || command.output().expect("the command starts");
    tokio::task::spawn_blocking(run).await.expect("no panic")
}

/// Standard output of a command that succeeded.
#[track_caller]
fn text(output: &Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {error}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Standard error of a command that failed.
#[track_caller]
fn failure(output: &Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{error}");
    error
}

fn listening_on(public: u16, internal: u16) -> String {
    let own = "[apps.app]\nhosts = [\"localhost\", \"127.0.0.1\"]\n";
    let key = "9f3c1e7a5b20d84f6e19c7a3b5d2e8f04c6a1b9d7e3f5028a4c6e8b0d2f41739";
    format!(
        "[server]\nlisten = \"127.0.0.1:{public}\"\ninternal_listen = \"127.0.0.1:{internal}\"\n{own}keys = [\"{key}\"]\n"
    )
}

/// Doorward in a container, with the public and the internal port.
async fn serving() -> (Container, Process, [u16; 2]) {
    on_free_ports(async |[public, internal]| {
        let container = Container::new(&listening_on(public, internal)).await;
        let log = container.root().join("log");
        let mut process = Process::start(&container.command(&["serve"]), "KILL", &log);
        let healthy = eventually("a healthy container", async || {
            let healthy = container.run(&["healthcheck"]).await.status.success();
            process.ended().map(|_| false).or(healthy.then_some(true))
        })
        .await;
        if healthy {
            Ok((container, process, [public, internal]))
        } else {
            Err(process.log())
        }
    })
    .await
}

#[tokio::test]
async fn the_static_binary_serves_where_nothing_else_is() {
    let (container, mut process, [public, internal]) = serving().await;
    let ready = container.run(&["healthcheck", "--ready"]).await;
    assert_eq!(
        text(&ready),
        format!("Doorward is ready: http://127.0.0.1:{internal}/readyz says so.\n")
    );

    let page = get(&format!("http://127.0.0.1:{public}/login"), &[]).await;
    assert_eq!(page.status, 200, "{}", page.body);
    for (page, status) in [("register", 201), ("login", 200)] {
        let url = format!("http://127.0.0.1:{public}/{page}");
        let answer = post_json(&url, &[], &credentials("reader@example.com")).await;
        assert_eq!(answer.status, status, "{}", answer.body);
    }
    let users = text(&container.run(&["user", "list"]).await);
    assert!(users.contains("reader@example.com"), "{users}");

    process.signal("TERM");
    assert_eq!(process.wait().await, 0, "{}", process.log());
    let gone = failure(&container.run(&["healthcheck"]).await);
    assert!(gone.starts_with("doorward: not healthy: "), "{gone}");
}

#[tokio::test]
async fn a_database_is_found_by_its_name_in_etc_hosts() {
    let url = postgres::database()
        .await
        .replace("@127.0.0.1:", "@database:");
    let container = Container::new(&format!("[database]\nurl = \"{url}\"\n")).await;
    let said = text(&container.run(&["migrate"]).await);
    assert!(
        said.starts_with("The tables are up to date: PostgreSQL at database:"),
        "{said}"
    );
}

#[tokio::test]
async fn a_database_is_found_by_its_name_in_dns() {
    let config =
        |host: &str| format!("[database]\nurl = \"postgres://doorward@{host}/doorward\"\n");
    let container = Container::new(&config("nowhere.example")).await;
    let unknown = failure(&output(container.command_alone(&["migrate"])).await);
    assert!(unknown.contains("failed to lookup address"), "{unknown}");

    let container = Container::new(&config("database.example")).await;
    let known = failure(&output(container.command_alone(&["migrate"])).await);
    assert!(!known.contains("failed to lookup address"), "{known}");
    let names = container.root().join("names");
    let came = fs::read_to_string(names).expect("written by the name server");
    assert_eq!(came, "listening\nsomebody came\n");
}
