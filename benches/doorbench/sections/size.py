"""Memory: resident, from /proc."""

import time
from dataclasses import replace

from .. import wrk
from ..bench import STORES, Bench, tell
from ..table import Row, Section, mebibytes, verdict

IDLE = 30.0
CACHED = 100_000
"""So many sessions are in the cache of a loaded node: what it holds unless configured otherwise."""
LONGEST = 60
"""Seconds that loading may take."""


def measure(bench: Bench) -> Section:
    """A node on each store: two seconds after its start, and when its cache is full."""
    section = Section(f"Memory, resident ({bench.plan.many:,} stored)")
    for store in STORES:
        if reason := bench.stores.missing(store):
            section.rows.append(Row(store, missing=reason))
            continue
        with bench.node(bench.stores.get(store, bench.plan.many), bench.cores.measured) as node:
            tell(f"memory of {node.name}")
            time.sleep(2)
            idle = node.process.memory()
            asked = _load(bench, node.internal)
            loaded = node.process.memory()
        section.rows += [
            Row(f"{store}, idle", measured=mebibytes(idle), target=f"< {IDLE:.0f} MiB", met=verdict(idle < IDLE)),
            Row(f"{store}, {asked:,} sessions later", measured=mebibytes(loaded)),
        ]
    return section


def _load(bench: Bench, port: int) -> int:
    """Asks for sessions never asked for before, until the cache is full."""
    many = bench.plan.many
    asked = 0
    deadline = time.monotonic() + LONGEST
    while asked < min(CACHED, many) and time.monotonic() < deadline:
        # Nothing is timed here: who was told to come back is not in the cache, and that is all.
        drive = replace(bench.asked(port, sessions=many, first=asked), late=1.0)
        sample = wrk.measure(drive, 2, [], "loading")
        asked += sample.requests - sample.refused
    return min(asked, many)
