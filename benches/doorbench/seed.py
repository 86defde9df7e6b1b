"""Filling the stores: sessions 0 to n - 1, without signing anybody in.

The tables are those of migrations/; a session's row is what a sign-in at this moment would have written.
"""

import sqlite3
import time
from pathlib import Path

from . import ids
from .doorward import Binary, Store
from .ids import APP, DEVICE, POOL
from .servers import Postgres

DAYS = 20
"""How long the sessions last."""


def password_hash(binary: Binary, folder: Path) -> str:
    """A hash of the password that all users have, made by the binary itself."""
    path = folder / "hash.db"
    binary.add_user(Store("SQLite", f"sqlite://{path}"), "hash@example.com")
    database = sqlite3.connect(path)
    try:
        found: tuple[str] = database.execute("SELECT password_hash FROM users").fetchone()
    finally:
        database.close()
    return found[0]


def sqlite(binary: Binary, folder: Path, sessions: int, hashed: str) -> Store:
    """A file with so many sessions."""
    path = folder / f"sessions-{sessions}.db"
    store = Store("SQLite", f"sqlite://{path}")
    binary.migrate(store)
    now = int(time.time() * 1e6)
    users = ids.users(sessions)
    database = sqlite3.connect(path)
    try:
        database.execute("PRAGMA synchronous = OFF")
        database.executemany(
            "INSERT INTO users (id, pool, email, password_hash, created_at) VALUES (?, ?, ?, ?, ?)",
            ((ids.user_id(user).bytes, POOL, ids.email(user), hashed, now) for user in range(users)),
        )
        owners = [ids.user_id(user).bytes for user in range(users)]
        until = now + DAYS * 86_400 * 1_000_000
        # The primary key is the order of the table: sorted, a million rows take seconds and not minutes.
        rows = sorted((ids.id_hash(number), owners[number % users]) for number in range(sessions))
        database.executemany(
            "INSERT INTO sessions (id_hash, pool, app, user_id, epoch, created_at, signed_in_at, last_seen_at,"
            " expires_at, factors, remembered, device) VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, 'password', TRUE, ?)",
            ((key, POOL, APP, owner, now, now, now, until, DEVICE) for key, owner in rows),
        )
        database.commit()
        database.execute("ANALYZE")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        database.close()
    return store


POSTGRES = """
BEGIN;
INSERT INTO users (id, pool, email, password_hash, created_at)
    SELECT md5('user-' || n)::uuid, '{pool}', 'user-' || n || '@example.com', '{hashed}', now()
    FROM generate_series(0, {users} - 1) AS n;
INSERT INTO sessions (id_hash, pool, app, user_id, epoch, created_at, signed_in_at, last_seen_at, expires_at,
                      factors, remembered, device)
    SELECT sha256(decode(md5('session-' || n), 'hex')), '{pool}', '{app}', md5('user-' || n % {users})::uuid, 0,
           now(), now(), now(), now() + interval '{days} days', 'password', TRUE, '{device}'
    FROM generate_series(0, {sessions} - 1) AS n;
COMMIT;
VACUUM ANALYZE users, sessions;
"""


def postgres(binary: Binary, server: Postgres, sessions: int, hashed: str, name: str = "sessions") -> Store:
    """A database with so many sessions."""
    name = f"{name}_{sessions}"
    server.sql("postgres", f"CREATE DATABASE {name};")
    store = Store("PostgreSQL", server.url(name))
    binary.migrate(store)
    users = ids.users(sessions)
    server.sql(
        name,
        POSTGRES.format(
            pool=POOL, app=APP, device=DEVICE, hashed=hashed, users=users, sessions=sessions, days=DAYS
        ),
    )
    return store
