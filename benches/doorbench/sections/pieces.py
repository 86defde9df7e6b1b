"""The parts of a verification one by one: benches/pieces.rs, measured by Criterion in the profile of `cargo bench`."""

import json
import os
from pathlib import Path

from .. import process
from ..bench import Bench, tell
from ..process import Failed
from ..table import Row, Section

GROUP = "pieces"
LIMIT = 1800


def measure(bench: Bench) -> Section:
    """Builds and runs them, and reads what Criterion has written."""
    tell("cargo bench --bench pieces")
    build = ["cargo", "bench", "--locked", "--bench", "pieces"]
    process.run([*build, "--no-run"], limit=LIMIT)
    run = ["taskset", "--cpu-list", str(bench.cores.measured), *build, "--", "--noplot"]
    process.run(run, limit=LIMIT)
    folder = Path(os.environ.get("CARGO_TARGET_DIR", "target")) / "criterion" / GROUP
    section = Section("The parts of a verification, by Criterion")
    for estimates in sorted(folder.glob("*/new/estimates.json")):
        median = json.loads(estimates.read_text())["median"]
        interval = median["confidence_interval"]
        name = json.loads((estimates.parent / "benchmark.json").read_text())["function_id"]
        section.rows.append(
            Row(
                name,
                measured=_nanoseconds(median["point_estimate"]),
                spread=f"{_nanoseconds(interval['lower_bound'])}–{_nanoseconds(interval['upper_bound'])}",
            )
        )
    if not section.rows:
        raise Failed(f"Criterion wrote nothing to {folder}")
    return section


def _nanoseconds(value: float) -> str:
    return f"{value / 1000:.2f} µs" if value >= 1000 else f"{value:.0f} ns"
