#!/usr/bin/env python3
"""Write vectors.json, the cases that every verifier of X-UserId must pass.

    python3 sdk/generate_vectors.py            write sdk/vectors.json
    python3 sdk/generate_vectors.py --check    exit 1 if the file differs

README.md beside this file describes the format. This script signs with the
standard library alone and shares no code with any verifier; what a verifier has
to answer is stated case by case and never computed. It must not read the clock
or draw random numbers: its output is the same every time.
"""

import base64
import hashlib
import hmac
import json
import pathlib
import sys

TARGET = pathlib.Path(__file__).with_name("vectors.json")

NOW = 1_750_000_000
USER = "3f0c9a52-7d41-4b8e-9c66-1e5a0b2d7f83"
OTHER = "c81d4e2e-bcf2-4e6f-869b-7df9245c2b55"
APP = "shop"

# Sample keys: published, so Doorward refuses each of them at start.
KEY_A = bytes(range(0x00, 0x20)).hex()
KEY_B = bytes(range(0x20, 0x40)).hex()
KEY_C = bytes(range(0x40, 0x60)).hex()
KEY_BLOCK = bytes(range(0x60, 0xA0)).hex()  # 64 bytes: exactly one SHA-256 block
KEY_LONG = bytes(range(0xA0, 0x100)).hex()  # 96 bytes: HMAC hashes it first
SAMPLE_KEYS = [KEY_A, KEY_B, KEY_C, KEY_BLOCK, KEY_LONG]

# What the visitor asked for, as the app sees it.
REQUEST = {
    "scheme": "https",
    "method": "GET",
    "host": "shop.example",
    "uri": "/orders/7?page=2&sort=asc",
}

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


# --- signing, straight from section 3 of the design ------------------------------------


def text(subject=USER, time=NOW, app=APP, request=None, version="doorward-identity-v1", binding=None):
    """The eight lines that are signed; `request` is already canonical, None means app binding."""
    if binding is None:
        binding = "app" if request is None else "request"
    method, host, uri = ("", "", "")
    if request is not None:
        method, host, uri = request["method"], request["host"], request["uri"]
    return "\n".join([version, app, subject, str(time), binding, method, host, uri])


def mac(signed, key=KEY_A, digest=hashlib.sha256):
    tag = hmac.new(bytes.fromhex(key), signed.encode("latin-1"), digest).digest()
    return base64.urlsafe_b64encode(tag).decode("ascii").rstrip("=")


def header(subject=USER, time=NOW, key=KEY_A, **lines):
    return f"{subject}.{time}.{mac(text(subject, time, **lines), key)}"


def with_mac(tag, subject=USER, time=NOW):
    return f"{subject}.{time}.{tag}"


def asked(**changes):
    return {**REQUEST, **changes}


# --- verify: one header against one verifier -------------------------------------------

CASES = []


def add(rule, name, headers, user=None, error=None, **more):
    """One case. `error` is the code of both calls unless `optional_user` is set or the code is `anonymous`."""
    if isinstance(headers, str):
        headers = [headers]
    assert (user is None) != (error is None), name
    request = more.get("request")
    CASES.append(
        {
            "name": name,
            "rule": rule,
            "app": more.get("app", APP),
            "keys": more.get("keys", [KEY_A]),
            "binding": more.get("binding", "app" if request is None else "request"),
            "request": request,
            "now": more.get("now", NOW),
            "max_age": more.get("max_age", 60),
            "max_lead": more.get("max_lead", 10),
            "headers": headers,
            "user": user,
            "error": error,
            "optional_user": user,
            "optional_error": None if error == "anonymous" else error,
            "mac_input": more.get("mac_input"),
        }
    )


def good_cases():
    add("good", "app binding", header(), user=USER, mac_input=text())
    add("good", "request binding", header(request=REQUEST), user=USER, request=REQUEST, mac_input=text(request=REQUEST))
    add("good", "another user", header(OTHER), user=OTHER, mac_input=text(OTHER))
    add("good", "another app", header(app="billing-2"), user=USER, app="billing-2", mac_input=text(app="billing-2"))
    longest = "a0-" + "z" * 29
    add("good", "the longest app id", header(app=longest), user=USER, app=longest, mac_input=text(app=longest))
    add(
        "good",
        "app binding does not look at the request",
        header(),
        user=USER,
        binding="app",
        request=REQUEST,
        mac_input=text(),
    )
    add("good", "a mac that contains - and _", *dashed_header(), mac_input=text(time=dashed_time()), now=dashed_time())


def dashed_time():
    """The first second from NOW on whose mac shows both letters in which base64url differs."""
    time = NOW
    while not {"-", "_"} <= set(mac(text(time=time))):
        time += 1
    return time


def dashed_header():
    return header(time=dashed_time()), USER


