"""Verify with a cold cache: every request is another session, so each has to be read from the store.

The sessions are asked for from the first to the last, and over again only when all have been. By then the cache, which
holds a tenth of them, has dropped the first.
"""

from contextlib import ExitStack

from .. import contest, table
from ..baseline import Baseline
from ..bench import STORES, Bench, tell
from ..table import Row, Section

REFERENCE = "bare axum handler"


def measure(bench: Bench) -> Section:
    """Every store with many sessions against the bare handler. There is no target: what is new to a node is rare."""
    many = bench.plan.many
    section = Section(f"Verify asked directly, cold cache: each request another of {many:,} sessions", REFERENCE)
    with ExitStack() as stack:
        nodes = {}
        for store in STORES:
            if reason := bench.stores.missing(store):
                section.rows.append(Row(store, missing=reason))
                continue
            node = bench.node(bench.stores.get(store, many), bench.cores.measured, store, cache=many // 10)
            nodes[store] = stack.enter_context(node)
        like = next(iter(nodes.values())).internal
        baseline = stack.enter_context(Baseline(bench.baseline, like, bench.cores.measured, bench.folder))
        contenders = [bench.cold(REFERENCE, baseline.port, baseline.process, many)]
        contenders += [bench.cold(name, node.internal, node.process, many) for name, node in nodes.items()]
        outcome = contest.hold(contenders, bench.plan.rounds, bench.plan.seconds, tell)
    section.rows[:0] = [table.rates(outcome, name, REFERENCE) for name in nodes]
    return section
