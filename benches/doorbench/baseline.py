"""The bare axum handler, with the very headers that Doorward sends."""

from pathlib import Path

from . import process
from .ask import Answer, Connection, verify
from .ids import cookie
from .process import Failed, Process


class Baseline:
    """Runs until the end of its `with` block. `like` is the internal port of a Doorward, whose answer it repeats."""

    def __init__(self, binary: Path, like: int, core: int, folder: Path) -> None:
        with Connection(like) as doorward:
            self._wanted = doorward.ask(verify(like, cookie(0)))
        value = self._wanted.header("x-userid")
        if self._wanted.status != 200 or value is None:
            raise Failed(f"Doorward does not let the first session pass: {self._wanted}")
        self.process = Process("the bare handler", [str(binary), value], core, folder / f"baseline-{like}.log")
        self.port = 0

    def __enter__(self) -> "Baseline":
        try:
            self.port = self.process.until("an address", self._port)
            self.process.until("ready", lambda: process.accepts(self.port))
            self._compare()
        except BaseException:
            self.process.end()
            raise
        return self

    def _port(self) -> int | None:
        line, end, _ = self.process.text().partition("\n")
        return int(line.rpartition(":")[2]) if end else None

    def _compare(self) -> None:
        """Both answers have to have the same headers with values of the same lengths."""
        with Connection(self.port) as connection:
            own = connection.ask(verify(self.port, cookie(0)))
        if _shape(own) != _shape(self._wanted):
            raise Failed(f"the bare handler does not answer as Doorward does:\n{own}\n{self._wanted}")

    def __exit__(self, *_: object) -> None:
        self.process.end()


def _shape(answer: Answer) -> object:
    return answer.status, len(answer.body), sorted((name, len(value)) for name, value in answer.head)
