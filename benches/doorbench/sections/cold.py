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
    rows = [row for name in nodes for row in (table.rates(outcome, name, REFERENCE), _late(outcome, name))]
    section.rows[:0] = rows
    return section


def _late(outcome: contest.Outcome, name: str) -> Row:
    """How many were told 503, because the store had not answered in 150 ms."""
    samples = outcome.samples[name]
    share = sum(sample.refused for sample in samples) / sum(sample.requests for sample in samples)
    return Row(f"{name}, answered 503 after 150 ms", measured=f"{share:.3%}")
