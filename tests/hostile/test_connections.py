"""Connections that hold on: by silence, by half a request, by answers that nobody reads.

Every fault here was run against the first edition: a thousand sockets that sent nothing made it
unreachable, and some kinds of them were never closed.
"""

import contextlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from likeness.server.deadlines import DEADLINES, TAKING_S, Phase
from support import web
from support.live import LiveServer, Person, add_person
from support.patience import PATIENCE_S
from support.sitter import sit

CONNECTIONS: Final = 64
PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS: Final = bytes(3) + b"\x04" + bytes(5)
TLS_HELLO: Final = b"\x16\x03\x01\x00\xf8\x01\x00\x00\xf4\x03\x03"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server for sixty-four connections at a time."""
    folder = tmp_path_factory.mktemp("held") / "data"
    settings = {"RATE_LIMITS": "off", "CONNECTIONS_MAX": str(CONNECTIONS)}
    with LiveServer(folder, settings) as live:
        yield live


@pytest.fixture(scope="module")
def photo(small: LiveServer) -> str:
    """The URL of a photo there."""
    return sit(small, add_person(small)).profile["image_512"]


@contextlib.contextmanager
def held(server: LiveServer, number: int, sent: bytes = b"") -> Iterator[list[socket.socket]]:
    """So many connections that have sent something, and wait."""
    with contextlib.ExitStack() as stack:
        lines = []
        for _ in range(number):
            line = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S)
            lines.append(stack.enter_context(line))
            if sent:
                line.sendall(sent)
        yield lines


def read_to_end(line: socket.socket) -> bytes:
    """All that the server says until it closes. Raises TimeoutError when it never does."""
    heard = b""
    with contextlib.suppress(ConnectionError):
        while piece := line.recv(65536):
            heard += piece
    return heard


def status_of(url: str) -> int:
    """What a new connection is answered."""
    return web.get(url).status_code


HOLDS: Final = {
    "nothing": b"",
    "half a head": b"GET /healthz HTTP/1.1\r\nHost: x\r\n",
    "a request, and then nothing": b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
    "a body that does not come": b"POST /api/api.test HTTP/1.1\r\nHost: x\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Length: 1000\r\n\r\n",
}


@pytest.mark.parametrize("kind", HOLDS)
def test_any_number_of_connections_holds_up_nobody(
    small: LiveServer, photo: str, kind: str
) -> None:
    """Twice as many as there may be; those that ask something are answered."""
    with held(small, 2 * CONNECTIONS, HOLDS[kind]) as lines:
        for url in (f"{small.url}/healthz", photo, f"{small.url}/api/api.test"):
            assert 200 == status_of(url)
        # Some of them had to go for it.
        assert b"" == read_to_end(lines[0]).partition(b"HTTP/1.1 200 OK")[0]


@pytest.mark.parametrize("sent", [PREFACE, PREFACE + SETTINGS, PREFACE[:-6], TLS_HELLO])
def test_other_protocols_end_at_once(small: LiveServer, sent: bytes) -> None:
    """With a word in ours, and no deadline to wait for."""
    with held(small, 1, sent) as [line]:
        assert read_to_end(line).startswith(b"HTTP/1.1 400 Bad Request\r\n")


def test_a_client_that_offers_another_protocol_is_answered_in_ours(small: LiveServer) -> None:
    """As Java's own client does with each first request."""
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
    body = b'{"foo": "bar"}'
    raw = (
        b"POST /api/api.test HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n%b\r\n%b" % (len(body), offer, body)
    )
    with held(small, 1, raw) as [line]:
        line.shutdown(socket.SHUT_WR)
        heard = read_to_end(line)

    assert heard.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b'"foo":"bar"' in heard


AMBIGUOUS: Final = {
    "no host": b"GET /healthz HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /healthz HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
    "two tokens": b"GET /api/auth.test HTTP/1.1\r\nHost: x\r\n"
    b"Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n",
    "two types": b"POST /api/api.test HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n"
    b"Content-Type: text/plain\r\nContent-Type: application/json\r\n\r\n",
    "another encoding": b"POST /api/api.test HTTP/1.1\r\nHost: x\r\n"
    b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_what_could_be_read_in_two_ways_is_refused(small: LiveServer, name: str) -> None:
    """400 in words, and the end: a proxy in front may have read it otherwise."""
    with held(small, 1, AMBIGUOUS[name]) as [line]:
        head, _, words = read_to_end(line).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"connection: close" in head
    assert words


def test_the_life_of_an_idle_connection_is_said(small: LiveServer) -> None:
    """So that clients let go of it first."""
    reply = web.get(f"{small.url}/healthz")

    assert "keep-alive" == reply.headers["connection"]
    assert f"timeout={DEADLINES[Phase.IDLE]:.0f}" == reply.headers["keep-alive"]


@pytest.mark.slow
def test_every_state_of_a_connection_ends(small: LiveServer, photo: str) -> None:
    """Nothing sent, half a head, an answer that is not read; none of them too early."""
    began = time.monotonic()
    path = photo.removeprefix(small.url).encode()
    asked = b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n" % path * 500
    with (
        held(small, 1) as [silent],
        held(small, 1, HOLDS["half a head"]) as [half],
        held(small, 1) as [unread],
    ):
        # A small window, so that the answers stay with the server.
        unread.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        unread.sendall(asked)

        assert b"" == read_to_end(silent)
        assert time.monotonic() - began >= DEADLINES[Phase.SILENT]
        assert read_to_end(half).startswith(b"HTTP/1.1 408 Request Timeout\r\n")
        # Nothing is read until the server has had time to give up.
        time.sleep(2 * TAKING_S)
        heard = read_to_end(unread)
        assert len(heard) < 500 * len(web.get(photo).content)


@pytest.mark.slow
def test_more_connections_than_descriptors(tmp_path: Path) -> None:
    """More than a thousand that send nothing, where a process may have 1,024 files open."""
    with LiveServer(tmp_path / "data", {"RATE_LIMITS": "off"}) as server:
        ada = add_person(server)
        with held(server, 1500):
            assert 200 == status_of(f"{server.url}/healthz")
            assert 200 == status_of(sit(server, ada).profile["image_72"])
            assert sets_a_photo(server, ada)


def sets_a_photo(server: LiveServer, person: Person) -> bool:
    """Whether an upload works."""
    return bool(sit(server, person).profile)
