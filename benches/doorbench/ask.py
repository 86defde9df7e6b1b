"""One kept connection that asks and reads the answer: for checks, and where each answer's time counts."""

import socket
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """A response, with its headers as they came."""

    status: int
    head: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first header of this name, in lower case."""
        return next((value for key, value in self.head if key == name), None)


class Connection:
    """To a port of loopback."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self, request: bytes) -> Answer:
        """Sends a whole request and reads the whole answer."""
        self._socket.sendall(request)
        while b"\r\n\r\n" not in self._rest:
            self._read()
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        pairs = tuple((name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines))
        answer = Answer(int(first.split()[1]), pairs, b"")
        length = int(answer.header("content-length") or 0)
        while len(self._rest) < length:
            self._read()
        body, self._rest = self._rest[:length], self._rest[length:]
        return Answer(answer.status, pairs, body)

    def _read(self) -> None:
        more = self._socket.recv(65536)
        if not more:
            raise ConnectionError("the connection was closed before the answer was complete")
        self._rest += more


def verify_head(port: int) -> str:
    """The head of a subrequest as nginx sends it, up to the value of the session cookie.

    A real one has the visitor's other headers too. They cost every server the same and would only bring ratios nearer
    to 1, so they are left out.
    """
    lines = [
        "GET /verify/nginx/bench HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "X-Original-Method: GET",
        "X-Original-URL: http://localhost/orders/2048?page=3",
        "X-Forwarded-For: 127.0.0.1",
        "Cookie: SESSION=",
    ]
    return "\r\n".join(lines)


def visit_head(port: int) -> str:
    """The head of a visitor's request to the proxy, up to the value of the session cookie."""
    return f"GET /orders/2048?page=3 HTTP/1.1\r\nHost: localhost:{port}\r\nCookie: SESSION="


def sign_out(port: int, cookie: str) -> bytes:
    """The request that ends a session."""
    lines = [
        "POST /logout HTTP/1.1",
        f"Host: localhost:{port}",
        "Accept: application/json",
        "Content-Length: 0",
        f"Cookie: SESSION={cookie}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def verify(port: int, cookie: str) -> bytes:
    """The question whether the holder of this cookie may pass."""
    return f"{verify_head(port)}{cookie}\r\n\r\n".encode()