def count_cases():
    add("one-header", "no header", [], error="missing")
    add("one-header", "two lines, both good", [header(), header()], error="repeated")
    add("one-header", "two lines, the second forged", [header(), with_mac("A" * 43)], error="repeated")
    add("one-header", "two lines, the first forged", [with_mac("A" * 43), header()], error="repeated")
    add("one-header", "two lines, a user and anonymous", [header(), header("anonymous")], error="repeated")
    add("one-header", "two lines, the second empty", [header(), ""], error="repeated")
    add("one-header", "two lines, the first empty", ["", header()], error="repeated")
    add("one-header", "three lines", [header()] * 3, error="repeated")
    add("list", "two good values with comma and space", header() + ", " + header(), error="list")
    add("list", "two good values with a bare comma", header() + "," + header(), error="list")
    add("list", "trailing comma", header() + ",", error="list")
    add("list", "leading comma", "," + header(), error="list")
    add("list", "a forged value before a good one", with_mac("A" * 43) + ", " + header(), error="list")
    add("list", "the empty value before a good one", ", " + header(), error="list")
    add("list", "semicolon instead of comma", header() + ";" + header(), error="fields_extra")


def field_cases():
    add("fields", "empty value", "", error="fields_missing")
    add("fields", "one space", " ", error="fields_missing")
    add("fields", "a user id alone, unsigned", USER, error="fields_missing")
    add("fields", "anonymous alone, unsigned", "anonymous", error="fields_missing")
    add("fields", "no mac field", f"{USER}.{NOW}", error="fields_missing")
    add("fields", "no time field", f"{USER}.{mac(text())}", error="fields_missing")
    add("fields", "a fourth field", header() + ".admin", error="fields_extra")
    add("fields", "a fourth field that is empty", header() + ".", error="fields_extra")
    add("fields", "an empty first field before three good ones", "." + header(), error="fields_extra")
    add("fields", "two dots in a row", header().replace(".", "..", 1), error="fields_extra")
    add("fields", "three empty fields", "..", error="subject")
    add("fields", "empty subject", header(""), error="subject")
    add("fields", "empty time", header(time=""), error="time")
    add("fields", "empty mac", with_mac(""), error="mac_length")
    add("fields", "fields separated by colons", header().replace(".", ":"), error="fields_missing")
    add("fields", "fields in the wrong order", f"{NOW}.{USER}.{mac(text())}", error="time")


def subject_cases():
    longest = "a" * 64
    add("subject", "64 characters", header(longest), user=longest, mac_input=text(longest))
    add("subject", "one character", header("7"), user="7", mac_input=text("7"))
    add("subject", "letters, digits and hyphens", header("-a0-z9-"), user="-a0-z9-", mac_input=text("-a0-z9-"))
    add("subject", "begins with anonymous", header("anonymous-1"), user="anonymous-1", mac_input=text("anonymous-1"))
    add("subject", "65 characters", header("a" * 65), error="subject")
    add("subject", "1,000 characters", header("a" * 1000), error="subject")
    add("case", "upper-case UUID, well signed", header(USER.upper()), error="subject_case")
    add("case", "upper-case UUID with the mac of the lower-case one", with_mac(mac(text()), USER.upper()), error="subject_case")
    add("case", "one upper-case letter", header(USER.replace("c", "C", 1)), error="subject_case")
    add("case", "Anonymous", header("Anonymous"), error="subject_case")
    add("case", "ANONYMOUS", header("ANONYMOUS"), error="subject_case")
    for name, subject in [
        ("underscore", "user_7"),
        ("e-mail address", "a@shop-example"),
        ("slash", "a/b"),
        ("percent-encoded letter", "%61"),
        ("braces around the UUID", "{" + USER + "}"),
        ("quotes around the value", '"' + USER + '"'),
        ("colon", "user:7"),
        ("plus", "a+b"),
        ("NUL", "a\x00"),
        ("line break", "a\nb"),
        ("carriage return", "a\rb"),
        ("DEL", "a\x7f"),
        ("Latin-1 letter", "caf\xe9"),
        ("two bytes of UTF-8", "caf\xc3\xa9"),
        ("invalid UTF-8", "a\xff"),
        ("full-width letter in UTF-8", "\xef\xbd\x81"),
    ]:
        add("subject", name, header(subject), error="subject")


def whitespace_cases():
    add("whitespace", "leading space", " " + header(), error="subject")
    add("whitespace", "leading tab", "\t" + header(), error="subject")
    add("whitespace", "trailing space", header() + " ", error="mac_length")
    add("whitespace", "trailing tab", header() + "\t", error="mac_length")
    add("whitespace", "trailing line break", header() + "\n", error="mac_length")
    add("whitespace", "trailing carriage return and line break", header() + "\r\n", error="mac_length")
    add("whitespace", "line break at the end of the subject", header(USER + "\n"), error="subject")
    add("whitespace", "line break at the end of the time", header(time=f"{NOW}\n"), error="time")
    add("whitespace", "line break as the last character of the mac", header()[:-1] + "\n", error="mac_encoding")
    add("whitespace", "space after the subject", header(USER + " "), error="subject")
    add("whitespace", "space before the time", header(time=f" {NOW}"), error="time")
    add("whitespace", "space after the time", header(time=f"{NOW} "), error="time")
    add("whitespace", "space before the mac", with_mac(" " + mac(text())), error="mac_length")
    add("whitespace", "no-break space in front", "\xa0" + header(), error="subject")


