"""One request and its answer, as an application takes and gives them."""

import asyncio
from collections.abc import Sequence

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from likeness.server.connection import Connection
from likeness.server.roster import ConnectionRoster
from support.line import Line, connect, converse, roster_of, settle
from support.patience import until

pytestmark = pytest.mark.anyio

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n%b\r\n"
START: Message = {"type": "http.response.start", "status": 200, "headers": []}


def part(body: bytes = b"", *, more: bool = False) -> Message:
    """A part of an answer."""
    return {"type": "http.response.body", "body": body, "more_body": more}


class Said:
    """An application that reads the whole body, notes it, and then says what it was given."""

    def __init__(self, *messages: Message) -> None:
        self.messages: Sequence[Message] = messages or (START, part(b"ok"))
        self.heard: list[Message] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Listen, then speak."""
        del scope
        while not self.heard or self.heard[-1].get("more_body"):
            self.heard.append(await receive())
        for message in self.messages:
            await send(message)


def body_of(application: Said) -> bytes:
    """What it has read."""
    return b"".join(message.get("body", b"") for message in application.heard)


async def test_a_body_comes_in_parts() -> None:
    """And its end is told once."""
    application = Said()

    said = await converse(roster_of(application), [POST % b"" + b"he", b"llo"])

    assert b"hello" == body_of(application)
    assert not application.heard[-1]["more_body"]
    assert said.startswith(b"HTTP/1.1 200 OK\r\n")
    assert said.endswith(b"\r\n\r\nok")


async def test_a_client_that_waits_is_asked_for_the_body() -> None:
    """When the application wants it, and not before."""
    roster, (connection, line) = _connected(Said())
    connection.data_received(POST % b"Expect: 100-continue\r\n")
    await until(lambda: line.written)
    assert b"HTTP/1.1 100 Continue\r\n\r\n" == line.written

    connection.data_received(b"hello")
    await settle(connection)
    assert b" 200 OK" in line.written
    assert 1 == line.written.count(b"100 Continue")
    assert 1 == len(roster)


async def test_who_is_refused_unasked_is_not_listened_to() -> None:
    """It could take the rest for the body, or for the next request: the connection ends."""

    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await send(START)
        await send(part(b"no"))

    said = await converse(roster_of(refuse), [POST % b"Expect: 100-continue\r\n"])

    assert b"100 Continue" not in said
    assert b"connection: close\r\n" in said


async def test_a_body_that_breaks_off_is_told() -> None:
    """And the answer still arrives, since the client may only have closed its sending half."""
    application = Said()
    _, (connection, line) = _connected(application)
    connection.data_received(POST % b"" + b"he")
    await asyncio.sleep(0)

    assert connection.eof_received()
    await settle(connection)

    assert "http.disconnect" == application.heard[-1]["type"]
    assert b"connection: close\r\n" in line.written
    assert line.written.endswith(b"ok")
    assert line.is_closing()


async def test_a_broken_chunk_is_told_too() -> None:
    """As a body that breaks off."""
    application = Said()
    raw = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n"

    said = await converse(roster_of(application), [raw, b"zz\r\n"])

    assert "http.disconnect" == application.heard[-1]["type"]
    assert said.endswith(b"ok")


async def test_a_whole_request_is_followed_by_the_end() -> None:
    """An application that goes on listening hears of it when the client goes."""
    heard: list[str] = []

    async def listen(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, send
        heard.extend([(await receive())["type"], (await receive())["type"]])

    _, (connection, line) = _connected(listen)
    connection.data_received(GET)
    await asyncio.sleep(0)
    line.abort()
    await until(lambda: len(heard) == 2)

    assert ["http.request", "http.disconnect"] == heard


async def test_an_answer_may_come_in_parts() -> None:
    """In chunks, where its length is not known; an old client sees the connection end."""
    parts = (START, part(b"a", more=True), part(more=True), part(b"b"))
    old = b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"

    assert (await converse(roster_of(Said(*parts)), [GET])).endswith(
        b"\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n"
    )
    said = await converse(roster_of(Said(*parts)), [old])
    assert said.endswith(b"connection: close\r\n\r\nab")


async def test_old_clients_may_stay_too() -> None:
    """If they say so."""
    for line, word in ((b"Connection: keep-alive\r\n", b"keep-alive"), (b"", b"close")):
        said = await converse(roster_of(Said()), [b"GET / HTTP/1.0\r\n" + line + b"\r\n"])
        assert b"connection: " + word in said


async def test_an_application_may_end_the_connection() -> None:
    """Its header is said once."""
    closing = {**START, "headers": [(b"connection", b"close")]}

    said = await converse(roster_of(Said(closing, part(b"ok"))), [GET])

    assert 1 == said.count(b"connection: ")
    assert b"connection: close\r\n" in said


FAILING = {
    "nothing": (),
    "no end": (START, part(b"a", more=True)),
    "no start": (part(b"a"),),
    "too much": ({**START, "headers": [(b"content-length", b"1")]}, part(b"ab")),
    "twice": (START, part(b"a"), part(b"b")),
    "a forged header": ({**START, "headers": [(b"a", b"b\r\nc: d")]}, part(b"a")),
}


@pytest.mark.parametrize("name", FAILING)
async def test_an_application_that_fails_is_answered_for(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Where nothing was said yet by a 500, else by the end of the connection; and it is logged."""
    application = Said()
    application.messages = FAILING[name]
    _, (connection, line) = _connected(application)

    connection.data_received(GET)
    await settle(connection)
    await until(lambda: caplog.messages)

    is_said = name in {"nothing", "no start", "a forged header", "too much"}
    assert is_said == line.written.startswith(b"HTTP/1.1 500 ")
    assert is_said or line.is_closing()
    assert ["a request failed"] == caplog.messages


async def test_nobody_is_told_of_a_client_that_left(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever the application makes of it."""
    over = asyncio.Event()

    async def wait(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, send
        await receive()
        await receive()
        over.set()
        raise LookupError("gone")

    _, (connection, line) = _connected(wait)
    connection.data_received(GET)
    await asyncio.sleep(0)
    line.abort()
    await over.wait()
    await asyncio.sleep(0)

    assert [] == caplog.messages


def _connected(application: ASGIApp) -> tuple[ConnectionRoster, tuple[Connection, Line]]:
    roster = roster_of(application)
    return roster, connect(roster)
