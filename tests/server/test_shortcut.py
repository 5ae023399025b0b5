"""The short way: it says to the byte what the ordinary way says, or nothing."""

import itertools
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from likeness.app.web import build
from likeness.server.roster import ConnectionRoster
from likeness.server.shortcut import (
    KNOWN_LENGTH_MAX,
    KNOWN_MAX,
    LINES_LENGTH_MAX,
    TURNS_MAX,
    Shortcut,
    read_headers,
    read_request_line,
)
from likeness.server.wire import Clock
from support.line import converse, roster_of
from support.pictures import jpeg
from support.sitter import md5_of
from support.studio import studio

pytestmark = pytest.mark.anyio

_DATE: Final = re.compile(rb"date: [^\r]+\r\n")

NAMES: Final = st.sampled_from(
    [
        *("Host", "Accept", "If-None-Match", "If-Modified-Since", "Connection", "Cookie"),
        *("Content-Length", "Transfer-Encoding", "Expect", "Upgrade", "Authorization", "Range"),
        *("Accept-Encoding", "User-Agent", "X-Forwarded-For", "Proxy-Connection", "Content-Type"),
        *("If-None-Match ", " Accept", "Acc\tept", "", "Ho\x00st"),
    ]
)
VALUES: Final = st.one_of(
    st.sampled_from(
        [
            *("keep-alive", "close", "Keep-Alive, x", "image/webp,*/*", "chunked", "0", "2", "*"),
            *("100-continue", "h2c", "Bearer x", "bytes=0-1", '"x"', "ETAG", "W/ETAG", "MOMENT"),
            *('"a", ETAG', "", " ", "\t", "a\tb", "\x7f", "é", "a\rb", "a\nb"),
        ]
    ),
    st.text(max_size=20),
)
LINES: Final = st.builds("{}:{}{}\r\n".format, NAMES, st.sampled_from(["", " ", "  "]), VALUES)
METHODS: Final = st.sampled_from(["GET", "HEAD", "POST", "OPTIONS", "get", "GET "])
VERSIONS: Final = st.sampled_from(["HTTP/1.1", "HTTP/1.0", "HTTP/2.0", ""])
TAILS: Final = st.sampled_from(
    ["", "?s=80", "?s=80&d=404", "?", "%20", "?s=%38%30", "#x", "/", "?é"]
)


@dataclass
class Ways:
    """One application behind the short way and without it; `targets` are of answers at hand."""

    short: ConnectionRoster
    ordinary: ConnectionRoster
    targets: list[str]
    tag: bytes


@pytest.fixture
async def ways(tmp_path: Path) -> AsyncIterator[Ways]:
    """A service that offers WebP, with a photo that was looked at in every way."""
    async with studio(tmp_path, photo_formats="webp") as work:
        photo = (await work.service.photos.set(work.ada, jpeg(600, 600), None)).photo
        avatars = build(work.service)
        # What is kept is believed for a minute, where processes tell each other of changes.
        avatars.told(is_told=True)
        email = md5_of(work.ada.email)
        paths = [photo.key("72"), photo.key("512"), "avatars/nothing", "healthz"]
        paths += [f"avatar/{email}", f"avatar//{email}.png", f"avatar/{'0' * 32}"]
        ways = Ways(roster_of(avatars, find=avatars.at_hand), roster_of(avatars), [], b"")
        for path in paths:
            ways.targets.append(f"/{path}")
            warm = await converse(ways.ordinary, [plain(f"/{path}")])
            ways.tag = ways.tag or re.findall(rb'etag: ("\w+")', warm)[0]
        yield ways


def plain(target: str) -> bytes:
    """An ordinary request of a browser."""
    return f"GET {target} HTTP/1.1\r\nHost: photos\r\nAccept: image/*\r\n\r\n".encode()


def undated(answers: bytes) -> bytes:
    """Answers without their dates."""
    return _DATE.sub(b"", answers)


REQUESTS: Final = st.builds(
    "{} TARGET{}{} {}\r\n{}{}\r\n".format,
    METHODS,
    st.integers(0, 6),
    TAILS,
    VERSIONS,
    st.sampled_from(["Host: photos\r\n"] * 4 + [""]),
    st.lists(LINES, max_size=4).map("".join),
)


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(st.lists(REQUESTS, min_size=1, max_size=4), st.sets(st.integers(1, 600), max_size=5))
async def test_both_ways_say_the_same(ways: Ways, raw: list[str], cuts: set[int]) -> None:
    """Any methods, targets, versions and headers; cut anywhere, one after another or pipelined."""
    text = "".join(raw)
    for number, target in enumerate(ways.targets):
        text = text.replace(f"TARGET{number}", target)
    stream = text.encode().replace(b"ETAG", ways.tag)
    stream = stream.replace(b"MOMENT", b"Mon, 23 Nov 2026 12:00:00 GMT")
    ends = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
    pieces = [stream[a:b] for a, b in itertools.pairwise(ends)]

    said = await converse(ways.short, pieces)

    assert undated(said) == undated(await converse(ways.ordinary, pieces))


