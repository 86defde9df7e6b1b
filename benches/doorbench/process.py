"""Processes of a benchmark: each pinned to a core, each ended by its id.

Everything listens on loopback. A process is the leader of a session of its own, so that Ctrl-C reaches this program
alone, which then ends the others in order; should this program be killed, the system ends them.
"""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TypeVar

CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 30.0

Answer = TypeVar("Answer")


class Failed(Exception):
    """Something could not be measured. The message is for people."""


def pinned(command: Sequence[str], core: int, user: str | None = None) -> list[str]:
    """The command on one core, as another user if one is named."""
    words = ["taskset", "--cpu-list", str(core), "setpriv", "--pdeathsig", "TERM"]
    if user is not None:
        words += [f"--reuid={user}", f"--regid={user}", "--init-groups"]
    return [*words, "--", *command]


class Process:
    """A server that runs until the end of its `with` block."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        core: int,
        log: Path,
        *,
        user: str | None = None,
        stop: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.log = log
        self._stop = stop
        with log.open("wb") as output:
            self._child = subprocess.Popen(
                pinned(command, core, user),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=log.parent,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Its id."""
        return self._child.pid

    def text(self) -> str:
        """What it has written so far."""
        return self.log.read_text(errors="replace")

    def until(self, what: str, ask: Callable[[], Answer | None], pause: float = 0.01) -> Answer:
        """Asks until there is an answer. Fails when the process ends, or after half a minute."""
        deadline = time.monotonic() + PATIENCE
        while (answer := ask()) is None:
            if self._child.poll() is not None:
                raise Failed(f"{self.name} ended instead of {what}:\n{self.text()[-2000:]}")
            if time.monotonic() > deadline:
                raise Failed(f"{self.name}: no {what} within {PATIENCE:.0f} s:\n{self.text()[-2000:]}")
            time.sleep(pause)
        return answer

    def cpu_seconds(self) -> float:
        """Processor time that it has used."""
        fields = self._proc("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS

    def memory(self, field: str = "VmRSS") -> float:
        """Resident memory in MiB; with VmHWM the most it ever was."""
        for line in self._proc("status").splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1]) / 1024
        raise Failed(f"{self.name} has no {field}")

    def _proc(self, file: str) -> str:
        try:
            return Path(f"/proc/{self.pid}/{file}").read_text()
        except OSError as error:
            raise Failed(f"{self.name} is gone:\n{self.text()[-2000:]}") from error

    def end(self) -> None:
        """Asks it to stop, waits, and kills it if it does not."""
        if self._child.poll() is not None:
            return
        self._child.send_signal(self._stop)
        try:
            self._child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.end()


def run(command: Sequence[str], *, text: str = "", limit: float = 300, env: dict[str, str] | None = None) -> str:
    """Runs a command to its end and returns what it wrote; `Failed` has the last lines of its errors."""
    try:
        done = subprocess.run(
            ["setpriv", "--pdeathsig", "TERM", "--", *command],
            input=text,
            capture_output=True,
            text=True,
            timeout=limit,
            env=None if env is None else os.environ | env,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired as error:
        raise Failed(f"{command[0]} took more than {limit:.0f} s") from error
    if done.returncode != 0:
        raise Failed(f"{' '.join(command[:4])} failed:\n{(done.stderr or done.stdout)[-2000:]}")
    return done.stdout


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def accepts(port: int) -> bool | None:
    """True when somebody listens there, else None."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return True if probe.connect_ex(("127.0.0.1", port)) == 0 else None
