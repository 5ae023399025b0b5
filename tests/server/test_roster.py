"""All connections of a process: how many, who has to go, and the end of all."""

import asyncio

import pytest
from starlette.types import Receive, Scope, Send

from likeness.server.connection import HEALTH_PATH, Connection
from likeness.server.deadlines import DEADLINES, Phase
from likeness.server.roster import SPARE_MAX, UNTAKEN_LENGTH_MAX, ConnectionRoster
from support.line import Line, connect, roster_of, settle

pytestmark = pytest.mark.anyio

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
HEALTH = b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n" % HEALTH_PATH
MAX = 40


class Slow:
    """An application that answers when it may, but its health at once."""

    def __init__(self) -> None:
        self.may_answer = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        del receive
        if scope["raw_path"] != HEALTH_PATH:
            await self.may_answer.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})


def crowd(
    roster: ConnectionRoster, number: int, sent: bytes = b""
) -> list[tuple[Connection, Line]]:
    """So many connections that have sent something, or nothing."""
    made = []
    for _ in range(number):
        connection, line = connect(roster)
        if sent:
            connection.data_received(sent)
        made.append((connection, line))
    return made


def full() -> tuple[ConnectionRoster, Slow]:
    """A roster for forty connections."""
    application = Slow()
    return roster_of(application, connections_max=MAX), application


async def test_those_who_say_nothing_make_way() -> None:
    """The oldest first, some at a time, so that looking for them costs little; all are counted."""
    roster, _ = full()
    silent = crowd(roster, MAX)
    busy = crowd(roster, 10, GET)

    gone = [line.is_aborted for _, line in silent]
    assert 10 <= gone.count(True) <= 10 + MAX // 20 + 1
    assert sorted(gone, reverse=True) == gone
    assert not any(line.is_closing() for _, line in busy)
    assert len(roster) <= MAX


async def test_those_who_work_stay_and_one_too_many_is_told() -> None:
    """503 for any request but that for the health of the process, which goes on."""
    roster, application = full()
    busy = crowd(roster, MAX, GET)
    [(_, refused)] = crowd(roster, 1, GET)
    [(connection, healthy)] = crowd(roster, 1, HEALTH)
    await settle(connection)

    assert refused.written.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert refused.has_ended
    assert healthy.written.startswith(b"HTTP/1.1 200 OK\r\n")
    application.may_answer.set()
    for connection, line in busy:
        await settle(connection)
        assert line.written.startswith(b"HTTP/1.1 200 OK\r\n")


async def test_spare_connections_are_bounded_as_well() -> None:
    """Silent ones make way for others; where all wait for an answer, the next is refused."""
    roster, _ = full()
    crowd(roster, MAX, GET)
    silent = crowd(roster, SPARE_MAX)
    [(connection, healthy)] = crowd(roster, 1, HEALTH)
    await settle(connection)

    assert len(roster) <= MAX + SPARE_MAX
    assert silent[0][1].is_aborted
    assert healthy.written.startswith(b"HTTP/1.1 200 OK\r\n")

    waiting = crowd(roster, 2 * SPARE_MAX, HEALTH)
    assert len(roster) <= MAX + SPARE_MAX
    assert any(line.written.startswith(b"HTTP/1.1 503 ") for _, line in waiting)


async def test_a_round_ends_what_has_lasted_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """And takes the time again."""
    roster, _ = full()
    [(connection, line)] = crowd(roster, 1)
    before = roster.clock.keep
    loop = asyncio.get_running_loop()
    late_s = loop.time() + DEADLINES[Phase.SILENT] + 1
    monkeypatch.setattr(loop, "time", lambda: late_s)

    roster.round()

    assert connection.phase is Phase.CLOSING
    assert line.is_closing()
    assert before is not roster.clock.keep
    assert 0 == len(roster)


async def test_what_nobody_takes_is_bounded_for_all_together() -> None:
    """Who waited longest goes first."""
    roster, _ = full()
    everybody = crowd(roster, 4)
    for number, (connection, line) in enumerate(everybody):
        line.takes = False
        line.write(bytes(UNTAKEN_LENGTH_MAX // 4 + number))
        connection.since += number

    roster.round()

    assert [True, False, False, False] == [line.is_aborted for _, line in everybody]


async def test_at_the_end_what_was_begun_is_answered() -> None:
    """Who asks nothing is let go at once; and nobody waits for ever."""
    roster, application = full()
    [(_, silent)] = crowd(roster, 1)
    [(_, half)] = crowd(roster, 1, GET[:5])
    [(_, busy)] = crowd(roster, 1, GET)
    ending = asyncio.create_task(roster.end(60))
    await asyncio.sleep(0)

    assert (True, True, False) == (silent.is_closing(), half.is_closing(), busy.is_closing())
    application.may_answer.set()
    await ending
    assert b"connection: close\r\n" in busy.written
    assert 0 == len(roster)

    application.may_answer.clear()
    [(_, stuck)] = crowd(roster, 1, GET)
    await roster.end(0.01)
    assert stuck.is_aborted
