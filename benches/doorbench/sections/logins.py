"""Signing in, and what verification feels of it.

A sign-in costs a password hash: some ten thousand times what a verification costs, by design. So a storm of them
takes all the time of the core that is left, and has to leave verification what it needs.
"""

import signal
import time

from .. import contest, ids, table, wrk
from ..bench import Bench, tell
from ..contest import Contender, p50, p99
from ..doorward import Node
from ..process import Failed, Process
from ..table import Row, Section, micros, per_second
from ..wrk import Drive, Sample

SESSIONS = 2_000
CALM = "the same without the storm"
STORM = "storm"
AT_ONCE = 64
"""Sign-ins under way during the storm: what the queue of the hashing pool holds."""
MOST = 3.0
CONNECTIONS = 32
PAUSE = 31
"""Each connection pauses for 0 to 31 ms before each request: together about 2,000 requests a second."""
SETTLED = 20.0
PAUSE_BETWEEN = 0.3
IDLE = 0.2
"""A node that uses less of its core than this is idle."""


def measure(bench: Bench) -> Section:
    """Doorward on SQLite alone on its core."""
    section = Section(f"Signing in, and verify (about 2,000/s) while {AT_ONCE} sign in at once", CALM)
    with bench.node(bench.stores.get("SQLite", SESSIONS), bench.cores.measured) as node:
        seconds = max(2, bench.plan.seconds)
        bench.introduce(node.name, node.internal)
        tell("signing in, one after the other and eight at once")
        alone = _sign_in(bench, node, 1, seconds)
        eight = _sign_in(bench, node, 8, seconds)
        contenders = [
            Contender(CALM, lambda seconds: _verify(bench, node, seconds)),
            Contender(STORM, lambda seconds: _verify_in_storm(bench, node, seconds)),
        ]
        outcome = contest.hold(contenders, bench.plan.rounds, seconds, tell)
        peak = node.process.memory("VmHWM")
    section.rows += [
        Row("sign-ins, one after the other", measured=per_second(alone.rate)),
        Row("one of them takes, p50", measured=micros(alone.p50)),
        Row("sign-ins, eight at once", measured=per_second(eight.rate)),
        table.times(outcome, (STORM, CALM), p50, None, "verify in the storm, p50"),
        table.times(outcome, (STORM, CALM), p99, MOST, "verify in the storm, p99"),
        Row("memory, the most it ever was", measured=table.mebibytes(peak)),
    ]
    return section


def _drive(bench: Bench, node: Node, connections: int) -> Drive:
    words = (f"localhost:{node.public}", str(ids.users(SESSIONS)), ids.PASSWORD)
    return Drive(node.public, bench.login_script, words, connections, bench.cores.driver)


def _sign_in(bench: Bench, node: Node, connections: int, seconds: float) -> Sample:
    return wrk.measure(_drive(bench, node, connections), seconds, [node.process], "signing in")


def _verify(bench: Bench, node: Node, seconds: float) -> Sample:
    drive = bench.asked(node.internal, sessions=ids.HOT, pause=PAUSE, connections=CONNECTIONS)
    return wrk.measure(drive, seconds, [node.process], "verify")


def _verify_in_storm(bench: Bench, node: Node, seconds: float) -> Sample:
    command = wrk.command(_drive(bench, node, AT_ONCE), seconds + 5)
    log = bench.folder / "storm.log"
    # wrk ends at an interrupt, and reports.
    with Process("the storm", command, bench.cores.driver, log, stop=signal.SIGINT) as storm:
        before = node.process.cpu_seconds()
        storm.until("hashing", lambda: True if node.process.cpu_seconds() > before + 0.5 else None)
        sample = _verify(bench, node, seconds)
    _settle(node)
    found = wrk.report(storm.text(), "the storm")
    if found["refused"] > found["requests"] // 2:
        raise Failed(f"the storm was turned away instead of hashed: {found}")
    tell(f"the storm signed in {found['requests'] / (found['microseconds'] / 1e6):.0f}/s, {found['refused']} refused")
    return sample


def _settle(node: Node) -> None:
    """Waits until the sign-ins that nobody waits for any more are hashed: the next round begins without them."""
    before = -1.0
    deadline = time.monotonic() + SETTLED
    while time.monotonic() < deadline and (now := node.process.cpu_seconds()) - before > IDLE * PAUSE_BETWEEN:
        before = now
        time.sleep(PAUSE_BETWEEN)
