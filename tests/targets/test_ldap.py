"""Targets of kind ldap on bad days, and what their options mean; a real OpenLDAP is in contract."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest

from likeness.errors import Mistake
from likeness.model import Format
from likeness.targets.kind import Given
from likeness.targets.ldap import KIND, TIMEOUT_S, Ldap
from likeness.targets.port import Away, Wants
from support.live import free_port
from support.patience import PATIENCE_S
from support.programs import given_to, picture, somebody

pytestmark = pytest.mark.anyio

OPTIONS = {"base": "dc=example,dc=org", "bind_dn": "cn=likeness,dc=example,dc=org"}

ACTS: dict[str, Callable[[Ldap], Awaitable[object]]] = {
    "find": lambda holder: holder.find(somebody("ada@example.org")),
    "show": lambda holder: holder.show("an-id", picture(holder.wants), "a-marker"),
    "clear": lambda holder: holder.clear("an-id", "a-marker"),
    "look": lambda holder: holder.look("an-id"),
    "check": lambda holder: holder.check(),
}


def given(url: str = "ldaps://ldap.example.org", **options: Any) -> Given:
    """What a target is opened with; loopback may be asked."""
    made = given_to(url, "ldap", "geheim", **OPTIONS | options)
    return replace(made, networks=(ip_network("127.0.0.0/8"),))


@asynccontextmanager
async def server(
    say: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    """Somebody on loopback who says something; gives the URL."""
    tasks = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        try:
            await say(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"ldap://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    finally:
        listening.close()
        for task in filter(None, tasks):
            task.cancel()


async def cut(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Listen and go."""
    await reader.read(100)


async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Speak something else."""
    await reader.read(100)
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 10)
    await writer.drain()


async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Announce ten megabytes, and send them."""
    await reader.read(100)
    writer.write(b"\x30\x84\x00\xa0\x00\x00")
    for _ in range(160):
        writer.write(b"\0" * 65536)
        await writer.drain()


@pytest.mark.parametrize("say", [cut, babble, flood])
@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
async def test_whoever_speaks_no_ldap_is_away(
    say: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    act: Callable[[Ldap], Awaitable[object]],
) -> None:
    async with server(say) as url:
        with pytest.raises(Away) as caught:
            await act(Ldap(given(url)))

    assert "geheim" not in str(caught.value)
    assert "LIKENESS_LDAP" not in str(caught.value)


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
async def test_an_answer_of_one_byte_at_a_time_ends(
    act: Callable[[Ldap], Awaitable[object]],
) -> None:
    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\x30\x84\x00\xa0\x00\x00")
        while True:
            writer.write(b"\0")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with server(drip) as url, asyncio.timeout(PATIENCE_S):
        with pytest.raises(Away, match="did not answer within"):
            await act(Ldap(given(url), 0.2))


async def test_nobody_there_is_away() -> None:
    with pytest.raises(Away, match="cannot be reached"):
        await Ldap(given(f"ldap://127.0.0.1:{free_port()}")).look("an-id")


async def test_a_network_that_the_settings_do_not_name_is_not_asked() -> None:
    got = []

    async def listen(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        got.append(await reader.read(1))

    async with server(listen) as url:
        with pytest.raises(Away, match="LIKENESS_TARGET_NETWORKS"):
            await Ldap(replace(given(url), networks=())).look("an-id")

    assert got == []


async def test_an_installation_without_the_extra_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "likeness.directory.ldap", None)

    with pytest.raises(Away, match=r"likeness-avatars\[ldap\]"):
        await Ldap(given()).look("an-id")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, Wants(512, 262_144, (Format.JPEG,))),
        ({"attribute": "thumbnailPhoto"}, Wants(96, 102_400, (Format.JPEG,))),
        ({"attribute": "both", "side_px": "300"}, Wants(300, 102_400, (Format.JPEG,))),
        ({"side_px": 648}, Wants(648, 262_144, (Format.JPEG,))),
    ],
)
def test_what_it_wants_is_what_the_attribute_may_have(
    options: dict[str, Any], expected: Wants
) -> None:
    assert Ldap(given(**options)).wants == expected


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"base": ""}, "the options base"),
        ({"base": "", "bind_dn": ""}, "base and bind_dn"),
        ({"attribute": "photo"}, "jpegPhoto, thumbnailPhoto, both"),
        ({"side_px": "0"}, "at most 1024"),
        ({"side_px": "1025"}, "at most 1024"),
        ({"side_px": "many"}, "at most 1024"),
    ],
)
def test_options_that_cannot_be_are_told(options: dict[str, Any], words: str) -> None:
    with pytest.raises(Mistake, match=words):
        Ldap(given(**options))


@pytest.mark.parametrize("url", ["ldaps://", "https://ldap.example.org", "ldaps://host/dc=x"])
def test_an_address_that_is_none_is_told(url: str) -> None:
    with pytest.raises(Mistake, match="ldaps://ldap"):
        Ldap(given(url))


def test_bounds() -> None:
    assert TIMEOUT_S == 15
    assert KIND.schemes == ("ldaps", "ldap")
