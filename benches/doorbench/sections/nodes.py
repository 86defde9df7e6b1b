"""Two nodes on one store: what each can do beside the other, and how soon a sign-out on one is known to the other."""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from .. import contest, ids, table
from ..ask import Connection, sign_out, verify
from ..baseline import Baseline
from ..bench import Bench, pass_one, tell
from ..contest import Contender, Outcome
from ..doorward import Node
from ..process import Failed
from ..table import Row, Section, micros, verdict

REFERENCE = "bare axum handler"
STORES = ("PostgreSQL", "Redis")
LEAST = 0.85
WITHIN = 100_000
"""A sign-out has to be known to every node after so many microseconds."""
DENIED = (401, 503)
"""503 where the session is forgotten and the store is late to say more."""
GIVEN_UP = 5.0
"""Seconds after which a revocation counts as lost."""


def measure(bench: Bench) -> Section:
    """Two nodes on each store that can be shared."""
    how = "at once" if bench.cores.has_room_for_two else "in turn, for want of cores"
    section = Section(f"Two nodes on one store, driven {how}", REFERENCE)
    for store in STORES:
        if reason := bench.stores.missing(store):
            section.rows.append(Row(store, missing=reason))
        else:
            section.rows += _of(bench, store)
    return section


def _of(bench: Bench, store: str) -> list[Row]:
    filled = bench.stores.get(store, ids.HOT + bench.plan.revocations)
    room = bench.cores.has_room_for_two
    with ExitStack() as stack:
        one = stack.enter_context(bench.node(filled, bench.cores.measured, f"{store}, first node"))
        other_core = bench.cores.second if room else bench.cores.measured
        two = stack.enter_context(bench.node(filled, other_core, f"{store}, second node"))
        baseline = stack.enter_context(Baseline(bench.baseline, one.internal, bench.cores.measured, bench.folder))
        reference = bench.warm(REFERENCE, baseline.port, baseline.process)
        pair = [bench.warm(node.name, node.internal, node.process) for node in (one, two)]
        outcome = _throughput(bench, reference, pair)
        delays = _revocations(bench, one, two)
    rows = [table.rates(outcome, contender.name, REFERENCE, LEAST) for contender in pair]
    return [*rows, *_delays(store, delays)]


def _throughput(bench: Bench, reference: Contender, pair: list[Contender]) -> Outcome:
    plan = bench.plan
    if not bench.cores.has_room_for_two:
        return contest.hold([reference, *pair], plan.rounds, plan.seconds, tell)
    outcome = contest.hold([reference], plan.rounds, plan.seconds, tell)
    with ThreadPoolExecutor(len(pair)) as threads:
        both = threads.map(lambda one: [one.drive(plan.seconds) for _ in range(plan.rounds)], pair)
        outcome.samples |= dict(zip((one.name for one in pair), both, strict=True))
    return outcome


def _revocations(bench: Bench, one: Node, two: Node) -> list[float]:
    """Microseconds from the answer to a sign-out at one node until the other denies, for many sessions."""
    tell(f"signing out on {one.name}, asking {two.name}")
    delays = []
    with Connection(one.public) as pages, Connection(two.internal) as asked:
        for number in range(ids.HOT, ids.HOT + bench.plan.revocations):
            cookie = ids.cookie(number)
            question = verify(two.internal, cookie)
            # Now the session is in the cache.
            pass_one(two.name, asked, question)
            answer = pages.ask(sign_out(one.public, cookie))
            ended = time.perf_counter()
            if answer.status != 200:
                raise Failed(f"{one.name} does not sign session {number} out: {answer}")
            while (status := asked.ask(question).status) == 200:
                if time.perf_counter() - ended > GIVEN_UP:
                    raise Failed(f"{two.name} still lets session {number} pass after {GIVEN_UP:.0f} s")
            if status not in DENIED:
                raise Failed(f"{two.name} answers {status} instead of 401")
            delays.append((time.perf_counter() - ended) * 1e6)
    return delays


def _delays(store: str, delays: list[float]) -> list[Row]:
    hundredths = statistics.quantiles(delays, n=100, method="inclusive")
    longest = f"longest of {len(delays)}"
    figures = (("p50", hundredths[49]), ("p99", hundredths[98]), (longest, max(delays)))
    return [
        Row(
            f"{store}, sign-out to denial, {name}",
            measured=micros(value),
            target=f"≤ {WITHIN // 1000} ms",
            met=verdict(value <= WITHIN),
        )
        for name, value in figures
    ]
