"""What is measured: one module for each section of the table. Each has `measure`, which returns the section."""

from collections.abc import Callable, Mapping

from ..bench import Bench
from ..table import Section
from . import behind_nginx, cold, direct, logins, nodes, pieces, size, start

SECTIONS: Mapping[str, Callable[[Bench], Section]] = {
    "verify": direct.measure,
    "nginx": behind_nginx.measure,
    "cold": cold.measure,
    "nodes": nodes.measure,
    "logins": logins.measure,
    "size": size.measure,
    "start": start.measure,
    "pieces": pieces.measure,
}
