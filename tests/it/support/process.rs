//! A process that ends when the test process does, however that ends: by a panic, a kill, or quietly.
//!
//! Rust drops no statics and nothing at all after a kill, so each process runs behind a small shell that reads
//! a pipe held by the test process. A line on the pipe is a signal to pass on; its end means that the
//! test is over. Only the pipe's holder and the shell's own child are ever touched.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// How long any wait may take. Far more than is needed; a hang should fail, not a slow machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// `$1` is the signal for the end of the test, `$2` a folder to remove afterwards (or nothing), the rest the command.
const KEEPER: &str = r#"
stop=$1 remove=$2
shift 2
exec 3<&0
"$@" </dev/null 3<&- &
child=$!
(
    while read -r signal <&3; do kill -s "$signal" "$child"; done
    trap 'kill $!; exit' TERM
    for attempt in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
        kill -s "$stop" "$child"
        sleep 1 &
        wait $!
    done
    kill -s KILL "$child"
) >/dev/null 2>&1 &
watcher=$!
wait "$child"
status=$?
exec 3<&-
kill "$watcher" 2>/dev/null
if [ -n "$remove" ]; then
    rm -rf -- "$remove"
    # The child's own children may write a moment longer.
    for pause in 0.3 1 3; do sleep "$pause"; rm -rf -- "$remove"; done >/dev/null 2>&1 3<&- &
fi
exit "$status"
"#;

/// A running process and the file its output goes to.
pub(crate) struct Process {
    keeper: Child,
    lifeline: Option<ChildStdin>,
    log: PathBuf,
}

impl Process {
    /// Starts `command`, its output in `log`. It gets the signal `stop` (as in `kill -s`) when this value is
    /// dropped or the test process ends.
    pub(crate) fn start(command: &Command, stop: &str, log: &Path) -> Self {
        Self::start_removing(command, stop, log, None)
    }

    /// As [`Process::start`]; the folder `remove` is deleted once the process has ended.
    pub(crate) fn start_removing(
        command: &Command,
        stop: &str,
        log: &Path,
        remove: Option<&Path>,
    ) -> Self {
        let output = File::options()
            .create(true)
            .append(true)
            .open(log)
            .expect("log file");
        let mut keeper = Command::new("/bin/sh");
        keeper.args(["-c", KEEPER, "keeper", stop]);
        keeper.arg(remove.unwrap_or(Path::new("")));
        keeper.arg(command.get_program()).args(command.get_args());
        keeper.current_dir(command.get_current_dir().unwrap_or(Path::new("/")));
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => keeper.env(name, value),
                None => keeper.env_remove(name),
            };
        }
        let mut keeper = keeper
            .stdin(Stdio::piped())
            .stdout(output.try_clone().expect("log file"))
            .stderr(output)
            .spawn()
            .expect("/bin/sh starts");
        let lifeline = keeper.stdin.take();
        Self {
            keeper,
            lifeline,
            log: log.to_owned(),
        }
    }

    /// The exit status, if the process has ended: its own code, or 128 and the number of the signal.
    pub(crate) fn ended(&mut self) -> Option<i32> {
        let status = self.keeper.try_wait().expect("own child");
        status.map(|status| status.code().unwrap_or(-1))
    }

    /// Sends a signal, named as in `kill -s`.
    pub(crate) fn signal(&mut self, name: &str) {
        let pipe = self.lifeline.as_mut().expect("not stopped before");
        writeln!(pipe, "{name}").expect("the keeper reads");
    }

    /// Stops the process where it is, until it gets the signal CONT. Returns when it stands still.
    pub(crate) fn pause(&mut self) {
        self.signal("STOP");
        let start = std::time::Instant::now();
        while !self.stands_still() {
            assert!(start.elapsed() < PATIENCE, "it does not stop");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn stands_still(&self) -> bool {
        let keeper = self.keeper.id();
        let children = fs::read_to_string(format!("/proc/{keeper}/task/{keeper}/children"));
        let children = children.expect("the keeper runs");
        let stopped = |child: &str| {
            let state = fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
            // The name in parentheses may hold anything.
            state
                .rsplit(") ")
                .next()
                .is_some_and(|rest| rest.starts_with('T'))
        };
        children.split_whitespace().any(stopped)
    }

    /// Waits for the end and returns the exit status.
    pub(crate) async fn wait(&mut self) -> i32 {
        let log = self.log.clone();
        eventually(
            &format!("the end of the process that logs to {}", log.display()),
            async || self.ended(),
        )
        .await
    }

    /// All the process has written so far, both streams.
    pub(crate) fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        // The keeper ends by itself: at the latest when it has sent a KILL.
        let _ = self.keeper.wait();
    }
}

/// Asks until there is an answer; panics, saying `what`, after [`PATIENCE`].
pub(crate) async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(start.elapsed() < PATIENCE, "waited {PATIENCE:?} for {what}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// The path of a program: the environment variable if it is set, else the first of `names` in `PATH` or `/usr/sbin`.
pub(crate) fn program(variable: &str, names: &[&str]) -> PathBuf {
    if let Some(path) = std::env::var_os(variable) {
        return path.into();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/bin".into()])
        .collect();
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|candidate| candidate.is_file())
        .unwrap_or_else(|| panic!("none of {names:?} is installed: run scripts/setup"))
}

/// The path of a program that `scripts/setup` puts into the target folder: the environment variable if it is set, else
/// `tools/PATH` there.
pub(crate) fn tool(variable: &str, path: &str) -> PathBuf {
    if let Some(path) = std::env::var_os(variable) {
        return path.into();
    }
    let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tools");
    let tool = tools.join(path);
    assert!(
        tool.is_file(),
        "{} is not there: run scripts/setup",
        tool.display()
    );
    tool
}