def time_cases():
    for name, time in [
        ("leading zero", f"0{NOW}"),
        ("many leading zeros", f"00{NOW}"),
        ("plus sign", f"+{NOW}"),
        ("negative", f"-{NOW}"),
        ("zero", "0"),
        ("minus zero", "-0"),
        ("hexadecimal", hex(NOW)),
        ("hexadecimal letters", f"{NOW:x}"),
        ("exponent", "175e7"),
        ("underscores between digits", "1_750_000_000"),
        ("letters", "now"),
        ("milliseconds, 13 digits", f"{NOW}000"),
        ("13 digits", "1000000000000"),
        ("2 to the 63rd", str(2**63)),
        ("2 to the 64th plus now, which wraps round to now", str(2**64 + NOW)),
        ("2 to the 32nd to the tenth power", str(2**320)),
        ("5,000 digits", "1" * 5000),
        ("Arabic-Indic digits in UTF-8", "\xd9\xa1\xd9\xa7\xd9\xa5"),
        ("superscript two in Latin-1", "\xb2"),
        ("NUL after the digits", f"{NOW}\x00"),
        ("the word infinity", "Infinity"),
    ]:
        add("time", name, header(time=time), error="time")
    add("time", "fraction", header(time=f"{NOW}.5"), error="fields_extra")
    add("time", "12 digits is a time, far ahead", header(time=999_999_999_999), error="future")
    add("time", "12 digits, when that is now", header(time=999_999_999_999), user=USER, now=999_999_999_999)
    add("time", "1 is a time, long past", header(time=1), error="expired")
    add("time", "1, when that is now", header(time=1), user=USER, now=1)
    add("time", "2 to the 32nd plus now is not now", header(time=2**32 + NOW), error="future")


def age_cases():
    add("age", "59 s old", header(time=NOW - 59), user=USER)
    add("age", "exactly 60 s old", header(time=NOW - 60), user=USER)
    add("age", "61 s old", header(time=NOW - 61), error="expired")
    add("age", "a day old", header(time=NOW - 86_400), error="expired")
    add("age", "1 s ahead", header(time=NOW + 1), user=USER)
    add("age", "exactly 10 s ahead", header(time=NOW + 10), user=USER)
    add("age", "11 s ahead", header(time=NOW + 11), error="future")
    add("age", "a day ahead", header(time=NOW + 86_400), error="future")
    add("age", "max_age 5, 5 s old", header(time=NOW - 5), user=USER, max_age=5)
    add("age", "max_age 5, 6 s old", header(time=NOW - 6), error="expired", max_age=5)
    add("age", "max_age 0, this second", header(), user=USER, max_age=0)
    add("age", "max_age 0, 1 s old", header(time=NOW - 1), error="expired", max_age=0)
    add("age", "max_lead 0, 1 s ahead", header(time=NOW + 1), error="future", max_lead=0)
    add("age", "max_lead 30, 30 s ahead", header(time=NOW + 30), user=USER, max_lead=30)
    add("age", "a clock that stands at zero", header(), error="future", now=0)
    add("age", "an old header with a fresh time and the old mac", with_mac(mac(text(time=NOW - 300))), error="mac")
    add("age", "expired and forged is forged", with_mac("A" * 43, time=NOW - 300), error="mac")
    add("age", "request binding, 61 s old", header(time=NOW - 61, request=REQUEST), error="expired", request=REQUEST)
    add("age", "request binding, 11 s ahead", header(time=NOW + 11, request=REQUEST), error="future", request=REQUEST)


def mac_shape_cases():
    tag = mac(text())
    raw = base64.urlsafe_b64decode(tag + "=")
    add("mac-shape", "42 characters", with_mac(tag[:-1]), error="mac_length")
    add("mac-shape", "44 characters", with_mac(tag + "A"), error="mac_length")
    add("mac-shape", "padded with =", with_mac(tag + "="), error="mac_length")
    add("mac-shape", "percent-encoded padding", with_mac(tag + "%3D"), error="mac_length")
    add("mac-shape", "= in place of the last character", with_mac(tag[:-1] + "="), error="mac_encoding")
    add("mac-shape", "hexadecimal", with_mac(raw.hex()), error="mac_length")
    add("mac-shape", "cut to 16 bytes", with_mac(base64.urlsafe_b64encode(raw[:16]).decode().rstrip("=")), error="mac_length")
    add("mac-shape", "one character", with_mac("A"), error="mac_length")
    add("mac-shape", "5,000 characters", with_mac("A" * 5000), error="mac_length")
    time = dashed_time()
    standard = mac(text(time=time)).replace("-", "+").replace("_", "/")
    add("mac-shape", "standard base64 alphabet", with_mac(standard, time=time), error="mac_encoding", now=time)
    last = ALPHABET.index(tag[-1])
    for extra in (1, 2, 3):
        loose = tag[:-1] + ALPHABET[last + extra]
        add("mac-shape", f"non-canonical: unused bits are {extra}", with_mac(loose), error="mac_encoding")
    for name, letter in [
        ("space", " "),
        ("tilde", "~"),
        ("star", "*"),
        ("NUL", "\x00"),
        ("Latin-1 letter", "\xe9"),
        ("line break", "\n"),
    ]:
        add("mac-shape", f"{name} inside the mac", with_mac(tag[:20] + letter + tag[21:]), error="mac_encoding")


