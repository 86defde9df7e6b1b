"""PostgreSQL and Redis: servers of our own on loopback, with data in the benchmark's folder."""

import os
import shutil
import signal
from pathlib import Path

from . import process
from .process import Failed, Process

UNPRIVILEGED = "postgres"
"""PostgreSQL refuses to run as root; its package brings this user."""


class Postgres:
    """A cluster of its own, until the end of its `with` block. What it holds is not worth a flush to the disk."""

    def __init__(self, core: int, folder: Path) -> None:
        self._user = UNPRIVILEGED if os.geteuid() == 0 else None
        self._programs = _newest_postgres()
        self.port = process.free_port()
        own = folder / "postgres"
        own.mkdir()
        if self._user is not None:
            shutil.chown(own, self._user)
        data = own / "data"
        self._once([
            str(self._programs / "initdb"), "-D", str(data), "-U", "doorward", "--auth=trust",
            "--encoding=UTF8", "--locale=C", "--no-sync",
        ])
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "100",
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "max_wal_size": "4GB",
            "shared_buffers": "512MB",
        }
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        command = [str(self._programs / "postgres"), "-D", str(data), *options]
        log = folder / "postgres.log"
        self.process = Process("PostgreSQL", command, core, log, user=self._user, stop=signal.SIGINT)

    def _once(self, command: list[str]) -> None:
        if self._user is not None:
            command = ["setpriv", f"--reuid={self._user}", f"--regid={self._user}", "--init-groups", "--", *command]
        process.run(command)

    def __enter__(self) -> "Postgres":
        try:
            self.process.until("ready", self._answers, pause=0.1)
        except BaseException:
            self.process.end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.process.end()

    def _answers(self) -> bool | None:
        try:
            return self.sql("postgres", "SELECT 1;") is not None
        except Failed:
            return None

    def url(self, database: str) -> str:
        """The URL of one of its databases."""
        return f"postgres://doorward@127.0.0.1:{self.port}/{database}?sslmode=disable"

    def sql(self, database: str, statements: str) -> str:
        """Runs statements, all or none."""
        command = [str(self._programs / "psql"), "--no-psqlrc", "--quiet", "--tuples-only", "--no-align"]
        command += ["--set=ON_ERROR_STOP=1", "--file=-", self.url(database)]
        return process.run(command, text=statements)


def _newest_postgres() -> Path:
    found = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").is_file()]
    if not found:
        raise Failed("PostgreSQL is missing: run scripts/setup bench")
    return max(found, key=lambda path: int(path.parent.name))


class Redis:
    """A server of its own in memory alone, until the end of its `with` block."""

    def __init__(self, name: str, core: int, folder: Path) -> None:
        self.port = process.free_port()
        command = ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(folder)]
        command += ["--save", "", "--appendonly", "no", "--daemonize", "no"]
        self.process = Process(f"Redis for {name}", command, core, folder / f"redis-{self.port}.log")

    def __enter__(self) -> "Redis":
        try:
            self.process.until("ready", lambda: process.accepts(self.port))
        except BaseException:
            self.process.end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.process.end()

    def url(self) -> str:
        """The URL of the server."""
        return f"redis://127.0.0.1:{self.port}"
