#!/usr/bin/env python3
"""A small app behind Doorward, with the standard library of Python alone.

It has no sign-in, no passwords and no sessions. All it does about authentication is `Door.visitor`: it checks the one
`X-UserId` of each request with the key that it shares with Doorward.

    python3 app.py --port 3000 --keys shop.keys --app shop
"""

import argparse
import base64
import hmac
import html
import json
import re
import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit


class Door:
    """Knows who is asking, or that nobody can know."""

    FORM = re.compile(r"([a-z0-9-]{1,64})\.([1-9][0-9]{0,11})\.([A-Za-z0-9_-]{43})")

    def __init__(self, app, keys):
        self.app, self.keys = app, keys

    def visitor(self, values):
        """The user's id, or None if nobody is signed in. `values` is every X-UserId of the request, as a list."""
        header = self.FORM.fullmatch(values[0]) if len(values) == 1 else None
        if not header:
            raise PermissionError("not exactly one well-formed X-UserId")
        subject, signed_at, mac = header.groups()
        text = "\n".join(["doorward-identity-v1", self.app, subject, signed_at, "app", "", "", ""])
        if not any(hmac.compare_digest(mac.encode(), sign(key, text)) for key in self.keys):
            raise PermissionError("X-UserId was not signed for this app")
        if not -10 <= time.time() - int(signed_at) <= 60:
            raise PermissionError("X-UserId was not signed within the last minute")
        return None if subject == "anonymous" else subject


def sign(key, text):
    return base64.urlsafe_b64encode(hmac.digest(key, text.encode(), "sha256")).rstrip(b"=")


def read_keys(path):
    """One key a line, in hex; what follows a # does not count. While a key is changed there are two."""
    lines = (line.split("#")[0].strip(" \t") for line in Path(path).read_text("ascii").splitlines())
    keys = [bytes.fromhex(line) for line in lines if line]
    if not keys or min(map(len, keys)) < 32:
        sys.exit(f"{path} holds no key, or one of less than 32 bytes")
    return keys


GUEST = '<a href="/login?rd=/orders">Sign in</a> · <a href="/register?rd=/orders">Create an account</a>'
# On a public page Doorward says `anonymous` of everybody. This link is right for all: it asks guests to sign in first.
ANYBODY = '<a href="/account">Your account</a>'


class App(BaseHTTPRequestHandler):
    """The pages. `door` and `probe` are set at the start."""

    door = None
    probe = False
    timeout = 30

    def do_GET(self):
        path = urlsplit(self.path).path
        if path == "/.doorward-probe" and self.probe:
            return self.send(200, "application/json", json.dumps(self.seen()))
        try:
            visitor = self.door.visitor(self.headers.get_all("X-UserId", []))
        except PermissionError as reason:
            self.log_error("refused: %s", reason)
            return self.page(403, None, "Not through the door", UNPROVEN, who="")
        if path == "/":
            return self.page(200, visitor, "Oak &amp; Ink", HOME, who=ANYBODY)
        if path == "/news/today":
            return self.page(200, visitor, "Today", greeting(visitor))
        if path == "/orders":
            if visitor is None:
                return self.redirect("/login?rd=/orders")
            return self.page(200, visitor, "Your orders", ORDERS.format(user=html.escape(visitor)))
        return self.page(404, visitor, "No such page", BACK)

    do_HEAD = do_GET

    def seen(self):
        """For `doorward doctor`: the time here, and the telling ones among the headers that reach the app."""
        telling = re.compile(
            r"x-user(id|token)|forwarded|x-(forwarded|original|rewrite)-.*|x-http-method.*|x-method-override"
            r"|connection|upgrade"
        )
        lines = [line for line in self.headers.items() if telling.fullmatch(re.sub("[_.]", "-", line[0].lower()))]
        return {"time": int(time.time()), "headers": lines}

    def page(self, status, visitor, title, body, who=GUEST):
        if visitor:
            who = f'Signed in as <b>{html.escape(visitor[:8])}</b> · <a href="/logout">Sign out</a>'
        self.send(status, "text/html; charset=utf-8", PAGE.format(title=title, who=who, body=body))

    def redirect(self, location):
        self.send(302, "text/plain; charset=utf-8", "", ("Location", location))

    def send(self, status, kind, body, *headers):
        content = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        # The same address shows other people other things.
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def greeting(visitor):
    """A page that everybody may see, and that knows who is signed in."""
    name = f"reader <b>{html.escape(visitor[:8])}</b>" if visitor else "guest"
    return f"<p>Good day, {name}. Fresh ink has arrived.</p>{BACK}"


BACK = '<p><a href="/">To the shop</a></p>'
UNPROVEN = "<p>This request did not come from Doorward.</p>"
HOME = """
<p>A public page: everybody may see it, and the app is told of nobody.</p>
<ul>
<li><a href="/news/today">Today's news</a> is for everybody too, and greets those who are signed in.</li>
<li><a href="/orders">Your orders</a> are for users alone.</li>
</ul>"""
ORDERS = """
<p>Only you see this page. To the shop you are</p>
<p><code>{user}</code></p>
<p>and nothing else: Doorward keeps your address and your password.</p>
<p><a href="/">To the shop</a></p>"""
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title} · Oak &amp; Ink</title>
<style>
:root {{ color-scheme: light dark; --ink: light-dark(#2b2118, #ece3d8); --oak: light-dark(#8a4b16, #e0a36a);
  --paper: light-dark(#faf6f0, #1d1814) }}
body {{ margin: 0; font: 1.05rem/1.6 system-ui, sans-serif; color: var(--ink); background: var(--paper) }}
header, main {{ max-width: 38rem; margin: auto; padding: 1rem 1.25rem }}
header {{ border-bottom: 1px solid color-mix(in srgb, var(--oak) 40%, transparent) }}
h1 {{ font: 2rem/1.2 Georgia, serif }}
a {{ color: var(--oak) }}
code {{ font-size: .95rem; overflow-wrap: anywhere }}
</style>
<header>{who}</header>
<main><h1>{title}</h1>{body}</main>
</html>
"""


def main():
    words = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    words.add_argument("--host", default="127.0.0.1", help="where to listen [default: %(default)s]")
    words.add_argument("--port", type=int, default=3000, help="[default: %(default)s]")
    words.add_argument("--app", default="app", help="the app's id at Doorward [default: %(default)s]")
    words.add_argument("--keys", required=True, help="the file of the app's keys, the same that Doorward has")
    words.add_argument("--probe", action="store_true", help="show `doorward doctor` at /.doorward-probe what arrives")
    given = words.parse_args()
    App.door, App.probe = Door(given.app, read_keys(given.keys)), given.probe
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    server = ThreadingHTTPServer((given.host, given.port), App)
    print(f"The app listens on http://{given.host}:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
