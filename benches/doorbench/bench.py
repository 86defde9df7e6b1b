"""What every section has at hand: the programs, the cores, how long to measure, and filled stores."""

import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from . import ids, seed, seed_redis, wrk
from .ask import Connection, verify, verify_head, visit_head
from .contest import Contender
from .doorward import Binary, Node, Store
from .machine import Cores
from .process import Failed, Process
from .servers import Postgres, Redis
from .wrk import Drive, Sample

PATIENT = 20
LATE = 0.005
"""The share of questions to a store that the machine may hold up for too long."""
STORES = ("SQLite", "PostgreSQL", "Redis")


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    rounds: int
    seconds: float
    few: int
    many: int
    starts: int
    revocations: int
    connections: int = 64


FULL = Plan(rounds=7, seconds=4, few=ids.HOT, many=1_000_000, starts=11, revocations=400)
QUICK = Plan(rounds=3, seconds=1, few=ids.HOT, many=100_000, starts=5, revocations=100)


class Stores:
    """Stores filled with so many sessions. Each is filled when it is first asked for; servers run until the end."""

    def __init__(self, stack: ExitStack, binary: Binary, cores: Cores, folder: Path) -> None:
        self._stack = stack
        self._binary = binary
        self._cores = cores
        self._folder = folder
        self._filled: dict[tuple[str, int], Store] = {}
        self._postgres: Postgres | None = None
        self._hash = ""

    def missing(self, name: str) -> str:
        """Why this store can't be measured; empty when it can."""
        return self._binary.without_redis() if name == "Redis" else ""

    def get(self, name: str, sessions: int) -> Store:
        """The store with so many sessions. Sections that end or begin sessions take a number of their own."""
        found = self._filled.get((name, sessions))
        if found is None:
            tell(f"filling {name} with {sessions:,} sessions")
            found = self._fill(name, sessions)
            self._filled[name, sessions] = found
        return found

    def _fill(self, name: str, sessions: int) -> Store:
        if not self._hash:
            self._hash = seed.password_hash(self._binary, self._folder)
        if name == "SQLite":
            return seed.sqlite(self._binary, self._folder, sessions, self._hash)
        if self._postgres is None:
            self._postgres = self._stack.enter_context(Postgres(self._cores.stores, self._folder))
        if name == "PostgreSQL":
            return seed.postgres(self._binary, self._postgres, sessions, self._hash)
        if reason := self.missing(name):
            raise Failed(reason)
        server = self._stack.enter_context(Redis(f"{sessions:,} sessions", self._cores.stores, self._folder))
        accounts = seed.postgres(self._binary, self._postgres, sessions, self._hash, "accounts")
        store = Store("Redis", accounts.database_url, server.url())
        config = self._binary.config(store)
        with Node(self._binary, config, self._cores.stores, self._folder, "Doorward for the first session") as node:
            seed_redis.fill(server, node, sessions)
        return store


class Bench:
    """The parts, put together."""

    def __init__(
        self, stack: ExitStack, folder: Path, programs: tuple[Binary, Path], cores: Cores, plan: Plan
    ) -> None:
        self.folder = folder
        self.binary, self.baseline = programs
        self.cores = cores
        self.plan = plan
        self.stores = Stores(stack, self.binary, cores, folder)
        self.verify_script = wrk.script(folder, "verify")
        self.login_script = wrk.script(folder, "login")
        self._cookies: dict[int, Path] = {}

    def node(self, store: Store, core: int, name: str = "", cache: int = 0) -> Node:
        """A node that is not yet running; `cache` is how many sessions it may hold there, 0 the default."""
        config = self.binary.config(store, cache=cache)
        return Node(self.binary, config, core, self.folder, name or f"Doorward on {store.name}")

    def cookies(self, count: int) -> Path:
        """A file with the cookies of so many sessions."""
        if count not in self._cookies:
            self._cookies[count] = ids.write_cookies(self.folder / f"cookies-{count}", count)
        return self._cookies[count]

    def asked(self, port: int, *, sessions: int, first: int = 0, pause: int = 0, connections: int = 0) -> Drive:
        """The question of a proxy, for one session after the other."""
        return self._drive(port, verify_head(port), (first, sessions, pause), connections)

    def visited(self, port: int, *, sessions: int) -> Drive:
        """The request of a visitor, sent to the proxy."""
        return self._drive(port, visit_head(port), (0, sessions, 0), 0)

    def _drive(self, port: int, head: str, numbers: tuple[int, int, int], connections: int) -> Drive:
        file = self.folder / f"head-{port}"
        file.write_bytes(head.encode())
        first, sessions, pause = numbers
        words = (str(file), str(self.cookies(sessions)), str(first), str(sessions), str(pause))
        return Drive(port, self.verify_script, words, connections or self.plan.connections, self.cores.driver)

    def introduce(self, name: str, port: int) -> None:
        """Asks a server for each hot session, one after the other, so that none is new to it when the driver comes."""
        with Connection(port) as connection:
            for number in range(ids.HOT):
                pass_one(name, connection, verify(port, ids.cookie(number)))

    def warm(self, name: str, port: int, server: Process) -> Contender:
        """A server that is asked for the hot sessions alone."""
        self.introduce(name, port)
        drive = self.asked(port, sessions=ids.HOT)
        return Contender(name, lambda seconds: wrk.measure(drive, seconds, [server], name))

    def cold(self, name: str, port: int, server: Process, sessions: int) -> Contender:
        """A server that is asked for another session each time, from the first to the last and then over again."""
        asked = 0

        def drive(seconds: float) -> Sample:
            nonlocal asked
            question = replace(self.asked(port, sessions=sessions, first=asked), late=LATE)
            sample = wrk.measure(question, seconds, [server], name)
            asked += sample.requests + self.plan.connections
            return sample

        return Contender(name, drive)


def pass_one(name: str, connection: Connection, question: bytes) -> None:
    """Asks until the session passes: on a busy machine its store may be late at first, and not for ever."""
    if not any(connection.ask(question).status == 200 for _ in range(PATIENT)):
        raise Failed(f"{name} does not let a session pass: {connection.ask(question)}")


BEGUN = time.monotonic()


def tell(what: str) -> None:
    """A line for those who wait, on standard error."""
    print(f"bench: {time.monotonic() - BEGUN:5.0f} s  {what}", file=sys.stderr, flush=True)


