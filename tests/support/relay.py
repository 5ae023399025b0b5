"""A wire between two programs: it keeps what was asked on it, and it can be cut."""

import asyncio
import threading
from contextlib import suppress
from typing import Final, Self

from support.live import free_port

_CHUNK: Final = 2**16
_HEAD_MAX: Final = 2**12
"""Bytes of each piece that are kept: enough for the head of a request."""


class Relay:
    """Passes on what comes to its own loopback port to another one, and back; used as a context.

    `asked` has what callers sent, piece by piece; a request begins with a piece of its own.
    """

    def __init__(self, target_port: int) -> None:
        self.port: Final = free_port()
        self.asked: Final[list[bytes]] = []
        self._target_port = target_port
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._passing: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.mend()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.port}"

    def asked_for(self, path: str) -> list[bytes]:
        """The heads of requests for a path."""
        return [head for head in self.asked if head.split(b" ")[1:2] == [path.encode()]]

    def cut(self) -> None:
        """End every connection, and refuse new ones."""
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result()

    def mend(self) -> None:
        """Take connections again."""
        asyncio.run_coroutine_threadsafe(self._mend(), self._loop).result()

    async def _mend(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)

    async def _cut(self) -> None:
        if self._server is None:
            return
        self._server.close()
        self._server = None
        going = list(self._passing)
        for task in going:
            task.cancel()
        await asyncio.gather(*going, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._passing.add(task)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
            try:
                there = _pass(reader, far_writer, self.asked)
                await asyncio.gather(there, _pass(far_reader, writer, None))
            finally:
                far_writer.close()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self._passing.discard(task)


async def _pass(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, heard: list[bytes] | None
) -> None:
    """Until one side says that it has no more to say."""
    while data := await reader.read(_CHUNK):
        if heard is not None:
            heard.append(data[:_HEAD_MAX])
        writer.write(data)
        await writer.drain()
    with suppress(OSError):
        writer.write_eof()
