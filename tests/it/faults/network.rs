//! A network that swallows packets for real: no connection is reset, nobody hears anything, and new ones are not refused.
//!
//! The test runs itself again in a network of its own. There PostgreSQL is in another one, at the far end of a wire.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::site::Wiring;
use super::walk::Walk;
use crate::support::postgres::{Server, is_root};
use crate::support::process::{Process, eventually};

/// Set where the test is in a network of its own.
const INSIDE: &str = "DOORWARD_TEST_NETWORK";
/// Far more than is needed.
const PATIENCE: Duration = Duration::from_secs(150);

/// `$0` is a process of the far network. Each end knows the other's address for good, so nothing notices that it is gone.
const WIRE: &str = r#"
ip link add name near address 02:00:00:00:00:01 type veth peer name far address 02:00:00:00:00:02 netns "$0"
ip address add 10.213.0.1/24 dev near
ip link set near up
ip neighbour replace 10.213.0.2 lladdr 02:00:00:00:00:02 dev near nud permanent
nsenter --net="/proc/$0/ns/net" sh -ec '
    ip link set lo up
    ip address add 10.213.0.2/24 dev far
    ip link set far up
'
"#;

/// A network beyond a wire, for as long as this is there.
struct Beyond {
    _holder: Process,
    namespace: String,
}

impl Beyond {
    async fn open(folder: &Path) -> Self {
        let mut holder = Command::new("unshare");
        let script = "echo $$ >\"$0\" && exec sleep infinity";
        let file = folder.join("holder");
        holder.args(["--net", "sh", "-c", script]).arg(&file);
        let process = Process::start(&holder, "TERM", &folder.join("log"));
        let pid = eventually("a network", async || {
            let pid = std::fs::read_to_string(&file).ok()?;
            pid.ends_with('\n').then(|| pid.trim().to_owned())
        })
        .await;
        run(&["sh", "-ec", WIRE, &pid]);
        Self {
            _holder: process,
            namespace: format!("--net=/proc/{pid}/ns/net"),
        }
    }

    /// Takes the far end off the wire, or puts it back.
    fn set(&self, state: &str) {
        run(&[
            "nsenter",
            &self.namespace,
            "ip",
            "link",
            "set",
            "far",
            state,
        ]);
    }
}

fn run(words: &[&str]) {
    let done = Command::new(words[0]).args(&words[1..]).output();
    let done = done.unwrap_or_else(|error| panic!("{words:?}: {error}"));
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{words:?}: {said}");
}

/// Runs one test of this binary again, in a network where there is nothing yet but itself.
async fn again_in_own_network(name: &str) {
    let folder = tempfile::tempdir().expect("folder");
    let mut command = Command::new("unshare");
    command.arg("--net");
    if !is_root() {
        command.arg("--map-root-user");
    }
    let script = "ip link set lo up && exec \"$@\"";
    let this = std::env::current_exe().expect("this binary");
    command.args(["sh", "-c", script, "sh"]).arg(this);
    command.args(["--exact", "--nocapture", name]);
    command
        .env(INSIDE, "1")
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    let mut process = Process::start(&command, "KILL", &folder.path().join("log"));
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = process.ended() {
            break status;
        }
        assert!(begun.elapsed() < PATIENCE, "{}", process.log());
        sleep(Duration::from_millis(100)).await;
    };
    let log = process.log();
    assert_eq!(status, 0, "{log}");
    assert!(log.contains("1 passed"), "{log}");
}

#[tokio::test]
async fn threat_21_postgres_behind_a_network_that_swallows_packets() {
    if std::env::var_os(INSIDE).is_none() {
        let name = "faults::network::threat_21_postgres_behind_a_network_that_swallows_packets";
        return again_in_own_network(name).await;
    }
    let folder = tempfile::tempdir().expect("folder");
    let beyond = Beyond::open(folder.path()).await;
    let enter = ["nsenter", &beyond.namespace];
    let server = Server::start_beyond(&enter, "10.213.0.2").await;
    let url = server.database().await;
    let mut walk = Walk::begin(&Wiring::database(&url, &url)).await;
    let since = Instant::now();
    beyond.set("down");
    walk.expect_outage(since).await;
    beyond.set("up");
    walk.expect_recovery().await;
}
