#!/usr/bin/env python3
"""`make bench`: what Doorward costs, held against the least that could be in its place.

    make bench                               everything, about twenty minutes after the build
    make bench ARGS="--quick --only verify"  a first impression of one section
    make bench ARGS=--write                  everything, and the table goes into docs/performance.md
    BENCH_PROFILE=release make bench         a build that takes less time

docs/performance.md says what is measured and how to read it. Everything listens on loopback and lives in a temporary
folder; Ctrl-C ends every process and removes it. Exit code 0 when every row was measured, whether or not a target was
met; 1 when one was not.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from doorbench import build, document, machine, table
from doorbench.bench import FULL, QUICK, Bench, Plan, tell
from doorbench.doorward import Binary
from doorbench.process import Failed
from doorbench.sections import SECTIONS
from doorbench.table import Row, Section

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = ("wrk", "nginx", "redis-server", "taskset", "setpriv")
LIMIT = 3600
"""Seconds after which the measurement is given up, the build not counted."""
BUSY = 0.5


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", allow_abbrev=False)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds, a tenth of the sessions")
    parser.add_argument("--only", metavar="SECTION,…", default="", help=f"of {', '.join(SECTIONS)}")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    parser.add_argument("--rounds", type=int, help="how often each server is driven")
    parser.add_argument("--seconds", type=float, help="how long each time")
    parser.add_argument("--binary", type=Path, help="measure this doorward and build none; with --baseline")
    parser.add_argument("--baseline", type=Path, help="hold it against this doorward-baseline")
    given = parser.parse_args()
    given.only = [word for word in given.only.split(",") if word]
    if unknown := set(given.only) - set(SECTIONS):
        parser.error(f"no section is called {', '.join(unknown)}: there are {', '.join(SECTIONS)}")
    if given.write and (given.quick or given.only):
        parser.error("--write keeps whole tables alone: not with --quick or --only")
    if (given.binary is None) != (given.baseline is None):
        parser.error("--binary and --baseline go together")
    return given


def plan(given: argparse.Namespace) -> Plan:
    """How much is measured, as the command line wants it."""
    chosen = QUICK if given.quick else FULL
    changes = {name: value for name in ("rounds", "seconds") if (value := getattr(given, name)) is not None}
    return Plan(**(vars(chosen) | changes))


def measure(bench: Bench, names: list[str]) -> list[Section]:
    """All sections, or those that were named. One that fails is a row that says so."""
    sections = []
    for name in names or SECTIONS:
        tell(f"section {name}")
        try:
            sections.append(SECTIONS[name](bench))
        except (Failed, OSError) as error:
            tell(f"section {name} failed: {error}")
            reason = str(error).strip().splitlines()[0]
            sections.append(Section(name, rows=[Row(name, missing=reason)]))
    return sections


def stop(number: int, _: object) -> None:
    """SIGTERM and the limit end this as Ctrl-C does."""
    raise KeyboardInterrupt(f"after {LIMIT} s" if number == signal.SIGALRM else "")


def main() -> int:
    """Builds, measures, prints."""
    given = options()
    os.chdir(ROOT)
    # Where some distributions have nginx.
    os.environ["PATH"] += os.pathsep + "/usr/sbin"
    if absent := [program for program in PROGRAMS if shutil.which(program) is None]:
        raise Failed(f"{', '.join(absent)} missing: run scripts/setup bench")
    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, stop)
    programs = {"doorward": given.binary, "baseline": given.baseline} if given.binary else build.build()
    busy = machine.load()
    if busy > BUSY:
        tell(f"the machine is busy (load {busy:.1f}): believe the ratios, not the figures")
    signal.alarm(LIMIT)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="doorward-bench-")))
        # PostgreSQL runs as another user and has its data in here.
        folder.chmod(0o711)
        binary = Binary(programs["doorward"].resolve(), folder)
        measured = (binary, programs["baseline"].resolve())
        bench = Bench(stack, folder, measured, machine.cores(), plan(given))
        sections = measure(bench, given.only)
        about = document.about(binary.version(), bool(given.binary), bench.plan, busy)
    print(f"\n{about}\n\n{table.terminal(sections)}")
    if given.write:
        document.write(ROOT / "docs/performance.md", about, sections)
        tell("docs/performance.md has the table")
    return 1 if any(row.missing for section in sections for row in section.rows) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt as interrupt:
        sys.exit(f"bench: stopped {interrupt}".rstrip() + "; every process was ended")
    except Failed as failure:
        sys.exit(f"bench: {failure}")