async def test_what_browsers_ask_for_goes_the_short_way(ways: Ways) -> None:
    """Whole, unchanged, the head alone; and never what is not at hand."""
    assert ways.short.shortcut
    known = f"If-None-Match: {ways.tag.decode()}\r\n\r\n".encode()
    for target in ways.targets:
        for raw in (
            plain(target),
            plain(target).replace(b"GET", b"HEAD", 1),
            plain(target)[:-2] + known,
        ):
            is_kept = target not in {"/healthz", "/avatars/nothing"}
            assert is_kept == bool(ways.short.shortcut.take(raw)[0])
            assert undated(await converse(ways.short, [raw])) == undated(
                await converse(ways.ordinary, [raw])
            )


async def test_a_client_that_asks_for_much_at_once_gets_turns(ways: Ways) -> None:
    """Sixteen requests of a piece; all are answered in the end."""
    assert ways.short.shortcut
    raw = plain(ways.targets[0])

    parts, rest = ways.short.shortcut.take(raw * 100)

    assert rest == raw * (100 - TURNS_MAX)
    assert 3 * TURNS_MAX == len(parts)
    said = await converse(ways.short, [raw * 100])
    assert 100 == said.count(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("lines", "fields"),
    [
        (b"Host: x\r\n", []),
        (b"host:x\r\nACCEPT:  image/webp \r\n", [(b"accept", b"image/webp")]),
        (b"Host: x\r\nConnection: Keep-Alive\r\nCookie: a=b\r\n", []),
        (b"Host: x\r\nConnection: close\r\n", None),
        (b"Host: x\r\nHost: x\r\n", None),
        (b"Accept: x\r\n", None),
        (b"Host: x\r\nAccept: a\r\nAccept: b\r\n", None),
        (b"Host: x\r\nContent-Length: 0\r\n", None),
        (b"Host: x\r\nA\r\n", None),
        (b"Host: x\r\nA: \xff\r\n", None),
        (b"Host: x\r\nA: " + b"a" * LINES_LENGTH_MAX + b"\r\n", None),
        (b"Host: x\r\n" + b"a:\r\n" * 100, None),
        (b"", None),
    ],
)
def test_only_plain_lines_are_understood(lines: bytes, fields: object) -> None:
    """Of those, what an answer is chosen by."""
    assert fields == read_headers(lines)


def test_what_is_remembered_is_bounded() -> None:
    """In number and in length; what is not remembered is read again."""
    shortcut = Shortcut(lambda *_: (b"HTTP/1.1 200 OK\r\n", b"x"), Clock())

    for number in range(3 * KNOWN_MAX):
        for filler in (b"", b"x" * KNOWN_LENGTH_MAX):
            request = b"GET /avatar/%d HTTP/1.1\r\nHost: %d%b\r\n\r\n" % (number, number, filler)
            assert shortcut.take(request)[0]

    for memory in (shortcut._lines, shortcut._headers):
        assert len(memory._known) <= KNOWN_MAX
        assert len(memory) <= KNOWN_MAX * KNOWN_LENGTH_MAX


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"GET /avatar/x HTTP/1.1", ("GET", "/avatar/x", b"")),
        (b"HEAD /avatars/a/b.c?d=e&f HTTP/1.1", ("HEAD", "/avatars/a/b.c", b"d=e&f")),
        (b"GET /avatar/x HTTP/1.0", None),
        (b"GET /avatar/%20 HTTP/1.1", None),
        (b"GET /avatar/x?d=%20 HTTP/1.1", None),
        (b"GET /avatar/x#y HTTP/1.1", None),
        (b"POST /avatar/x HTTP/1.1", None),
        (b"GET  /avatar/x HTTP/1.1", None),
        (b"GET /avatar/" + b"x" * 300 + b" HTTP/1.1", None),
    ],
)
def test_only_plain_request_lines_are_understood(line: bytes, said: object) -> None:
    """Without anything that has to be decoded."""
    assert said == read_request_line(line)
