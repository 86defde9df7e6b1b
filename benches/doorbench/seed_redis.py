"""Filling Redis: the record of one real sign-in, written over and over with other ids and other users.

So the format of a record is Doorward's own, whatever it is. Only three things have to be known of it: the name of a
record is the base64url of the first 16 bytes of the session's hash, the record bears those bytes, and it has its user's
id as text (src/sessions/redis). A user's own key holds no name of the user.
"""

import base64
import hashlib
import json
import socket
from collections.abc import Iterable, Iterator

from . import ids
from .ask import Connection, verify
from .doorward import Node
from .ids import PASSWORD
from .process import Failed
from .seed import DAYS
from .servers import Redis

BATCH = 1_000
ACCOUNT = "doorward:user:"
OK = b"+OK\r\n"


def fill(server: Redis, node: Node, sessions: int) -> None:
    """Writes sessions 0 to `sessions` - 1 and their users. The node is a Doorward on this Redis, with its accounts."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        template, of_template = _template(connection, node)
        account = _get(connection, _account(0))
        users = ids.users(sessions)
        needed = (of_template[::-1], str(ids.user_id(0)).encode())
        if any(template.count(part) != 1 for part in needed):
            raise Failed(f"a record in Redis is not what the benchmark takes it for: {template!r}")
        before, between, after = _split(template, needed)
        # Their order in the record decides which of the two comes first in each copy.
        id_first = template.index(needed[0]) < template.index(needed[1])

        def records() -> Iterator[tuple[bytes, bytes]]:
            owners = [str(ids.user_id(user)).encode() for user in range(users)]
            for number in range(sessions):
                name = ids.id_hash(number)[:16]
                parts = (name[::-1], owners[number % users])
                first, second = parts if id_first else parts[::-1]
                yield _name(name), before + first + between + second + after

        _write(connection, records())
        _write(connection, ((_account(user), account) for user in range(users)))


def _template(connection: socket.socket, node: Node) -> tuple[bytes, bytes]:
    """The record that a sign-in of the first user leaves, and the beginning of the hash that it is named by."""
    body = json.dumps({"email": ids.email(0), "password": PASSWORD, "remember": True})
    head = f"POST /login HTTP/1.1\r\nHost: localhost:{node.public}\r\nAccept: application/json\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with Connection(node.public) as pages:
        answer = pages.ask((head + body).encode())
    cookies = [value for name, value in answer.head if name == "set-cookie" and value.startswith("SESSION=")]
    if answer.status != 200 or len(cookies) != 1:
        raise Failed(f"nobody can sign in with sessions in Redis: {answer}")
    token = cookies[0].removeprefix("SESSION=").partition(";")[0]
    name = hashlib.sha256(base64.urlsafe_b64decode(token + "==")).digest()[:16]
    with Connection(node.internal) as asked:
        # Now the user has a key.
        if asked.ask(verify(node.internal, token)).status != 200:
            raise Failed("who has signed in with sessions in Redis does not pass")
    return _get(connection, _name(name)), name


def _split(template: bytes, parts: tuple[bytes, bytes]) -> tuple[bytes, bytes, bytes]:
    first, second = sorted(parts, key=template.index)
    before, _, rest = template.partition(first)
    between, _, after = rest.partition(second)
    return before, between, after


def _name(name: bytes) -> bytes:
    return base64.urlsafe_b64encode(name).rstrip(b"=")


def _account(user: int) -> bytes:
    return f"{ACCOUNT}{ids.user_id(user)}".encode()


def _command(*words: bytes) -> bytes:
    parts = [b"*%d\r\n" % len(words)]
    parts += [b"$%d\r\n%b\r\n" % (len(word), word) for word in words]
    return b"".join(parts)


def _get(connection: socket.socket, key: bytes) -> bytes:
    connection.sendall(_command(b"GET", key))
    answer = connection.recv(65536)
    length, _, rest = answer.partition(b"\r\n")
    if not length.startswith(b"$") or int(length[1:]) != len(rest) - 2:
        raise Failed(f"Redis has nothing under {key.decode()}: {answer!r}")
    return rest[:-2]


def _write(connection: socket.socket, pairs: Iterable[tuple[bytes, bytes]]) -> None:
    until = str(DAYS * 86_400).encode()
    batch: list[bytes] = []
    for key, value in pairs:
        batch.append(_command(b"SET", key, value, b"EX", until))
        if len(batch) == BATCH:
            _send(connection, batch)
    _send(connection, batch)


def _send(connection: socket.socket, batch: list[bytes]) -> None:
    connection.sendall(b"".join(batch))
    wanted = OK * len(batch)
    answered = b""
    while len(answered) < len(wanted):
        more = connection.recv(65536)
        answered += more
        if not more or not wanted.startswith(answered):
            raise Failed(f"Redis refused a session: {answered[-200:]!r}")
    batch.clear()
