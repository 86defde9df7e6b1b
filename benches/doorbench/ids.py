"""Sessions and users by number, so that every store can be filled, and asked, without a list of them.

The id of session `n` is the MD5 of a text with that number: SQL can say that too. Stores keep the SHA-256 of an id
(src/sessions/token.rs); the cookie is its base64url.
"""

import base64
import hashlib
import uuid
from pathlib import Path

POOL = APP = "bench"
DEVICE = "Firefox on Linux"
PASSWORD = "correct horse battery staple"
USERS = 10_000
"""At most so many users share the sessions."""

HOT = 1_000
"""So many sessions are asked for again and again where the cache is warm."""


def _md5(text: str) -> bytes:
    return hashlib.md5(text.encode(), usedforsecurity=False).digest()


def session_id(number: int) -> bytes:
    """The secret id of a session."""
    return _md5(f"session-{number}")


def cookie(number: int) -> str:
    """The id as its cookie has it."""
    return base64.urlsafe_b64encode(session_id(number)).rstrip(b"=").decode()


def id_hash(number: int) -> bytes:
    """What stores keep of the id."""
    return hashlib.sha256(session_id(number)).digest()


def users(sessions: int) -> int:
    """How many users so many sessions belong to. User `n % users` owns session `n`."""
    return min(sessions, USERS)


def user_id(number: int) -> uuid.UUID:
    """The id of a user."""
    return uuid.UUID(bytes=_md5(f"user-{number}"))


def email(number: int) -> str:
    """The address of a user. All have the same password."""
    return f"user-{number}@example.com"


def write_cookies(path: Path, count: int) -> Path:
    """Writes the cookies of sessions 0 to `count` - 1, one after the other without any separator."""
    with path.open("w") as file:
        for start in range(0, count, 10_000):
            file.write("".join(cookie(number) for number in range(start, min(count, start + 10_000))))
    return path
