"""The short way for hot photos: answers from memory, without a parser, a task or ASGI.

It is taken only where it cannot differ from the ordinary way: the whole head is here, each of its
lines is plain, and none says anything but what the answer is chosen by. Everything else, right or
wrong, is for the ordinary way to judge. A property test sends both ways the same bytes.
"""

import re
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from likeness.server.head import FIELDS_MAX, Fields
from likeness.server.wire import Clock

Find = Callable[[str, str, bytes, Fields], tuple[bytes, bytes] | None]
"""Method, path, query and headers of CHOOSING to the head and the body of an answer at hand."""

CHOOSING: Final = frozenset({b"accept", b"if-modified-since", b"if-none-match"})
"""Headers by which an answer is chosen."""

TURNS_MAX: Final = 16
"""Requests of one piece that are answered at once; then it is somebody else's turn."""

LINES_LENGTH_MAX: Final = 4096
"""Bytes of headers that are looked at here; browsers send a fifth of it."""

KNOWN_MAX: Final = 1024
KNOWN_LENGTH_MAX: Final = 1024
"""As many request lines and sets of headers, each of at most so many bytes, are cached in parsed
form, in two megabytes at most: hot photos are asked for again and again, and all pictures of a page
with the same headers."""

_BEGINNINGS: Final = (b"GET /avatar", b"HEAD /avatar")
_REQUEST_LINE: Final = re.compile(
    rb"(GET|HEAD) (/avatars?/[\w/.-]{1,256})(?:\?([\w=&.-]{0,256}))? HTTP/1\.1", re.ASCII
)
_LINES: Final = re.compile(rb"(?:[\w-]+:[ -~]*\r\n)+", re.ASCII)
_OTHERWISE: Final = frozenset(
    {
        b"authorization",
        b"content-length",
        b"content-type",
        b"expect",
        b"proxy-connection",
        b"transfer-encoding",
        b"upgrade",
    }
)
"""Headers that only the ordinary way understands."""


_Line = tuple[str, str, bytes]
T = TypeVar("T")


class Shortcut:
    """Answers what `find` finds. The date in the answers is that of `clock`."""

    def __init__(self, find: Find, clock: Clock) -> None:
        self._find = find
        self._clock = clock
        self._lines = _Memory(read_request_line)
        self._headers = _Memory(read_headers)

    def take(self, data: bytes) -> tuple[list[bytes], bytes]:
        """The answers to the requests at the beginning of `data`, and the rest of it."""
        parts: list[bytes] = []
        turns = TURNS_MAX
        while turns and data.startswith(_BEGINNINGS):
            end = data.find(b"\r\n\r\n")
            answer = self._answer(data, end) if end > 0 else None
            if answer is None:
                break
            head, body = answer
            parts += (head, self._clock.keep, body) if body else (head, self._clock.keep)
            data = data[end + 4 :]
            turns -= 1
        return parts, data

    def _answer(self, data: bytes, end: int) -> tuple[bytes, bytes] | None:
        line_end = data.find(b"\r\n")
        line = self._lines.of(data[:line_end])
        fields = self._headers.of(data[line_end + 2 : end + 2])
        if line is None or fields is None:
            return None
        method, path, query = line
        return self._find(method, path, query, fields)


class _Memory(Generic[T]):
    """A cache of parsed short texts; when it is full, all is dropped."""

    def __init__(self, read: Callable[[bytes], T]) -> None:
        self._read = read
        self._known: dict[bytes, T] = {}

    def __len__(self) -> int:
        return sum(map(len, self._known))

    def of(self, text: bytes) -> T:
        """The parsed form of a text."""
        try:
            return self._known[text]
        except KeyError:
            said = self._read(text)
        if len(text) <= KNOWN_LENGTH_MAX:
            if len(self._known) >= KNOWN_MAX:
                self._known.clear()
            self._known[text] = said
        return said


def read_request_line(line: bytes) -> _Line | None:
    """Method, path and query; None where the ordinary way has to judge."""
    found = _REQUEST_LINE.fullmatch(line)
    if found is None:
        return None
    method, path, query = found.groups(b"")
    return method.decode(), path.decode(), query


def read_headers(lines: bytes) -> Fields | None:
    """The headers of CHOOSING among header lines; None where the ordinary way has to judge."""
    if len(lines) > LINES_LENGTH_MAX or not _LINES.fullmatch(lines):
        return None
    pairs = [line.partition(b":") for line in lines.split(b"\r\n")[:-1]]
    fields = [(name.lower(), value.strip(b" ")) for name, _, value in pairs]
    names = [name for name, _ in fields]
    is_single = all(names.count(name) <= 1 for name in CHOOSING)
    if names.count(b"host") != 1 or len(names) > FIELDS_MAX or not is_single:
        return None
    if not _OTHERWISE.isdisjoint(names) or not all(map(_is_kept, fields)):
        return None
    return [pair for pair in fields if pair[0] in CHOOSING]


def _is_kept(field: tuple[bytes, bytes]) -> bool:
    """Whether a header leaves the connection as it is."""
    return field[0] != b"connection" or field[1].lower() == b"keep-alive"
