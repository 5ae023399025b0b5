"""What bodies hold while they are read: whose share, for how long; and that nobody waits for it."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

import pytest
from starlette.requests import Request

from likeness.errors import InvalidJson, ServiceUnavailable
from likeness.model import Caller, Token, TokenKind
from likeness.webapi.content_type import JSON, TEXT, URLENCODED
from likeness.webapi.limits import RequestLimits
from likeness.webapi.methods import METHODS
from likeness.webapi.request import Reader
from support.asgi import STALL, asgi_request, until
from support.rows import NOW, team, user
from support.wire import BOUNDARY, file_part, multipart

MIB = 2**20
LIMITS = RequestLimits(600, 3 * MIB, 3 * MIB, 64 * MIB)
"""A person may hold 16 MiB; strangers 8 MiB, and 4 MiB of them at one address."""

SET_PHOTO = METHODS["users.setPhoto"]
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
HERE, THERE = "192.0.2.1", "192.0.2.2"

pytestmark = pytest.mark.anyio


class Senders:
    """Uploads that one reader has read and not yet let go of."""

    def __init__(self, opened: AsyncExitStack) -> None:
        self.reader = Reader(LIMITS)
        self.opened = opened

    async def read(self, request: Request, sender: Caller | None = None) -> int:
        """Read a request and hold it; the length of what it has."""
        form = await self.opened.enter_async_context(self.reader.read(request, SET_PHOTO, sender))
        return form.length

    async def upload(self, length: int, sender: Caller | None = None, address: str = HERE) -> int:
        """Read a picture of so many bytes."""
        body = multipart([file_part(bytes(length))])
        request, _ = asgi_request(body, address=address, content_type=MULTIPART)
        return await self.read(request, sender)


@pytest.fixture
async def senders() -> AsyncIterator[Senders]:
    """Nobody yet."""
    async with AsyncExitStack() as opened:
        yield Senders(opened)


def person(number: int = 1) -> Caller:
    """Somebody who is known by a token."""
    token = Token(7, b"", user(number).id, TokenKind.USER, (), NOW)
    return Caller(user(number), team(), token)


async def test_strangers_do_not_stop_those_who_are_known(senders: Senders) -> None:
    """Nor do known ones each other; each has a part of their own."""
    await senders.upload(3 * MIB)
    with pytest.raises(ServiceUnavailable, match="one address"):
        await senders.upload(3 * MIB)
    await senders.upload(3 * MIB, address=THERE)
    for _ in range(5):
        await senders.upload(3 * MIB, person(1))
    with pytest.raises(ServiceUnavailable, match="one person"):
        await senders.upload(3 * MIB, person(1))
    assert await senders.upload(3 * MIB, person(2)) == 3 * MIB


async def test_a_sender_that_falls_silent_holds_its_own_share_only(senders: Senders) -> None:
    """All but the last bytes, from more connections than its share is for."""
    silent = [asgi_request(bytes(3 * MIB), STALL, content_type=TEXT) for _ in range(8)]
    tasks = [asyncio.create_task(senders.read(request)) for request, _ in silent]
    await until(lambda: not any(body.left for _, body in silent))

    assert await senders.upload(3 * MIB, person()) == 3 * MIB
    assert await senders.upload(3 * MIB, address=THERE) == 3 * MIB
    for task in tasks:
        task.cancel()
    refused = await asyncio.gather(*tasks, return_exceptions=True)
    assert 0 == sum(isinstance(each, int) for each in refused)


async def test_what_is_announced_beyond_a_share_is_not_read(senders: Senders) -> None:
    """It is read away, so that its sender gets to read why; and nothing of it is held."""
    await senders.upload(3 * MIB)
    headers = {"content_type": TEXT, "content_length": str(3 * MIB)}
    request, body = asgi_request(b"x", b"y", address=HERE, **headers)
    with pytest.raises(ServiceUnavailable, match="Authorization"):
        await senders.read(request)
    assert body.left == []

    request, body = asgi_request(b"x", address=HERE, expect="100-continue", **headers)
    with pytest.raises(ServiceUnavailable):
        await senders.read(request)
    assert body.left == [b"x"]


async def test_what_is_not_announced_is_cut_off_at_the_share(senders: Senders) -> None:
    """And what came until then is given back while the rest is read away."""
    await senders.upload(3 * MIB)
    request, body = asgi_request(*[bytes(MIB)] * 5, STALL, address=HERE, content_type=TEXT)
    task = asyncio.create_task(senders.read(request))
    await until(lambda: not body.left)

    assert await senders.upload(MIB) == MIB
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_words_are_read_however_full_it_is(senders: Senders) -> None:
    """As many as are in no picture."""
    for number, address in enumerate((HERE, THERE)):
        await senders.upload(3 * MIB, address=address)
        await senders.upload(MIB, address=address)
        for _ in range(5):
            await senders.upload(3 * MIB, person(number))
    words, _ = asgi_request(b"a=" + b"x" * 60_000, address=HERE, content_type=URLENCODED)
    assert await senders.read(words) == 60_000


async def test_of_a_form_only_its_values_are_held(senders: Senders) -> None:
    """Percent-encoding is three times as long as what it says."""
    encoded = b"image=" + b"%41" * MIB
    for _ in range(2):
        request, _ = asgi_request(encoded, address=HERE, content_type=URLENCODED)
        assert await senders.read(request) == MIB


async def test_everything_is_given_back(senders: Senders) -> None:
    """Also after a refusal of what was in it."""
    for _ in range(4):
        async with AsyncExitStack() as opened:
            senders.opened = opened
            await senders.upload(3 * MIB)
    for _ in range(4):
        request, _ = asgi_request(b"{" * 100_000, address=HERE, content_type=JSON)
        with pytest.raises(InvalidJson):
            await senders.read(request)
    assert not senders.reader.budget._held


async def test_the_event_loop_turns_while_a_long_body_is_parsed(senders: Senders) -> None:
    """Also where the interpreter would let a thread compute to its end."""
    request, _ = asgi_request(b"image=" + b"%41" * 3 * MIB, content_type=URLENCODED)
    usual_s = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    try:
        reading = asyncio.create_task(senders.read(request, person()))
        turns = 0
        while not reading.done():
            await asyncio.sleep(0)
            turns += 1
    finally:
        sys.setswitchinterval(usual_s)
    assert await reading == 3 * MIB
    assert turns > 50


async def test_nobody_waits_behind_the_bodies_of_strangers(senders: Senders) -> None:
    """They are taken apart in a line of their own."""
    async with senders.reader._of_strangers:
        waiting = asyncio.create_task(senders.upload(MIB))
        assert await senders.upload(MIB, person()) == MIB
        assert not waiting.done()
    assert await waiting == MIB
