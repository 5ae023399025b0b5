"""What each kind of target that is asked over HTTP makes of hosts on a bad day, or of bad will."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from likeness.outgoing import Outgoing
from likeness.targets.http import Http
from likeness.targets.kinds import KINDS
from likeness.targets.port import Away, Gone, Holder, Later, Refused
from support.patience import PATIENCE_S
from support.programs import CREDENTIAL, given_to, picture, somebody
from support.receivers import ReceivingHost, Request, answer, receiving_host

pytestmark = pytest.mark.anyio

HOLDERS = ["synapse", "likeness", "keycloak"]

ACTS: dict[str, Callable[[Holder], Awaitable[object]]] = {
    "find": lambda holder: holder.find(somebody("ada@example.org")),
    "show": lambda holder: holder.show("an-id", picture(holder.wants), "a-marker"),
    "clear": lambda holder: holder.clear("an-id", "a-marker"),
    "look": lambda holder: holder.look("an-id"),
    "check": lambda holder: holder.check(),
}


@pytest.fixture
async def host() -> AsyncIterator[ReceivingHost]:
    """It answers 200 to everything."""
    async with receiving_host() as running:
        yield running


@pytest.fixture(params=HOLDERS)
def kind(request: pytest.FixtureRequest) -> str:
    """Each in turn."""
    name: str = request.param
    return name


@pytest.fixture(params=list(ACTS))
def act(request: pytest.FixtureRequest) -> Callable[[Holder], Awaitable[object]]:
    """Each thing that is asked of a program."""
    return ACTS[request.param]


def holder_at(host: ReceivingHost, kind: str, timeout_s: float = 15.0) -> Holder:
    """A target there."""
    given = given_to(f"http://127.0.0.1:{host.port}", kind, CREDENTIAL, timeout_s=timeout_s)
    holder = KINDS[kind].open(given)
    assert isinstance(holder, Holder)
    return holder


@pytest.mark.parametrize(
    ("status", "refusal"),
    [(500, Away), (502, Later), (503, Later), (302, Away), (410, Gone), (401, Away)],
)
async def test_each_status_is_one_refusal(
    host: ReceivingHost,
    kind: str,
    act: Callable[[Holder], Awaitable[object]],
    status: int,
    refusal: type[Exception],
) -> None:
    """Nobody is asked elsewhere, and nobody is told the credential, should it come back."""
    host.answers = [answer(status, f"so {CREDENTIAL}".encode(), location="http://localhost:1/")]
    # A check may refuse whom the others try again.
    refusals = (refusal, Refused) if act is ACTS["check"] and status == 401 else (refusal,)

    with pytest.raises(refusals) as caught:
        await act(holder_at(host, kind))

    assert CREDENTIAL not in str(caught.value)
    assert len(host.got) == 1


async def test_too_many_requests_is_later(
    host: ReceivingHost, kind: str, act: Callable[[Holder], Awaitable[object]]
) -> None:
    host.answers = [answer(429, b"{}", retry_after="7")]

    with pytest.raises(Later) as caught:
        await act(holder_at(host, kind))

    assert caught.value.after_s == 7


@pytest.mark.parametrize(
    "said", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{", b"what?\r\n\r\n"]
)
async def test_a_connection_that_is_cut_is_away(
    host: ReceivingHost, kind: str, act: Callable[[Holder], Awaitable[object]], said: bytes
) -> None:
    host.answers = [said]

    with pytest.raises(Away):
        await act(holder_at(host, kind))


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'"text"', b"[" * 50_000])
async def test_an_answer_that_makes_no_sense_is_a_refusal_of_the_port(
    host: ReceivingHost, kind: str, act: Callable[[Holder], Awaitable[object]], body: bytes
) -> None:
    host.answers = [answer(200, body)]

    with pytest.raises((Away, Refused)):
        await act(holder_at(host, kind))


async def test_an_answer_of_ten_megabytes_is_not_read(
    host: ReceivingHost, kind: str, act: Callable[[Holder], Awaitable[object]]
) -> None:
    async def flood(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _chunk in range(160):
            writer.write(b"x" * 65536)
            await writer.drain()

    host.say = flood

    with pytest.raises(Away, match="too large"):
        await act(holder_at(host, kind))


async def test_an_answer_of_one_byte_at_a_time_ends(
    host: ReceivingHost, kind: str, act: Callable[[Holder], Awaitable[object]]
) -> None:
    async def drip(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.01)

    host.say = drip

    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(Away, match="did not answer within"):
            await act(holder_at(host, kind, 0.1))


async def test_the_host_of_the_target_alone_is_asked(
    host: ReceivingHost, kind: str, act: Callable[[Holder], Awaitable[object]]
) -> None:
    """Whatever it answers, and whatever ids and markers somebody may have put into our database."""
    asked = set()

    async def resolve(name: str, port: int) -> list[tuple[str, int]]:
        asked.add(name)
        return [("127.0.0.1", host.port)]

    elsewhere = b'{"url": "http://evil.example/", "id": "http://evil.example/", "ok": true}'
    host.answers = [answer(200, elsewhere, location="http://evil.example/")]
    base = f"http://program.example:{host.port}"
    outgoing = Outgoing(lambda address, _: address == "127.0.0.1", resolve=resolve)
    given = replace(given_to(base, kind, CREDENTIAL), http=Http(base, outgoing))
    holder = KINDS[kind].open(given)
    assert isinstance(holder, Holder)

    for remote_id in ("@evil.example/", "http://evil.example/", "../../x?y#z", "\r\nX: y"):
        for asking in (
            holder.look(remote_id),
            holder.clear(remote_id, "mxc://evil.example/x"),
            act(holder),
        ):
            with suppress(Away, Refused, Later, Gone):
                await asking

    assert asked <= {"program.example"}
    assert all(each.headers["host"] == f"program.example:{host.port}" for each in host.got)