def mac_cases():
    tag = mac(text())
    swapped = next(i for i, letter in enumerate(tag[:-1]) if letter.isalpha())
    add("mac", "all zero bits", with_mac("A" * 43), error="mac")
    add("mac", "all one bits", with_mac("_" * 42 + "8"), error="mac")
    add("case", "one letter of the mac in the other case", with_mac(tag[:swapped] + tag[swapped].swapcase() + tag[swapped + 1 :]), error="mac")
    for name, at in [("first", 0), ("middle", 21), ("last whole", 41)]:
        changed = ALPHABET[(ALPHABET.index(tag[at]) + 1) % 64]
        add("mac", f"{name} character changed", with_mac(tag[:at] + changed + tag[at + 1 :]), error="mac")
    changed = ALPHABET[(ALPHABET.index(tag[-1]) + 4) % 64]
    add("mac", "last character changed, still canonical", with_mac(tag[:-1] + changed), error="mac")
    add("mac", "mac of another user", with_mac(mac(text(OTHER))), error="mac")
    add("mac", "mac of anonymous on a user", with_mac(mac(text("anonymous"))), error="mac")
    add("mac", "mac of another second", with_mac(mac(text(time=NOW - 1))), error="mac")
    add("mac", "mac of the empty text", with_mac(mac("")), error="mac")
    wide = hmac.new(bytes.fromhex(KEY_A), text().encode(), hashlib.sha512).digest()[:32]
    add("mac", "HMAC-SHA512 cut to 32 bytes", with_mac(base64.urlsafe_b64encode(wide).decode().rstrip("=")), error="mac")
    plain = hashlib.sha256(bytes.fromhex(KEY_A) + text().encode()).digest()
    add("mac", "SHA-256 of key and text, no HMAC", with_mac(base64.urlsafe_b64encode(plain).decode().rstrip("=")), error="mac")
    hexed = KEY_A.encode().hex()
    add("mac", "the hex text used as the key", header(key=hexed), error="mac")


def line_cases():
    """Each line of the signed text changed, added, dropped or joined otherwise."""

    def signed(lines):
        return with_mac(mac(lines))

    for binding, request in (("app", None), ("request", REQUEST)):
        good = text(request=request)
        lines = good.split("\n")
        swaps = [
            ("version", text(request=request, version="doorward-identity-v2")),
            ("app id", text(request=request, app="shop2")),
            ("subject", text(OTHER, request=request)),
            ("time", text(time=NOW + 1, request=request)),
            ("binding", text(request=request, binding="request" if request is None else "app")),
            ("binding to upper case", text(request=request, binding=binding.upper())),
            ("method", good.replace(lines[4] + "\n" + lines[5], lines[4] + "\nPOST")),
            ("host", "\n".join(lines[:6] + ["evil.example"] + lines[7:])),
            ("uri", "\n".join(lines[:7] + ["/"])),
            ("line break at the end", good + "\n"),
            ("line break in front", "\n" + good),
            ("CR LF between lines", good.replace("\n", "\r\n")),
            ("spaces between lines", good.replace("\n", " ")),
            ("nothing between lines", good.replace("\n", "")),
            ("NUL between lines", good.replace("\n", "\0")),
            ("no version line", "\n".join(lines[1:])),
            ("no app id line", "\n".join(lines[:1] + lines[2:])),
            ("no binding line", "\n".join(lines[:4] + lines[5:])),
            ("the last three lines left out", "\n".join(lines[:5])),
            ("subject and time swapped", "\n".join(lines[:2] + [lines[3], lines[2]] + lines[4:])),
        ]
        for name, changed in swaps:
            assert changed != good, name
            add("mac-input", f"{binding} binding: {name}", signed(changed), error="mac", request=request)
    # A signer that writes the request under the word `app`, and the reverse.
    add("mac-input", "app binding word, but request lines filled", signed(text(request=REQUEST, binding="app")), error="mac")
    add("mac-input", "request binding word, but request lines empty", signed(text(binding="request")), error="mac", request=REQUEST)


