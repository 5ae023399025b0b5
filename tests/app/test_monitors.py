"""Who may read the figures: programs on this machine, or with a token, and nobody by a proxy."""

import pytest
from starlette.requests import Request

from likeness.app.monitors import LOOPBACK, OFF, OPEN, Monitors
from likeness.model import Secret

TOKEN = "0123456789abcdef"
WITH_TOKEN = Monitors(LOOPBACK, Secret(TOKEN))
WITHOUT = Monitors(LOOPBACK, Secret(""))


def asked(peer: str = "127.0.0.1", host: str = "127.0.0.1:8080", **headers: str) -> Request:
    """A request from an address, by a name; `_` in the names of headers stands for `-`."""
    every = {"host": host, **headers}
    raw = [(n.replace("_", "-").encode(), v.encode("latin-1")) for n, v in every.items()]
    client = (peer, 1234) if peer else None
    return Request({"type": "http", "headers": raw, "client": client})


@pytest.mark.parametrize(
    ("peer", "host"),
    [
        ("127.0.0.1", "127.0.0.1:8080"),
        ("127.0.0.1", "localhost"),
        ("127.8.8.8", "localhost:8080"),
        ("::1", "[::1]:8080"),
        ("::ffff:127.0.0.1", "LOCALHOST:8080"),
    ],
)
def test_monitors_of_this_machine_may_read(peer: str, host: str) -> None:
    """By any of its addresses and names."""
    assert WITHOUT.may_read(asked(peer, host))
    assert WITH_TOKEN.may_read(asked(peer, host))


@pytest.mark.parametrize(
    "request_",
    [
        asked("192.0.2.1"),
        asked("::ffff:192.0.2.1"),
        asked(""),
        asked("unix"),
        asked(host="photos.example.org"),
        asked(host="evil.example:8080"),
        asked(host=""),
        asked(x_forwarded_for="127.0.0.1"),
        asked(x_forwarded_proto="https"),
        asked(x_real_ip="127.0.0.1"),
        asked(forwarded="for=127.0.0.1"),
        asked(via="1.1 front"),
        asked("192.0.2.1", authorization="Bearer "),
        asked("192.0.2.1", authorization=f"Bearer {TOKEN}x"),
        asked("192.0.2.1", authorization=f"Bearer {TOKEN[:-1]}"),
        asked("192.0.2.1", authorization=f"Basic {TOKEN}"),
        asked("192.0.2.1", authorization=TOKEN),
        asked("192.0.2.1", authorization="Bearer \xe9"),
    ],
)
def test_anybody_else_may_not(request_: Request) -> None:
    """From elsewhere, by a proxy on this machine, by a stranger's name, by another token."""
    assert not WITH_TOKEN.may_read(request_)
    assert not WITHOUT.may_read(request_)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER "])
def test_whoever_brings_the_token_may_read_from_anywhere(scheme: str) -> None:
    """Also by a proxy. Where there is no token none is right."""
    request = asked("192.0.2.1", "x", authorization=f"{scheme} {TOKEN}", x_forwarded_for="y")

    assert WITH_TOKEN.may_read(request)
    assert not WITHOUT.may_read(request)


def test_everybody_or_nobody_may_read_where_the_settings_say_so() -> None:
    """Whatever else they bring."""
    stranger, friend = asked("192.0.2.1"), asked(authorization=f"Bearer {TOKEN}")

    assert Monitors(OPEN, Secret("")).may_read(stranger)
    assert not Monitors(OFF, Secret(TOKEN)).may_read(friend)
    assert [False, False, True] == [
        Monitors(audience, Secret("")).are_refused for audience in (LOOPBACK, OPEN, OFF)
    ]
