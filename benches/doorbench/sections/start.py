"""Starting: from the start of the process until `/readyz` answers 200, on SQLite."""

import statistics

from ..bench import Bench, tell
from ..doorward import Store, start_up
from ..table import Row, Section, verdict

WITHIN = 200.0


def measure(bench: Bench) -> Section:
    """The first start, which makes the tables, and later ones."""
    section = Section("Start on SQLite, until ready")
    first, later = [], []
    for turn in range(bench.plan.starts):
        tell(f"start {turn + 1} of {bench.plan.starts}")
        store = Store("SQLite", f"sqlite://{bench.folder}/start-{turn}.db")
        first.append(start_up(bench.binary, store, bench.cores.measured, bench.folder))
        later.append(start_up(bench.binary, store, bench.cores.measured, bench.folder))
    for name, found in (("first start, which makes the tables", first), ("later starts", later)):
        median = statistics.median(found)
        section.rows.append(
            Row(
                f"{name}, median of {len(found)}",
                measured=f"{median:.0f} ms",
                spread=f"{min(found):.0f}–{max(found):.0f} ms",
                target=f"< {WITHIN:.0f} ms",
                met=verdict(median < WITHIN),
            )
        )
    return section
