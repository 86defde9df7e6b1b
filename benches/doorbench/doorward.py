"""Doorward itself: its configuration, what a given binary knows of it, and a running node."""

import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from . import process
from .ask import Connection
from .ids import APP, PASSWORD
from .process import Failed, Process

KEY = secrets.token_hex(32)
READY = re.compile(r"public=127\.0\.0\.1:(\d+).*internal=127\.0\.0\.1:(\d+)")
NO_LIMITS = ("sign_in", "registration", "reset", "general")


@dataclass(frozen=True)
class Store:
    """Where a node keeps accounts and sessions."""

    name: str
    database_url: str
    redis_url: str = ""

    def sections(self) -> dict[str, list[str]]:
        """What it is in the configuration."""
        found = {"database": [f'url = "{self.database_url}"']}
        if self.redis_url:
            found["sessions"] = ['store = "redis"', f'redis_url = "{self.redis_url}"']
        return found


class Binary:
    """A doorward program."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.path = path
        self._folder = folder
        self._known: dict[str, str] = {}
        self._count = 0

    def version(self) -> str:
        """What it calls itself."""
        return process.run([str(self.path), "--version"]).strip()

    def objection(self, section: str, line: str) -> str:
        """What the binary has against this line of configuration; empty when it knows it."""
        if line not in self._known:
            config = self._write({"database": ['url = "sqlite://never-opened.db"'], section: line.split("\n")}, (0, 0))
            try:
                process.run([str(self.path), "--config", str(config), "check-config"])
                self._known[line] = ""
            except Failed as error:
                self._known[line] = str(error).strip().splitlines()[-1].strip(" -")
        return self._known[line]

    def without_redis(self) -> str:
        """Why this binary can't keep sessions in Redis; empty when it can."""
        return self.objection("sessions", 'store = "redis"\nredis_url = "redis://127.0.0.1:1"')

    def config(self, store: Store, ports: tuple[int, int] = (0, 0), cache: int = 0) -> Path:
        """A configuration with limits lifted where there are any: all requests come from one address.

        `cache` is how many sessions the cache may hold, where the binary has one; 0 is what it has by itself.
        """
        sections = store.sections()
        capacity = f"cache_capacity = {cache}"
        if cache and not self.objection("sessions", capacity):
            sections.setdefault("sessions", []).append(capacity)
        lifted = [f'{key} = "off"' for key in NO_LIMITS if not self.objection("limits", f'{key} = "off"')]
        if lifted:
            sections["limits"] = lifted
        return self._write(sections, ports)

    def _write(self, sections: dict[str, list[str]], ports: tuple[int, int]) -> Path:
        lines = ["[server]", f'listen = "127.0.0.1:{ports[0]}"', f'internal_listen = "127.0.0.1:{ports[1]}"']
        for section, keys in sections.items():
            lines += [f"[{section}]", *keys]
        # The rules of the example for nginx. The path that is asked for matches none of them.
        lines += [
            f"[apps.{APP}]",
            'hosts = ["localhost", "127.0.0.1"]',
            f'keys = ["{KEY}"]',
            "rules = [",
            '    { path = "/", access = "public" },',
            '    { path = "/news/*", access = "optional" },',
            '    { path = "/internal/*", access = "deny" },',
            "]",
        ]
        self._count += 1
        path = self._folder / f"doorward-{self._count}.toml"
        path.write_text("\n".join(lines) + "\n")
        return path

    def migrate(self, store: Store) -> None:
        """Makes the tables."""
        process.run([str(self.path), "--config", str(self.config(store)), "migrate"])

    def add_user(self, store: Store, email: str) -> None:
        """Adds a user with the password that all have."""
        line = [str(self.path), "--config", str(self.config(store)), "user", "add", email]
        process.run(line, text=f"{PASSWORD}\n")


class Node:
    """A running Doorward, until the end of its `with` block."""

    def __init__(self, binary: Binary, config: Path, core: int, folder: Path, name: str) -> None:
        self.name = name
        log = folder / f"{config.stem}.log"
        self.process = Process(self.name, [str(binary.path), "--config", str(config)], core, log)
        self.public, self.internal = 0, 0

    def __enter__(self) -> "Node":
        try:
            self.public, self.internal = self.process.until("ready", self._ports)
            self.process.until("ready", lambda: process.accepts(self.internal))
        except BaseException:
            self.process.end()
            raise
        return self

    def _ports(self) -> tuple[int, int] | None:
        found = READY.search(self.process.text())
        return (int(found[1]), int(found[2])) if found else None

    def __exit__(self, *_: object) -> None:
        self.process.end()


def start_up(binary: Binary, store: Store, core: int, folder: Path) -> float:
    """Milliseconds from the start of the process until `/readyz` answers 200."""
    ports = (process.free_port(), process.free_port())
    config = binary.config(store, ports)
    ask = f"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1:{ports[1]}\r\n\r\n".encode()

    def ready() -> bool | None:
        try:
            with Connection(ports[1]) as connection:
                return True if connection.ask(ask).status == 200 else None
        except OSError:
            return None

    command = [str(binary.path), "--config", str(config)]
    begun = time.perf_counter()
    with Process("doorward", command, core, folder / f"{config.stem}.log") as node:
        node.until("ready", ready, pause=0.001)
        return (time.perf_counter() - begun) * 1000