def boundary_cases():
    """Text moved across a boundary: the same characters, other fields."""
    add("boundary", "digit moved from time to subject", with_mac(mac(text("user-", 11_750_000_000)), "user-1", NOW), error="mac")
    add("boundary", "digit moved from subject to time", with_mac(mac(text("user-1", 750_000_000)), "user-", NOW), error="mac")
    add("boundary", "letter moved from app id to subject", with_mac(mac(text("ser", app="shop-u")), "user"), error="mac", app="shop-")
    add("boundary", "letter moved from subject to app id", with_mac(mac(text("pabc", app="sho")), "abc"), error="mac")
    add("boundary", "app id and subject swapped", with_mac(mac(text("shop", app="user")), "user"), error="mac")
    moved = asked(host="shop.exampl", uri="e/orders/7")
    add("boundary", "letter moved from host to uri", with_mac(mac(text(request=moved))), error="mac", request=asked(uri="/orders/7"))
    moved = asked(method="GE", host="Tshop.example")
    add("boundary", "letter moved from method to host", with_mac(mac(text(request=moved))), error="mac", request=REQUEST)
    moved = asked(method="", host="", uri="GET\nshop.example\n/orders/7?page=2&sort=asc")
    add("boundary", "all of the request in the uri line", with_mac(mac(text(request=moved))), error="mac", request=REQUEST)
    add("boundary", "subject that carries lines of its own", header(f"{USER}\n{NOW}\napp"), error="subject")
    add("boundary", "user id cut short", with_mac(mac(text()), USER[:-1]), error="mac")
    add("boundary", "user id made longer", with_mac(mac(text()), USER + "0"), error="mac")


def app_cases():
    add("app", "signed for another app with the same key", header(app="billing"), error="mac")
    add("app", "signed for an app whose id begins the same", header(app="shop-2"), error="mac")
    add("app", "signed for an app whose id is shorter", header(app="sho"), error="mac")
    add("app", "signed for the app in upper case", header(app="SHOP"), error="mac")
    add("app", "signed for no app", header(app=""), error="mac")
    add("app", "request binding, signed for another app", header(app="billing", request=REQUEST), error="mac", request=REQUEST)


def key_cases():
    add("keys", "another app's key", header(key=KEY_B), error="mac")
    add("keys", "first of two keys", header(key=KEY_A), user=USER, keys=[KEY_A, KEY_B])
    add("keys", "second of two keys", header(key=KEY_B), user=USER, keys=[KEY_A, KEY_B])
    add("keys", "the order does not matter", header(key=KEY_A), user=USER, keys=[KEY_B, KEY_A])
    add("keys", "last of three keys", header(key=KEY_C), user=USER, keys=[KEY_A, KEY_B, KEY_C])
    add("keys", "the same key twice", header(key=KEY_A), user=USER, keys=[KEY_A, KEY_A])
    add("keys", "none of two keys", header(key=KEY_C), error="mac", keys=[KEY_A, KEY_B])
    add("keys", "rotated out", header(key=KEY_A), error="mac", keys=[KEY_B])
    add("keys", "second key, expired", header(time=NOW - 61, key=KEY_B), error="expired", keys=[KEY_A, KEY_B])
    add("keys", "second key, request binding", header(key=KEY_B, request=REQUEST), user=USER, keys=[KEY_A, KEY_B], request=REQUEST)
    add("keys", "64-byte key", header(key=KEY_BLOCK), user=USER, keys=[KEY_BLOCK])
    add("keys", "96-byte key", header(key=KEY_LONG), user=USER, keys=[KEY_LONG])
    add("keys", "96-byte key cut to 64 bytes", header(key=KEY_LONG[:128]), error="mac", keys=[KEY_LONG])
    add("keys", "key written in upper-case hex", header(key=KEY_LONG), user=USER, keys=[KEY_LONG.upper()])
    add("keys", "key with a byte added", header(key=KEY_B + "01"), error="mac", keys=[KEY_B])
    add("keys", "signed with the empty key", header(key=""), error="mac")
    add("keys", "signed with 32 zero bytes", header(key="00" * 32), error="mac")


def anonymous_cases():
    add("anonymous", "app binding", header("anonymous"), error="anonymous", mac_input=text("anonymous"))
    add("anonymous", "request binding", header("anonymous", request=REQUEST), error="anonymous", request=REQUEST, mac_input=text("anonymous", request=REQUEST))
    add("anonymous", "second key", header("anonymous", key=KEY_B), error="anonymous", keys=[KEY_A, KEY_B])
    add("anonymous", "forged", with_mac("A" * 43, "anonymous"), error="mac")
    add("anonymous", "mac of a user", with_mac(mac(text()), "anonymous"), error="mac")
    add("anonymous", "expired", header("anonymous", NOW - 61), error="expired")
    add("anonymous", "from the future", header("anonymous", NOW + 11), error="future")
    add("anonymous", "another app", header("anonymous", app="billing"), error="mac")
    add("anonymous", "two lines", [header("anonymous")] * 2, error="repeated")
    add("anonymous", "no header is not anonymous", [], error="missing", request=REQUEST)


