"""What the table says about itself, and its place in docs/performance.md."""

import datetime
import textwrap
from collections.abc import Sequence
from pathlib import Path

from . import build, machine, table
from .bench import Plan
from .process import Failed
from .table import Section

BEGIN = "<!-- Written by make bench ARGS=--write. -->\n"
END = "<!-- Up to here. -->\n"


def about(version: str, given: bool, plan: Plan, load: float) -> str:
    """Which program on which machine, when and how: no name of a host."""
    today = datetime.datetime.now(datetime.timezone.utc).date()
    profile = "a binary given by hand" if given else f"profile {build.PROFILE}"
    words = (
        f"{machine.description()}; {machine.sharing(machine.cores())}. {version}, {profile}, {today}, load before the"
        f" run {load:.1f}. {plan.rounds} rounds of {plan.seconds:g} s each, {plan.connections} connections."
    )
    return textwrap.fill(words, 118)


def write(path: Path, heading: str, sections: Sequence[Section]) -> None:
    """Puts the table between the markers."""
    before, begin, rest = path.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise Failed(f"{path} has no place for the table: {BEGIN.strip()} … {END.strip()}")
    path.write_text(f"{before}{BEGIN}\n{heading}\n\n{table.markdown(sections)}\n{END}{after}")
