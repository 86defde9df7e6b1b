"""Verify asked directly: the hot sessions, with few and with many others stored beside them."""

from contextlib import ExitStack

from .. import contest, table
from ..baseline import Baseline
from ..bench import STORES, Bench, tell
from ..table import Row, Section

REFERENCE = "bare axum handler"
LEAST = 0.85
FLAT = 0.95
"""What differs by less counts as flat: two equal programs differ by as much on a machine that is not quite quiet."""


def measure(bench: Bench) -> Section:
    """Every store with few and with many sessions against one bare handler."""
    few, many = bench.plan.few, bench.plan.many
    section = Section(f"Verify asked directly, warm cache: {few:,} hot sessions", REFERENCE)
    stores = [store for store in STORES if not bench.stores.missing(store)]
    with ExitStack() as stack:
        nodes = {}
        for store in stores:
            for count in (few, many):
                name = _name(store, count)
                node = bench.node(bench.stores.get(store, count), bench.cores.measured, name)
                nodes[name] = stack.enter_context(node)
        like = next(iter(nodes.values())).internal
        baseline = stack.enter_context(Baseline(bench.baseline, like, bench.cores.measured, bench.folder))
        contenders = [bench.warm(REFERENCE, baseline.port, baseline.process)]
        contenders += [bench.warm(name, node.internal, node.process) for name, node in nodes.items()]
        outcome = contest.hold(contenders, bench.plan.rounds, bench.plan.seconds, tell)
    section.rows += [table.rates(outcome, name, REFERENCE, LEAST) for name in nodes]
    section.rows += [
        table.rates(outcome, _name(store, many), _name(store, few), FLAT, f"{store}, {many:,} to {few:,}")
        for store in stores
    ]
    section.rows += [Row(store, missing=reason) for store in STORES if (reason := bench.stores.missing(store))]
    return section


def _name(store: str, count: int) -> str:
    return f"{store}, {count:,} stored"