def binding_cases():
    good = header(request=REQUEST)
    add("binding", "app header to a request verifier", header(), error="mac", request=REQUEST)
    add("binding", "request header to an app verifier", good, error="mac")
    add("binding", "request header to an app verifier that has the request", good, error="mac", binding="app", request=REQUEST)
    add("binding", "request verifier without the request", good, error="request", binding="request")
    add("binding", "request verifier without the request, app header", header(), error="request", binding="request")
    add("binding", "request verifier without request or header", [], error="request", binding="request")
    replays = [
        ("another method", asked(method="POST")),
        ("HEAD for GET", asked(method="HEAD")),
        ("another host", asked(host="billing.example")),
        ("a host below", asked(host="a.shop.example")),
        ("another port", asked(host="shop.example:8443")),
        ("the port of plain http on https", asked(host="shop.example:80")),
        ("another path", asked(uri="/admin")),
        ("no query", asked(uri="/orders/7")),
        ("empty query", asked(uri="/orders/7?")),
        ("query in another order", asked(uri="/orders/7?sort=asc&page=2")),
        ("one more parameter", asked(uri="/orders/7?page=2&sort=asc&x=1")),
        ("path in another case", asked(uri="/Orders/7?page=2&sort=asc")),
        ("trailing slash", asked(uri="/orders/7/?page=2&sort=asc")),
        ("doubled slash", asked(uri="//orders/7?page=2&sort=asc")),
        ("dot segment", asked(uri="/x/../orders/7?page=2&sort=asc")),
        ("a letter percent-encoded", asked(uri="/%6frders/7?page=2&sort=asc")),
        ("fragment added", asked(uri="/orders/7?page=2&sort=asc#top")),
    ]
    for name, request in replays:
        add("replay", name, good, error="mac", request=request)
    encoded = asked(uri="/caf%C3%A9")
    add("replay", "percent-encoding as signed", header(request=encoded), user=USER, request=encoded, mac_input=text(request=encoded))
    add("replay", "percent-encoding in lower case", header(request=encoded), error="mac", request=asked(uri="/caf%c3%a9"))
    add("replay", "percent-encoding decoded", header(request=encoded), error="mac", request=asked(uri="/caf\xc3\xa9"))
    spaced = asked(uri="/find?q=a+b")
    add("replay", "plus as signed", header(request=spaced), user=USER, request=spaced, mac_input=text(request=spaced))
    add("replay", "%20 for plus", header(request=spaced), error="mac", request=asked(uri="/find?q=a%20b"))
    raw = asked(uri="/caf\xc3\xa9?\xff")
    add("replay", "bytes above 127 count as they are", header(request=raw), user=USER, request=raw, mac_input=text(request=raw))
    root = asked(uri="/")
    add("replay", "the root", header(request=root), user=USER, request=root, mac_input=text(request=root))
    odd = asked(method="POST", uri="/a;b=1/%2e%2E//c\\d?x={y}|z&&%zz")
    add("replay", "odd characters count as they are", header(request=odd), user=USER, request=odd, mac_input=text(request=odd))


def canonical_cases():
    """What the app sees may be written otherwise than what was signed."""
    good = header(request=REQUEST)
    for name, request in [
        ("host in upper case", asked(host="SHOP.Example")),
        ("trailing dot", asked(host="shop.example.")),
        ("default port", asked(host="shop.example:443")),
        ("trailing dot and default port", asked(host="Shop.Example.:443")),
        ("method in lower case", asked(method="get")),
        ("extended CONNECT", asked(method="CONNECT")),
    ]:
        add("canonical", name, good, user=USER, request=request)
    port = asked(host="shop.example:8443")
    add("canonical", "another port is kept", header(request=port), user=USER, request=port, mac_input=text(request=port))
    local = asked(scheme="http", host="localhost:3000")
    add("canonical", "http with a port", header(request=local), user=USER, request=local, mac_input=text(request=local))
    plain = asked(scheme="http")
    add("canonical", "default port of http", good, user=USER, request={**plain, "host": "shop.example:80"})
    add("canonical", "port 443 on http is kept", good, error="mac", request={**plain, "host": "shop.example:443"})
    six = asked(host="[2001:db8::1]:8443")
    add("canonical", "IPv6 address", header(request=six), user=USER, request=asked(host="[2001:DB8::1]:8443"), mac_input=text(request=six))
    four = asked(host="192.0.2.7")
    add("canonical", "IPv4 address", header(request=four), user=USER, request=asked(host="192.0.2.7:443"), mac_input=text(request=four))


# --- requests: canonical form alone ----------------------------------------------------

REQUESTS = []


def add_request(name, canonical=None, **changes):
    raw = asked(**changes)
    REQUESTS.append(
        {
            "name": name,
            **raw,
            "canonical": None if canonical is None else {**{k: REQUEST[k] for k in ("method", "host", "uri")}, **canonical},
            "error": "request" if canonical is None else None,
        }
    )


