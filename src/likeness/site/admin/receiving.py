"""A form with a file that is too long for memory: its fields first, then the file in pieces."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Final

from multipart import (
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)
from starlette.requests import ClientDisconnect, Request

from likeness.errors import Mistake

PARTS_MAX: Final = 16
HEADERS_MAX: Final = 8
"""Parts of a form, and headers of each."""

FIELDS_LENGTH_MAX: Final = 16 * 1024
"""Bytes of all fields together, the names of parts included."""

RECEIVE_S_MAX: Final = 3600.0
"""Seconds that a file may take to arrive: half a gigabyte at 1.2 megabits a second."""

RECEIVED_AT_ONCE: Final = 2
"""Files that one process receives at a time, each with one piece of it in memory."""


class Received:
    """A form whose fields are there, and whose file is read by `chunks`.

    A file that comes before the fields is refused: whose it is would not be known.
    """

    def __init__(self, request: Request) -> None:
        self._request = request
        self.fields: dict[str, str] = {}
        self.file_name = ""
        self._name = ""
        self._field = bytearray()
        self._length = 0
        self._events = self._parts()

    async def begin(self) -> None:
        """Read up to the beginning of the file. Raises Mistake."""
        async for event in self._events:
            if event is None:
                return
        raise Mistake("choose a file first")

    async def chunks(self) -> AsyncIterator[bytes]:
        """The file. Raises Mistake where it is not whole."""
        async for event in self._events:
            if event is not None:
                yield event

    async def _parts(self) -> AsyncIterator[bytes | None]:
        """None where the file begins, then what it holds; fields are noted on the way."""
        parser = _parser(self._request)
        with _failures():
            async for chunk in self._request.stream():
                for event in parser.parse(chunk):
                    if not self.file_name:
                        if self._begins_file(event):
                            yield None
                    elif isinstance(event, bytes | bytearray):
                        yield bytes(event)
                    elif event is not None:
                        raise Mistake("the file has to be the last field of the form")
            parser.close()

    def _begins_file(self, event: MultipartSegment | bytes | bytearray | None) -> bool:
        """Note what comes before the file; whether it begins here."""
        if event is None:
            self.fields[self._name] = self._field.decode("utf-8", errors="replace")
        elif isinstance(event, bytes | bytearray):
            self._field += event
            self._count(len(event))
        else:
            self._name, self._field = event.name or "", bytearray()
            self.file_name = event.filename or ""
            self._count(len(self._name))
        return bool(self.file_name)

    def _count(self, length: int) -> None:
        self._length += length
        if self._length > FIELDS_LENGTH_MAX:
            raise Mistake(f"the fields of the form have more than {FIELDS_LENGTH_MAX} bytes")


def _parser(request: Request) -> PushMultipartParser:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise Mistake("a file is sent as multipart/form-data")
    return PushMultipartParser(
        options["boundary"], max_header_count=HEADERS_MAX, max_segment_count=PARTS_MAX
    )


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except MultipartError as error:
        raise Mistake(f"the form cannot be read: {error.args[0]}") from error
    except ClientDisconnect as error:
        raise Mistake("the connection ended before the file was whole") from error
