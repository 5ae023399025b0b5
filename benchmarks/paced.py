"""A reader who asks at a fixed pace, whatever the answers take, and notes how long each took.

It runs in a process of its own and, where that is allowed, before others, so that its own waiting
for a core is not taken for the server's.
"""

import asyncio
import os
import random
import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

CONNECTIONS: Final = 4
"""For each stream; they take turns."""

_NICENESS: Final = -10
_TIMEOUT_S: Final = 30


@dataclass(frozen=True, slots=True)
class Stream:
    """What is asked again and again: a path of a server, and the status that it must answer.

    `{digest}` in the path is one of `digests` each time, or a new one where there are none.
    """

    name: str
    port: int
    path: str
    status: int = 200
    digests: Sequence[str] = ()

    def request(self) -> bytes:
        """The next one, as it is sent."""
        digest = random.choice(self.digests) if self.digests else secrets.token_hex(32)  # noqa: S311 - Nothing secret.
        path = self.path.replace("{digest}", digest)
        return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def pace(streams: Sequence[Stream], per_s: float, seconds: float) -> dict[str, list[float]]:
    """Ask each stream `per_s` times a second; by their names, how long each answer took, in s.

    Fails when an answer has another status than its stream says.
    """
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, _NICENESS)
    return asyncio.run(_all(streams, per_s, seconds))


async def _all(streams: Sequence[Stream], per_s: float, seconds: float) -> dict[str, list[float]]:
    start = time.monotonic() + 0.1
    found: dict[str, list[float]] = {stream.name: [] for stream in streams}
    async with asyncio.TaskGroup() as group:
        for place, stream in enumerate(streams):
            for number in range(CONNECTIONS):
                # Streams and connections begin one after the other, so that nothing comes at once.
                shift_s = (number + place / len(streams)) / per_s
                moments = _moments(start + shift_s, start + seconds, CONNECTIONS / per_s)
                group.create_task(_visit(stream, moments, found[stream.name]))
    return found


def _moments(first: float, last: float, step: float) -> list[float]:
    return [first + number * step for number in range(int((last - first) / step))]


async def _visit(stream: Stream, moments: Sequence[float], took_s: list[float]) -> None:
    """Ask at each of the moments, or as soon after it as the answer before has come."""
    reader, writer = await asyncio.open_connection("127.0.0.1", stream.port)
    try:
        for moment in moments:
            wait_s = moment - time.monotonic()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            # Waking up late is our fault; having to wait for the answer before is the server's.
            begun = time.monotonic() if wait_s > 0 else moment
            writer.write(stream.request())
            status = await asyncio.wait_for(_answer(reader), _TIMEOUT_S)
            took_s.append(time.monotonic() - begun)
            if status != stream.status:
                raise RuntimeError(f"{stream.name}: {status} instead of {stream.status}")
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> int:
    """Read one answer to its end; its status."""
    first, *headers = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
    lengths = [line[15:] for line in headers if line.lower().startswith(b"content-length:")]
    await reader.readexactly(int(lengths[0]))
    return int(first.split()[1])