def request_cases():
    add_request("as it is", {})
    add_request("method upper-cased", {"method": "PROPFIND"}, method="propfind")
    add_request("CONNECT counts as GET", {}, method="CONNECT")
    add_request("connect in lower case too", {}, method="connect")
    add_request("token characters in the method", {"method": "M-SEARCH!"}, method="M-SEARCH!")
    add_request("host lower-cased", {}, host="SHOP.EXAMPLE")
    add_request("one trailing dot dropped", {}, host="shop.example.")
    add_request("https default port dropped", {}, host="shop.example:443")
    add_request("http default port dropped", {}, scheme="http", host="shop.example:80")
    add_request("https keeps port 80", {"host": "shop.example:80"}, host="shop.example:80")
    add_request("http keeps port 443", {"host": "shop.example:443"}, scheme="http", host="shop.example:443")
    add_request("highest port", {"host": "shop.example:65535"}, host="shop.example:65535")
    add_request("name of one label", {"host": "localhost:1"}, scheme="http", host="localhost:1")
    add_request("underscore in the name", {"host": "my_app.internal"}, host="my_app.internal")
    add_request("punycode", {"host": "xn--caf-dma.example"}, host="XN--CAF-DMA.example")
    add_request("IPv6 with default port", {"host": "[::1]"}, host="[::1]:443")
    add_request("uri kept byte for byte", {"uri": "/A/%2f/../b?x=1&&y#z"}, uri="/A/%2f/../b?x=1&&y#z")

    add_request("scheme empty", scheme="")
    add_request("scheme wss", scheme="wss")
    add_request("scheme in upper case", scheme="HTTPS")
    for name, method in [
        ("empty", ""),
        ("with a space", "GET /"),
        ("with a line break", "GET\nx"),
        ("with a colon", "GE:T"),
        ("not ASCII", "G\xc9T"),
    ]:
        add_request(f"method {name}", method=method)
    for name, host in [
        ("empty", ""),
        ("a dot alone", "."),
        ("two trailing dots", "shop.example.."),
        ("a leading dot", ".shop.example"),
        ("an empty label", "shop..example"),
        ("a port alone", ":443"),
        ("an empty port", "shop.example:"),
        ("port zero", "shop.example:0"),
        ("port with a leading zero", "shop.example:0443"),
        ("port 65536", "shop.example:65536"),
        ("port with a sign", "shop.example:+443"),
        ("port of 20 digits", "shop.example:44300000000000000000"),
        ("port in letters", "shop.example:https"),
        ("two ports", "shop.example:443:443"),
        ("userinfo", "a@shop.example"),
        ("a path", "shop.example/x"),
        ("a list", "shop.example, shop.example"),
        ("a space in front", " shop.example"),
        ("a line break at the end", "shop.example\n"),
        ("a percent sign", "shop%2eexample"),
        ("a star", "*.example"),
        ("not ASCII", "caf\xc3\xa9.example"),
        ("IPv6 without brackets", "::1"),
        ("IPv6 with one bracket", "[::1"),
        ("empty brackets", "[]"),
        ("IPv6 with a zone", "[fe80::1%25eth0]"),
        ("a name in brackets", "[shop]"),
        ("hexadecimal letters in brackets", "[abc]"),
        ("half an IPv6 address", "[1:2]"),
        ("an IPv4 address in brackets", "[192.0.2.7]"),
        ("text after the bracket", "[::1]x"),
    ]:
        add_request(f"host {name}", host=host)
    for name, uri in [
        ("empty", ""),
        ("without a slash", "orders"),
        ("a star", "*"),
        ("absolute", "https://shop.example/"),
        ("a query alone", "?page=2"),
        ("with a space", "/a b"),
        ("with a tab", "/a\tb"),
        ("with a line break", "/a\nb"),
        ("with a carriage return", "/a\rb"),
        ("with NUL", "/a\x00b"),
        ("with DEL", "/a\x7fb"),
    ]:
        add_request(f"uri {name}", uri=uri)


# --- keys files ------------------------------------------------------------------------

KEYS_FILES = []


def add_keys_file(name, content, keys=None, error=None, line=None):
    KEYS_FILES.append({"name": name, "text": content, "keys": keys, "error": error, "line": line})


