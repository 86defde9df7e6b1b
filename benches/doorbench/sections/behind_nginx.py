"""Verify behind nginx: what a site can serve whose every request is shown to Doorward first.

nginx is the measured server. What it asks runs on another core.
"""

from contextlib import ExitStack

from .. import contest, table, wrk
from ..baseline import Baseline
from ..bench import STORES, Bench, tell
from ..contest import Contender
from ..ids import HOT
from ..nginx import Nginx
from ..table import Row, Section

REFERENCE = "nginx asking the bare handler"
LEAST = 0.95


def measure(bench: Bench) -> Section:
    """One nginx that asks Doorward on each store, and the bare handler."""
    section = Section("Verify behind nginx (auth_request), warm cache", REFERENCE)
    with ExitStack() as stack:
        asked = {}
        for store in STORES:
            if reason := bench.stores.missing(store):
                section.rows.append(Row(store, missing=reason))
                continue
            node = bench.node(bench.stores.get(store, bench.plan.few), bench.cores.second)
            asked[store] = stack.enter_context(node).internal
        like = next(iter(asked.values()))
        baseline = stack.enter_context(Baseline(bench.baseline, like, bench.cores.second, bench.folder))
        asked[REFERENCE] = baseline.port
        for name, port in asked.items():
            bench.introduce(name, port)
        nginx = stack.enter_context(Nginx(asked, bench.cores.measured, bench.folder))
        contenders = [_contender(bench, nginx, name) for name in asked]
        outcome = contest.hold(contenders, bench.plan.rounds, bench.plan.seconds, tell)
    section.rows[:0] = [table.rates(outcome, name, REFERENCE, LEAST) for name in asked if name != REFERENCE]
    return section


def _contender(bench: Bench, nginx: Nginx, name: str) -> Contender:
    drive = bench.visited(nginx.ports[name], sessions=HOT)
    return Contender(name, lambda seconds: wrk.measure(drive, seconds, [nginx.process], name))
