"""Several servers driven in turn, round after round, so that whatever else the machine does hits all alike."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .wrk import Sample


@dataclass(frozen=True)
class Contender:
    """One of those that are compared."""

    name: str
    drive: Callable[[float], Sample]
    """Drives it for so many seconds."""


@dataclass
class Outcome:
    """The samples of each contender, one for each round."""

    samples: dict[str, list[Sample]] = field(default_factory=dict)

    def median(self, name: str, what: Callable[[Sample], float]) -> float:
        """The median of a figure over all rounds."""
        return statistics.median(what(sample) for sample in self.samples[name])

    def ratios(self, name: str, reference: str, what: Callable[[Sample], float]) -> list[float]:
        """The figure over the reference's of the same round, for each round."""
        pairs = zip(self.samples[name], self.samples[reference], strict=True)
        return [what(sample) / max(what(other), 1e-9) for sample, other in pairs]


def hold(contenders: Sequence[Contender], rounds: int, seconds: float, tell: Callable[[str], None]) -> Outcome:
    """Warms all up, then drives them in turn. Each round begins with another one."""
    for contender in contenders:
        tell(f"warming up: {contender.name}")
        contender.drive(max(1, seconds / 2))
    outcome = Outcome({contender.name: [] for contender in contenders})
    for turn in range(rounds):
        first = turn % len(contenders)
        for contender in [*contenders[first:], *contenders[:first]]:
            sample = contender.drive(seconds)
            outcome.samples[contender.name].append(sample)
            tell(
                f"round {turn + 1} of {rounds}: {contender.name}: {sample.rate:,.0f}/s, "
                f"{sample.cpu:.1f} µs of its core each"
            )
    return outcome


def rate(sample: Sample) -> float:
    """Requests in a second."""
    return sample.rate


def cpu(sample: Sample) -> float:
    """Processor time for one request, in microseconds."""
    return sample.cpu


def busy(sample: Sample) -> float:
    """How much of its core the measured server had."""
    return sample.busy


def p99(sample: Sample) -> float:
    """The time that one request in a hundred exceeds, in microseconds."""
    return sample.p99


def p50(sample: Sample) -> float:
    """The time that half of the requests exceed, in microseconds."""
    return sample.p50
