"""One connection: what it holds, what it waits for, and how it ends."""

import asyncio
import gc
import weakref
from collections.abc import Awaitable, Callable

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from likeness.server.connection import BODY_AHEAD_MAX, READ_AWAY_MAX, SLOW_AFTER_S, Connection
from likeness.server.deadlines import DEADLINES, TAKEN_LENGTH_MIN, TAKING_S, Phase
from likeness.server.roster import HELD_LENGTH_MAX
from support.line import WRITE_LIMIT, Line, connect, converse, roster_of, settle
from support.patience import until

pytestmark = pytest.mark.anyio

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
SOON = 0.001


class Service:
    """An application that answers with its path and the length of the body, when it may."""

    def __init__(self, *, length: int = 0, reads: bool = True) -> None:
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.length = length
        self.reads = reads
        self.paths: list[str] = []
        self.received = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self.paths.append(scope["path"])
        more = self.reads
        while more:
            message = await receive()
            self.received += len(message.get("body", b""))
            more = message.get("more_body", False)
        await self.may_answer.wait()
        body = scope["path"].encode() + b"x" * self.length
        fields = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": fields})
        await send({"type": "http.response.body", "body": body})


def opened(service: ASGIApp) -> tuple[Connection, Line]:
    """A connection to a service."""
    return connect(roster_of(service))


def later(connection: Connection, phase: Phase | None = None) -> float:
    """A moment at which a phase has lasted too long; without one, the time that it is now."""
    del connection
    now_s = asyncio.get_running_loop().time()
    return now_s if phase is None else now_s + DEADLINES[phase] + SOON


async def test_requests_of_one_piece_are_answered_in_their_order() -> None:
    """One at a time; meanwhile nothing more is read."""
    service = Service()
    service.may_answer.clear()
    connection, line = opened(service)
    paths = [b"/%d" % number for number in range(5)]

    connection.data_received(b"".join(GET.replace(b"/ ", path + b" ") for path in paths))
    await until(lambda: service.paths)
    assert not line.reads
    assert ["/0"] == service.paths
    service.may_answer.set()
    await settle(connection)

    assert [path.decode() for path in paths] == service.paths
    assert paths == [part.rpartition(b"\r\n")[2] for part in line.written.split(b"HTTP/1.1")[1:]]
    assert line.reads


