"""The driver: wrk on a core of its own, told by a Lua script what to ask."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import process
from .process import Failed, Process

LUA = Path(__file__).parent / "lua"


@dataclass(frozen=True)
class Drive:
    """What wrk is to do."""

    port: int
    script: Path
    words: tuple[str, ...]
    connections: int
    core: int
    late: float = 0.0
    """The share of questions that may be answered with 503: where a store is asked, the machine may hold it up for longer
    than a proxy is kept waiting."""


@dataclass(frozen=True)
class Sample:
    """What one drive measured. Times are in microseconds."""

    rate: float
    p50: float
    p99: float
    requests: int
    refused: int
    cpu: float
    """Processor time of the measured server for one request."""

    busy: float
    """How much of its core the measured server had: near 1 when it is the limit."""


def script(folder: Path, name: str) -> Path:
    """A script with the report behind it: wrk takes one file."""
    joined = folder / f"{name}.lua"
    joined.write_text((LUA / f"{name}.lua").read_text() + "\n" + (LUA / "report.lua").read_text())
    return joined


def command(drive: Drive, seconds: float) -> list[str]:
    """The command line. wrk counts in whole seconds."""
    return [
        "wrk",
        "--threads=1",
        f"--connections={drive.connections}",
        f"--duration={max(1, round(seconds))}s",
        "--timeout=5s",
        f"--script={drive.script}",
        f"http://127.0.0.1:{drive.port}/",
        "--",
        *drive.words,
    ]


def report(output: str, what: str) -> dict[str, int]:
    """The line that report.lua wrote."""
    line = next((line for line in output.splitlines() if line.startswith("result ")), None)
    if line is None:
        raise Failed(f"{what}: wrk reported nothing:\n{output[-2000:]}")
    found: dict[str, int] = json.loads(line.removeprefix("result "))
    return found


def result(output: str, what: str, late: float = 0.0) -> dict[str, int]:
    """The same, where anything but answers of success, beyond this share, is a failure and never a result."""
    found = report(output, what)
    if found["requests"] == 0:
        raise Failed(f"{what}: not one request was answered")
    most = {"refused": late * found["requests"], "broken": 0, "late": 0}
    wrong = {name: found[name] for name, limit in most.items() if found[name] > limit}
    if wrong:
        raise Failed(f"{what}: of {found['requests']} requests, {wrong} went wrong")
    return found


def measure(drive: Drive, seconds: float, servers: Sequence[Process], what: str) -> Sample:
    """Drives for so long. The servers are those whose processor time counts."""
    before = sum(server.cpu_seconds() for server in servers)
    line = process.pinned(command(drive, seconds), drive.core)
    found = result(process.run(line, limit=seconds + 30), what, drive.late)
    used = sum(server.cpu_seconds() for server in servers) - before
    elapsed = found["microseconds"] / 1e6
    return Sample(
        rate=found["requests"] / elapsed,
        p50=found["p50"],
        p99=found["p99"],
        requests=found["requests"],
        refused=found["refused"],
        cpu=used * 1e6 / found["requests"],
        busy=used / elapsed,
    )
