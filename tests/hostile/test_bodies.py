"""Long bodies that come to nothing: whoever sends them, others upload and read as before."""

import contextlib
import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from support import web
from support.live import LiveServer, Person, add_person
from support.patience import PATIENCE_S
from support.pictures import png
from support.processes import server_processes
from support.scenarios import PREPARE, SET, upload
from support.wire import (
    URLENCODED,
    Reply,
    Request,
    bearer,
    field_part,
    file_part,
    form,
    post,
    read_reply,
    send,
)

MIB: Final = 2**20
ATTACKERS: Final = 10
"""More than enough for the 256 MiB that all bodies may have, by pictures of 32 MiB."""

ELSEWHERE: Final = "127.0.0.2"
"""Another address of loopback, which an ordinary sender has who is not the attacker."""

BUSY: Final = "service_unavailable"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with all limits but those on calls."""
    folder = tmp_path_factory.mktemp("flooded") / "data"
    with LiveServer(folder, {"RATE_LIMITS": "off"}) as live:
        yield live
        assert "call_failed" not in live.log()


@pytest.fixture(scope="module")
def ada(server: LiveServer) -> Person:
    """Somebody who sets her photo."""
    return add_person(server)


@pytest.fixture(scope="module")
def eve(server: LiveServer) -> Person:
    """Somebody with a token of her own who means no good."""
    return add_person(server, "eve@example.org")


def connect(server: LiveServer, address: str = "127.0.0.1") -> socket.socket:
    """A connection from an address."""
    return socket.create_connection(
        ("127.0.0.1", server.port), PATIENCE_S, source_address=(address, 0)
    )


def ask(server: LiveServer, request: Request, address: str = "127.0.0.1") -> Reply:
    """Send a request from an address and read the answer."""
    with connect(server, address) as line:
        line.sendall(request.raw())
        return read_reply(line)


@contextlib.contextmanager
def flood(server: LiveServer, request: Request) -> Iterator[None]:
    """While ATTACKERS connections have sent all of a request but its last byte."""
    raw = request.raw()[:-1]
    with contextlib.ExitStack() as opened:
        lines = [opened.enter_context(connect(server)) for _ in range(ATTACKERS)]
        for line in lines:
            # Who is refused is read to the end for a while, and then no more.
            with contextlib.suppress(ConnectionError):
                line.sendall(raw)
        yield


def of_length(length: int, token: str | None, method: str = PREPARE) -> Request:
    """A call with a picture of so many bytes, which is none."""
    return upload(method, token, bytes(length))


def padded(length: int) -> bytes:
    """A good picture of so many bytes."""
    picture = png()
    return picture + bytes(length - len(picture))


FLOODS: Final = {
    "announced": of_length(32 * MIB, None),
    "chunked": replace(of_length(32 * MIB, None), is_chunked=True),
    "with room for one": of_length(10 * MIB, None, SET),
    "by a wrong token": of_length(32 * MIB, "xoxp-1"),
    "percent signs": Request(
        SET, b"image=" + b"%41" * (5 * MIB), headers=(("Content-Type", URLENCODED),)
    ),
}


@pytest.mark.parametrize("name", FLOODS)
def test_strangers_do_not_stop_uploads(server: LiveServer, ada: Person, name: str) -> None:
    """Senders with the token in the header are served, and all calls without a picture.

    So is a sender somewhere else with the token in the form, up to the seed's longest picture.
    """
    long = padded(10 * MIB)
    with flood(server, FLOODS[name]):
        assert "" == send(server, upload(SET, ada.token, long)).error
        in_form = post(SET, None, file_part(long), field_part("token", ada.token))
        assert "" == ask(server, in_form, ELSEWHERE).error
        assert "" == send(server, replace(form("auth.test", None), body=words(ada))).error
        assert "ok" in web.get(f"{server.url}/healthz").text


def words(person: Person) -> bytes:
    """60 kB of form with the token in it."""
    return f"token={person.token}&foo={'x' * 60_000}".encode()


@pytest.mark.parametrize("is_chunked", [False, True])
def test_one_person_does_not_stop_the_uploads_of_another(
    server: LiveServer, ada: Person, eve: Person, is_chunked: bool
) -> None:
    """Eight times the longest picture that there is, with a token that is good."""
    with flood(server, replace(of_length(32 * MIB, eve.token), is_chunked=is_chunked)):
        assert "" == send(server, upload(SET, ada.token, padded(10 * MIB))).error
        assert "" == send(server, upload(PREPARE, ada.token, padded(32 * MIB))).error


def test_who_is_refused_for_lack_of_room_is_told_what_to_do(
    server: LiveServer, ada: Person
) -> None:
    """By a word of the contract, with the bound and the way out, which is one."""
    long = padded(20 * MIB)

    refused = send(server, post(PREPARE, None, file_part(long), field_part("token", ada.token)))
    taken = send(server, post(PREPARE, ada.token, file_part(long)))

    assert (200, BUSY, "close") == (refused.status, refused.error, refused.headers["connection"])
    assert "16777216 bytes" in refused.messages[0]
    assert "`Authorization: Bearer xoxp-...`" in refused.messages[0]
    assert "" == taken.error


def test_a_flood_is_over_when_its_senders_are_gone(server: LiveServer, ada: Person) -> None:
    """Nothing of it is counted any more."""
    in_form = post(SET, None, file_part(padded(10 * MIB)), field_part("token", ada.token))
    with flood(server, FLOODS["with room for one"]):
        pass
    while (reply := send(server, in_form)).error == BUSY:
        continue
    assert "" == reply.error


@pytest.mark.parametrize("path", ["api/users.setPhoto", ""])
@pytest.mark.parametrize("unit", [b"%41", b"%%", b"=", b"%4"])
def test_percent_signs_cost_no_more_memory_than_they_have_bytes(
    server: LiveServer, ada: Person, unit: bytes, path: str
) -> None:
    """29 MB of them took 2.3 GB, and the page's form 568 MB for 6 MB."""
    body = b"image=" + unit * (29 * MIB // len(unit))
    headers = {"Content-Type": URLENCODED, "Origin": server.url, **dict([bearer(ada.token)])}
    before = peak_mb(server)

    answer = web.post(f"{server.url}/{path}", content=body, headers=headers)

    assert answer.status_code in {200, 403}
    assert peak_mb(server) - before < 4 * len(body) / 1e6


def peak_mb(server: LiveServer) -> float:
    """The most memory that the server process has ever had."""
    [process] = server_processes(server)
    found = re.search(
        r"^VmHWM:\s+(\d+) kB$", Path(f"/proc/{process.pid}/status").read_text(), re.MULTILINE
    )
    assert found
    return int(found[1]) / 1000