async def test_a_body_is_read_only_a_little_ahead() -> None:
    """Its sender waits until the application takes it."""
    service = Service(reads=False)
    service.may_answer.clear()
    connection, line = opened(service)
    connection.data_received(POST % 10**6)

    for _ in range(3):
        assert line.reads
        connection.data_received(bytes(BODY_AHEAD_MAX // 2))
    assert not line.reads
    service.may_answer.set()


async def test_a_body_that_is_taken_is_read_on() -> None:
    """To its end."""
    service, length = Service(), 20 * BODY_AHEAD_MAX

    said = await converse(roster_of(service), [POST % length, *[bytes(BODY_AHEAD_MAX)] * 20, GET])

    assert length == service.received
    assert 2 == said.count(b"HTTP/1.1 200 OK")


async def test_what_nobody_read_is_read_away_after_the_answer() -> None:
    """So that the client gets to read it; not for ever, and not without bound."""
    connection, line = opened(Service(reads=False))
    connection.data_received(POST % 10**9)
    await settle(connection)

    assert b"connection: close\r\n" in line.written
    assert (Phase.LINGER, True, False) == (connection.phase, line.has_ended, line.is_closing())
    connection.data_received(bytes(READ_AWAY_MAX // 2))
    assert not line.is_closing()
    connection.check(later(connection, Phase.LINGER))
    assert line.is_closing()

    connection, line = opened(Service(reads=False))
    connection.data_received(POST % 10**9)
    await settle(connection)
    connection.data_received(bytes(READ_AWAY_MAX + 1))
    assert line.is_aborted


@pytest.mark.parametrize(
    ("sent", "phase", "said"),
    [
        (b"", Phase.SILENT, b""),
        (GET[:10], Phase.HEAD, b"HTTP/1.1 408 "),
        (GET, Phase.IDLE, b"HTTP/1.1 200 "),
    ],
)
async def test_who_sends_nothing_has_to_go(sent: bytes, phase: Phase, said: bytes) -> None:
    """Before a request, in its head, and after one; not a moment too early."""
    connection, line = opened(Service())
    if sent:
        connection.data_received(sent)
        await settle(connection)

    assert phase is connection.phase
    connection.check(later(connection, phase) - 1)
    assert not line.has_ended
    connection.check(later(connection, phase))
    assert line.has_ended
    assert line.written.startswith(said)


async def test_a_head_that_trickles_has_no_more_time() -> None:
    """The deadline is that of the whole head."""
    connection, line = opened(Service())
    connection.data_received(GET[:5])
    began = connection.since
    for at in range(5, 20):
        await asyncio.sleep(SOON)
        connection.data_received(GET[at : at + 1])

    assert began == connection.since
    connection.check(later(connection, Phase.HEAD))
    assert line.has_ended


async def test_a_body_that_stops_is_given_up() -> None:
    """The application hears that no more will come, and answers."""
    service = Service()
    connection, line = opened(service)
    connection.data_received(POST % 10 + b"12345")
    await asyncio.sleep(SOON)

    connection.check(later(connection, Phase.BODY))
    await settle(connection)

    assert line.written.startswith(b"HTTP/1.1 200 ")
    assert b"connection: close\r\n" in line.written


async def test_who_waits_for_us_is_not_given_up() -> None:
    """A body that we do not read, and an answer that we do not have, are our own doing."""
    service = Service(reads=False)
    service.may_answer.clear()
    connection, line = opened(service)
    connection.data_received(POST % 10**6 + bytes(2 * BODY_AHEAD_MAX))
    connection.check(later(connection, Phase.BODY))
    assert not line.is_closing()

    connection, line = opened(service)
    connection.data_received(GET)
    connection.check(later(connection, Phase.IDLE) * 10)
    assert not line.is_closing()
    service.may_answer.set()


async def test_an_answer_that_is_not_taken_ends_the_connection() -> None:
    """Whoever takes it slowly has time, and whoever takes nothing has thirty seconds."""
    connection, line = opened(Service(length=10 * WRITE_LIMIT))
    line.takes = False
    connection.data_received(GET)
    await settle(connection)
    now_s = later(connection) + SOON

    connection.check(now_s)
    line._untaken -= TAKEN_LENGTH_MIN
    connection.check(now_s + TAKING_S)
    assert not line.is_closing()
    line._untaken -= TAKEN_LENGTH_MIN - 1
    connection.check(now_s + 2 * TAKING_S)
    assert line.is_aborted


async def test_who_takes_nothing_gets_nothing_more() -> None:
    """Requests that follow wait, unread; they are answered once the client takes."""
    service = Service(length=2 * WRITE_LIMIT)
    connection, line = opened(service)
    line.takes = False
    connection.data_received(GET * 10)
    await asyncio.sleep(0.01)
    assert ["/"] == service.paths
    assert not line.reads

    line.take()
    await settle(connection)

    assert ["/"] * 10 == service.paths


async def test_what_is_held_is_bounded_for_all_together() -> None:
    """Who sends ahead of an answer beyond that is cut off; the others go on."""
    service = Service()
    service.may_answer.clear()
    roster = roster_of(service)
    lines = []
    for _ in range(9):
        connection, line = connect(roster)
        connection.data_received(GET)
        connection.data_received(bytes(HELD_LENGTH_MAX // 8))
        lines.append(line)

    assert [False] * 8 + [True] == [line.is_aborted for line in lines]
    lines[0].abort()
    connection, line = connect(roster)
    connection.data_received(GET)
    connection.data_received(bytes(HELD_LENGTH_MAX // 8))
    assert not line.is_aborted
    service.may_answer.set()


async def test_a_client_that_has_said_all_is_answered() -> None:
    """Each of its requests, and then the connection ends."""
    connection, line = opened(Service())

    connection.data_received(GET * 2)
    assert connection.eof_received()
    await settle(connection)

    assert 2 == line.written.count(b"HTTP/1.1 200 OK")
    assert line.is_closing()


@pytest.mark.parametrize("sent", [b"", GET[:5]])
async def test_a_client_that_leaves_early_is_let_go(sent: bytes) -> None:
    """It has asked nothing: the event loop closes the connection."""
    connection, _ = opened(Service())
    if sent:
        connection.data_received(sent)

    assert not connection.eof_received()


async def test_what_is_no_request_is_told_and_the_connection_ends() -> None:
    """TLS and HTTP/2 at once, before any deadline."""
    for raw in (b"\x16\x03\x01\x02\x00\x01", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"):
        connection, line = opened(Service())
        connection.data_received(raw)
        assert line.written.startswith(b"HTTP/1.1 400 Bad Request\r\n")
        assert line.has_ended


async def test_what_follows_a_chunked_body_at_once_is_not_answered() -> None:
    """It was lost, and the client is told to ask again on another connection."""
    raw = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"

    said = await converse(roster_of(Service()), [raw + GET])

    assert 1 == said.count(b"HTTP/1.1 ")
    assert b"connection: close\r\n" in said


SLOW = SLOW_AFTER_S + 1


async def _silent(connection: Connection, line: Line) -> None:
    del connection, line


async def _partial(connection: Connection, line: Line) -> None:
    del line
    connection.data_received(GET[:5])


async def _idle(connection: Connection, line: Line) -> None:
    del line
    connection.data_received(GET)
    await settle(connection)


async def _sending(connection: Connection, line: Line) -> None:
    del line
    connection.data_received(POST % 10**6 + b"x" * 1000)


async def _taking_nothing(connection: Connection, line: Line) -> None:
    line.takes = False
    connection.data_received(GET * 2)
    await settle(connection)
    connection.phase = Phase.ANSWER


@pytest.mark.parametrize(
    ("act", "at_once", "slowly"),
    [
        (_silent, 0, 0),
        (_partial, 0, 0),
        (_idle, 1, 1),
        (_sending, 3, 3),
        (_taking_nothing, None, 2),
    ],
)
async def test_who_works_goes_last(
    act: Callable[[Connection, Line], Awaitable[None]], at_once: int | None, slowly: int | None
) -> None:
    """Ranks for when there are too many: silence first, then idleness, then slowness."""
    connection, line = opened(Service(length=2 * WRITE_LIMIT))
    await act(connection, line)
    now_s = later(connection)

    standings = [connection.standing(now_s), connection.standing(now_s + SLOW)]
    assert [at_once, slowly] == [each and each[0] for each in standings]


async def test_who_sent_least_goes_first() -> None:
    """Of those whose bodies are on their way."""
    service = Service()
    much, little = opened(service)[0], opened(service)[0]
    for connection, sent in ((much, 1000), (little, 10)):
        connection.data_received(POST % 10**6 + bytes(sent))
    await asyncio.sleep(SOON)

    standings = [each.standing(later(each)) or () for each in (much, little)]

    assert sorted(standings) == standings[::-1]


@pytest.mark.parametrize(
    "said", [b"", b"GET / HT", GET, POST % 5, POST % 5 + b"short", GET + GET, b"rubbish\r\n\r\n"]
)
async def test_a_connection_that_is_gone_needs_no_garbage_collector(said: bytes) -> None:
    """Else many that come and go have it look through everything, while all others wait."""
    connection, line = opened(Service())
    gc.disable()
    try:
        if said:
            connection.data_received(said)
        await asyncio.sleep(0)
        line.abort()
        gone = weakref.ref(connection)
        del connection, line
        await until(lambda: gone() is None)
    finally:
        gc.enable()
