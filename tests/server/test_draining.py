"""What a server process that is about to stop tells everybody."""

from pathlib import Path

import pytest

from likeness.app.web import build
from likeness.server.draining import Draining
from support.line import converse, roster_of
from support.studio import studio

pytestmark = pytest.mark.anyio


async def test_everything_is_answered_and_connections_end(tmp_path: Path) -> None:
    """`/readyz` says no; photos, calls and the health of the process are as before."""
    draining = Draining()
    async with studio(tmp_path) as work:
        avatars = build(work.service, draining)
        roster = roster_of(avatars, find=avatars.at_hand)

        async def ask(path: str) -> bytes:
            raw = f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
            return await converse(roster, [raw])

        before = await ask("/readyz")
        assert b" 200 OK" in before
        assert b"connection: keep-alive" in before

        draining.begin()
        roster.drain()
        paths = ("/readyz", "/healthz", "/api/api.test", "/avatar/" + 32 * "0")
        replies = [await ask(path) for path in paths]

    assert [b"503", b"200", b"200", b"200"] == [reply.split(b" ")[1] for reply in replies]
    assert all(b"connection: close\r\n" in reply for reply in replies)
    assert b'{"status":"stopping"}' in replies[0]
    assert b"retry-after: " in replies[0]
