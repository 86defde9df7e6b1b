"""The machine: what it is called in the table, and which core each part of a measurement gets."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cores:
    """Which core each part runs on.

    The measured server is alone on its core, for only then does its throughput say what a request costs it. With
    fewer than four cores the other parts share what is left.
    """

    measured: int
    driver: int
    stores: int
    second: int
    """The server that is there but not measured: the second node, or what nginx asks."""

    @property
    def has_room_for_two(self) -> bool:
        """Whether two servers can be driven at once without taking time from each other or from the driver."""
        return len({self.measured, self.driver, self.second}) == 3


def cores() -> Cores:
    """Shares out the cores that this process may use.

    The first, which the system likes for its own work, is not for what is measured.
    """
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) == 1:
        only = usable[0]
        return Cores(measured=only, driver=only, stores=only, second=only)
    if len(usable) == 2:
        rest, measured = usable
        return Cores(measured=measured, driver=rest, stores=rest, second=rest)
    if len(usable) == 3:
        rest, second, measured = usable
        return Cores(measured=measured, driver=rest, stores=second, second=second)
    stores, driver, second, measured = usable[0], usable[-3], usable[-2], usable[-1]
    return Cores(measured=measured, driver=driver, stores=stores, second=second)


def sharing(plan: Cores) -> str:
    """What shares a core, in words for the table."""
    usable = len(os.sched_getaffinity(0))
    if usable == 1:
        return "everything shares the only core, so only the ratios say something"
    if usable == 2:
        return (
            "the measured server has a core to itself, everything else shares the other; "
            "behind nginx the measured server is nginx"
        )
    if not plan.has_room_for_two or plan.stores == plan.second:
        return "the measured server and the driver have a core each, everything else shares the third"
    return "every part has a core to itself"


def description() -> str:
    """CPU model, cores and kernel; no name of a host."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    count = len(os.sched_getaffinity(0))
    kernel = platform.release().split("-")[0]
    return f"{model}, {count} core{'s' if count > 1 else ''}, {platform.system()} {kernel}"


def load() -> float:
    """How many processes wanted to run during the last minute, on average."""
    return os.getloadavg()[0]