def keys_file_cases():
    add_keys_file("one key", KEY_A + "\n", [KEY_A])
    add_keys_file("no line break at the end", KEY_A, [KEY_A])
    add_keys_file("two keys in order", f"{KEY_B}\n{KEY_A}\n", [KEY_B, KEY_A])
    add_keys_file("CR LF", f"{KEY_A}\r\n{KEY_B}\r\n", [KEY_A, KEY_B])
    add_keys_file("blank lines", f"\n\n{KEY_A}\n  \n\t\n{KEY_B}\n\n", [KEY_A, KEY_B])
    add_keys_file("comments", f"# the new key\n{KEY_A} # since May\n  # the old one\n{KEY_B}\n", [KEY_A, KEY_B])
    add_keys_file("spaces around a key", f"  {KEY_A}\t\n", [KEY_A])
    add_keys_file("upper-case hex", KEY_LONG.upper() + "\n", [KEY_LONG])
    add_keys_file("long keys", f"{KEY_BLOCK}\n{KEY_LONG}\n", [KEY_BLOCK, KEY_LONG])
    add_keys_file("empty file", "", error="no_keys")
    add_keys_file("comments alone", "# none yet\n\n", error="no_keys")
    add_keys_file("31 bytes", KEY_A[:62] + "\n", error="key_short", line=1)
    add_keys_file("16 bytes on the third line", f"{KEY_A}\n\n{KEY_B[:32]}\n", error="key_short", line=3)
    add_keys_file("odd number of digits", KEY_A + "0\n", error="key_hex", line=1)
    add_keys_file("a letter that is not hex", KEY_A[:-1] + "g\n", error="key_hex", line=1)
    add_keys_file("0x in front", f"0x{KEY_A}\n", error="key_hex", line=1)
    add_keys_file("colons between bytes", ":".join(KEY_A[i : i + 2] for i in range(0, 64, 2)) + "\n", error="key_hex", line=1)
    add_keys_file("two keys on a line", f"# ours\n{KEY_A} {KEY_B}\n", error="key_hex", line=2)
    add_keys_file("comma between keys", f"{KEY_A},{KEY_B}\n", error="key_hex", line=1)
    add_keys_file("base64", base64.b64encode(bytes.fromhex(KEY_A)).decode() + "\n", error="key_hex", line=1)
    add_keys_file("no space before the comment", f"{KEY_A}# ours\n", [KEY_A])
    add_keys_file("byte order mark", f"\ufeff{KEY_A}\n", error="key_hex", line=1)
    add_keys_file("no-break space", f"{KEY_A}\xa0\n", error="key_hex", line=1)
    add_keys_file("full-width digits", "\uff10" * 64 + "\n", error="key_hex", line=1)
    for mark, between in [("CR alone", "\r"), ("form feed", "\f"), ("U+2028", "\u2028"), ("U+0085", "\x85")]:
        add_keys_file(f"{mark} ends no line", KEY_A + between + KEY_B + "\n", error="key_hex", line=1)
    add_keys_file("quotes", f'"{KEY_A}"\n', error="key_hex", line=1)


# --- signing: what a signer refuses ----------------------------------------------------

SIGNATURES = []


def add_signature(name, subject=USER, time=NOW, app=APP, request=None, good=True):
    SIGNATURES.append(
        {
            "name": name,
            "key": KEY_A,
            "app": app,
            "subject": subject,
            "time": time,
            "request": request,
            "header": header(subject, time, app=app, request=request) if good else None,
        }
    )


def signature_cases():
    add_signature("user, app binding")
    add_signature("user, request binding", request=REQUEST)
    add_signature("anonymous", subject="anonymous")
    add_signature("the last time of 12 digits", time=999_999_999_999)
    add_signature("empty subject", subject="", good=False)
    add_signature("subject in upper case", subject=USER.upper(), good=False)
    add_signature("subject of 65 characters", subject="a" * 65, good=False)
    add_signature("subject with a dot", subject="a.b", good=False)
    add_signature("subject with a line break", subject="a\nb", good=False)
    add_signature("time zero", time=0, good=False)
    add_signature("time of 13 digits", time=1_000_000_000_000, good=False)
    add_signature("empty app id", app="", good=False)
    add_signature("app id in upper case", app="Shop", good=False)
    add_signature("app id of 33 characters", app="a" * 33, good=False)
    add_signature("app id that begins with a hyphen", app="-shop", good=False)
    add_signature("app id with a line break", app="shop\n", good=False)
    add_signature("app id with a dot", app="shop.example", good=False)


def build():
    for group in (
        good_cases,
        count_cases,
        field_cases,
        subject_cases,
        whitespace_cases,
        time_cases,
        age_cases,
        mac_shape_cases,
        mac_cases,
        line_cases,
        boundary_cases,
        app_cases,
        key_cases,
        anonymous_cases,
        binding_cases,
        canonical_cases,
        request_cases,
        keys_file_cases,
        signature_cases,
    ):
        group()
    names = [(case["rule"], case["name"]) for case in CASES]
    assert len(names) == len(set(names)), "two cases share rule and name"
    document = {
        "about": "Cases for verifiers of X-UserId. Generated by sdk/generate_vectors.py, described in sdk/README.md.",
        "version": "doorward-identity-v1",
        "sample_keys": SAMPLE_KEYS,
        "cases": CASES,
        "requests": REQUESTS,
        "keys_files": KEYS_FILES,
        "signatures": SIGNATURES,
    }
    return json.dumps(document, indent=1, ensure_ascii=True) + "\n"


def main(arguments):
    fresh = build()
    if arguments == ["--check"]:
        if not TARGET.exists() or TARGET.read_text(encoding="utf-8") != fresh:
            print(f"{TARGET} is out of date: run python3 sdk/generate_vectors.py", file=sys.stderr)
            return 1
        return 0
    if arguments:
        print(__doc__, file=sys.stderr)
        return 2
    TARGET.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
