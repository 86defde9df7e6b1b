"""The table: rows for people, in the terminal and in docs/performance.md."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .contest import Outcome, busy, cpu, rate
from .wrk import Sample

HEADINGS = ("", "reference", "Doorward", "ratio", "spread", "µs each", "core busy", "target", "met")
NUMERIC = range(1, 7)


@dataclass(frozen=True)
class Row:
    """One line. An empty text is a cell that does not apply."""

    name: str
    reference: str = ""
    measured: str = ""
    ratio: str = ""
    spread: str = ""
    core_time: str = ""
    busy: str = ""
    target: str = ""
    met: str = ""
    missing: str = ""
    """Why there is no figure. Such a row counts as failed."""

    def cells(self) -> tuple[str, ...]:
        """What stands under each of `HEADINGS`."""
        measured = f"not measured: {self.missing}" if self.missing else self.measured
        figures = (self.reference, measured, self.ratio, self.spread, self.core_time, self.busy)
        return (self.name, *figures, self.target, self.met)


@dataclass
class Section:
    """Rows with a heading, and what the reference is."""

    title: str
    reference: str = ""
    rows: list[Row] = field(default_factory=list)

    def caption(self) -> str:
        """Both in one line."""
        return f"{self.title}; reference: {self.reference}" if self.reference else self.title


def rates(outcome: Outcome, name: str, reference: str, least: float | None = None, label: str = "") -> Row:
    """Requests a second against the reference's. The ratio of each round is taken first, then their median."""
    ratios = outcome.ratios(name, reference, rate)
    ratio = statistics.median(ratios)
    return Row(
        name=label or name,
        reference=per_second(outcome.median(reference, rate)),
        measured=per_second(outcome.median(name, rate)),
        ratio=f"{ratio:.3f}",
        spread=_spread(ratios),
        core_time=f"{outcome.median(reference, cpu):.1f} → {outcome.median(name, cpu):.1f}",
        busy=f"{outcome.median(reference, busy):.0%} → {outcome.median(name, busy):.0%}",
        target="" if least is None else f"≥ {least:.2f}",
        met="" if least is None else verdict(ratio >= least),
    )


def times(
    outcome: Outcome, pair: tuple[str, str], what: Callable[[Sample], float], most: float | None, label: str
) -> Row:
    """A time against the reference's; `pair` is the name and the reference."""
    name, reference = pair
    ratios = outcome.ratios(name, reference, what)
    ratio = statistics.median(ratios)
    return Row(
        name=label,
        reference=micros(outcome.median(reference, what)),
        measured=micros(outcome.median(name, what)),
        ratio=f"{ratio:.2f}",
        spread=_spread(ratios),
        target="" if most is None else f"≤ {most:.2f}",
        met="" if most is None else verdict(ratio <= most),
    )


def verdict(met: bool) -> str:
    """Whether a target is met; a miss is meant to be seen."""
    return "yes" if met else "NO"


def per_second(value: float) -> str:
    """A rate."""
    return f"{value:,.0f}/s" if value >= 1000 else f"{value:.1f}/s"


def micros(value: float) -> str:
    """A time that was measured in microseconds."""
    if value >= 1_000_000:
        return f"{value / 1e6:.2f} s"
    return f"{value / 1000:.2f} ms" if value >= 1000 else f"{value:.0f} µs"


def mebibytes(value: float) -> str:
    """An amount of memory."""
    return f"{value:.1f} MiB"


def _spread(ratios: Sequence[float]) -> str:
    return f"{min(ratios):.2f}–{max(ratios):.2f}"


def terminal(sections: Sequence[Section]) -> str:
    """All sections, their columns aligned alike."""
    rows = [HEADINGS, *(row.cells() for section in sections for row in section.rows if not row.missing)]
    widths = [max(len(cells[column]) for cells in rows) for column in range(len(HEADINGS))]

    def line(cells: Sequence[str]) -> str:
        aligned = (
            cell.rjust(width) if column in NUMERIC else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return "  " + "  ".join(aligned).rstrip()

    shown: list[str] = []
    for section in sections:
        shown += ["", section.caption(), line(HEADINGS)]
        for row in section.rows:
            shown.append(f"  {row.name}: not measured: {row.missing}" if row.missing else line(row.cells()))
    return "\n".join(shown[1:])


def markdown(sections: Sequence[Section]) -> str:
    """The same as Markdown tables, one for each section, without the columns that are empty in all its rows."""
    parts = []
    for section in sections:
        rows = [row.cells() for row in section.rows]
        used = [0, *(column for column in range(1, len(HEADINGS)) if any(cells[column] for cells in rows))]
        lines = [f"**{section.caption()}**", "", _line([HEADINGS[column] for column in used])]
        lines.append("|" + "|".join("---:" if column in NUMERIC else "---" for column in used) + "|")
        lines += [_line([cells[column] for column in used]) for cells in rows]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
