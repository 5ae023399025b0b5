"""Parses form bodies, multipart and urlencoded, into pairs of name and bytes.

Both take time and memory linear in the length of any body, and leave other threads their turns: a
body may be as long as a picture, and its sender a stranger.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from itertools import chain
from typing import Final

from multipart import MultipartError, ParserLimitReached, PushMultipartParser, parse_options_header

from likeness.errors import InvalidFormData, TooLarge
from likeness.webapi import percent
from likeness.webapi.content_type import parse_content_type
from likeness.webapi.form import UPLOAD, Pairs
from likeness.webapi.slices import slices

PARTS_MAX: Final = 32
"""Twice what the longest call of any client has; 100 000 parts would cost 243 ms of parsing."""

FIELD_LENGTH_MAX: Final = 64 * 1024
"""No argument but the picture needs more than a few characters."""

BESIDE_LENGTH_MAX: Final = 64 * 1024
"""Bytes of a multipart body beside its values: headers, boundaries, preamble and epilogue.

Clients send some hundred a part. A mebibyte of folded header lines would cost 0.6 s of parsing.
"""

BOUNDARY_LENGTH_MAX: Final = 200
"""RFC 2046 allows 70."""

_PLAIN_PARTS_MAX: Final = 8
_PLAIN_HEAD_LENGTH_MAX: Final = 300
"""A usual upload has a picture and some numbers, each named in 60 to 200 bytes. Parsing as many
bytes of folded header lines takes 1.4 ms."""

_HEADERS_MAX: Final = 8
_CONTROLS: Final = frozenset(map(chr, range(32))) - {"\t"}
_BREAKS: Final = frozenset("\r\n\0")
"""Where a lenient reader may think that a header ends."""

_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_PADDING: Final = re.compile(rb"[ \t]{1,200}+(?=\r\n)")
"""Spaces between a boundary and the end of its line, which RFC 2046, 5.1.1, wants overlooked."""


def parse_multipart(body: bytes, content_type: str, upload_length_max: int) -> Pairs:
    """The parts of a multipart body in their order.

    Accepts what clients write (contract § 1.10): an empty line before the first boundary, quoted
    or bare names, any headers. Raises InvalidFormData for a body that is broken or has no end, and
    TooLarge for a part above its limit.
    """
    boundary = _boundary(content_type)
    try:
        return _parts(_parser(boundary), body, upload_length_max)
    except ParserLimitReached as error:
        raise InvalidFormData(
            f"{error}; a form has at most {PARTS_MAX} parts with {_HEADERS_MAX} headers each"
        ) from error
    except MultipartError as error:
        # Looked for only now, since hardly anybody sends them.
        unpadded = _without_padding(body, f"--{boundary}".encode())
        if unpadded is not body:
            return parse_multipart(unpadded, content_type, upload_length_max)
        raise InvalidFormData(f"the multipart body is malformed: {error.args[0]}") from error


def _parser(boundary: str) -> PushMultipartParser:
    return _Parser(
        boundary,
        # Every byte is a character of it: old programs write names of files in the code page that
        # their machine has, and those are not used.
        header_charset="latin-1",
        max_header_count=_HEADERS_MAX,
        max_segment_count=PARTS_MAX,
    )


class _Parser(PushMultipartParser):  # type: ignore[misc]  # - The library has no types.
    """One that ignores the lengths that parts announce, as RFC 7578, 4.8, wants.

    The boundary says where they end. Should the library call this in another way one day, a wrong
    length is refused again, and a test says so.
    """

    def _on_segment_headerline(self, line: bytes) -> None:
        if line.partition(b":")[0].strip().lower() != b"content-length":
            super()._on_segment_headerline(line)


def _without_padding(body: bytes, delimiter: bytes) -> bytes:
    """The body without spaces behind its boundaries; the same object where there are none."""
    pieces, start = list[bytes](), 0
    for end in _ends_of_boundaries(body, delimiter):
        padding = _PADDING.match(body, end)
        if padding:
            pieces.append(body[start:end])
            start = padding.end()
    return b"".join([*pieces, body[start:]]) if pieces else body


def _ends_of_boundaries(body: bytes, delimiter: bytes) -> Iterator[int]:
    """Where the boundaries end; more than there may be parts are not looked for."""
    if body.startswith(delimiter):
        yield len(delimiter)
    line, at = b"\r\n" + delimiter, 0
    for _ in range(PARTS_MAX):
        at = body.find(line, at)
        if at < 0:
            return
        at += len(line)
        yield at


def is_plain(body: bytes, content_type: str) -> bool:
    """Whether parsing takes little more than copying: a few parts, each with a short head.

    Raises InvalidFormData where `parse_multipart` does so for the type.
    """
    delimiter = f"--{_boundary(content_type)}".encode()
    at = body.find(delimiter, 0, _PLAIN_HEAD_LENGTH_MAX)
    for _ in range(_PLAIN_PARTS_MAX):
        head = at + len(delimiter)
        if at < 0 or body.find(b"\r\n\r\n", head, head + _PLAIN_HEAD_LENGTH_MAX) < 0:
            break
        at = body.find(delimiter, head)
    # What is there after the last delimiter is its mark of the end.
    return at >= 0 and len(body) - at - len(delimiter) <= len(b"--\r\n")


def _parts(parser: PushMultipartParser, body: bytes, upload_length_max: int) -> Pairs:
    pairs: Pairs = []
    name, value, beside = "", BytesIO(), 0
    # What stands before the first boundary is only judged rightly in one piece with it.
    first, others = body[:BESIDE_LENGTH_MAX], slices(body, BESIDE_LENGTH_MAX)
    for piece in chain([first], others):
        beside += len(piece)
        for event in parser.parse(piece):
            if event is None:
                pairs.append((name, value.getvalue()))
                check_length(*pairs[-1], upload_length_max)
            elif isinstance(event, bytes | bytearray):
                beside -= value.write(event)
            else:
                name, value = _name(event.headerlist), BytesIO()
        _check_beside(beside)
    parser.close()
    return pairs


def parse_urlencoded(body: bytes, upload_length_max: int) -> Pairs:
    """The fields of an urlencoded body. A picture may be among them, as percent-encoded bytes.

    Raises InvalidFormData for too many fields, a long name or a long value, and TooLarge for a
    picture above its limit.
    """
    if body.count(b"&") >= PARTS_MAX:
        raise InvalidFormData(f"there are more than {PARTS_MAX} fields in the form or the query")
    pairs: Pairs = []
    for start, stop in _fields(body):
        equals = body.find(b"=", start, stop)
        name_stop = stop if equals < 0 else equals
        _check_name_length(name_stop - start)
        name = percent.decode(body, start, name_stop).decode("utf-8", errors="replace")
        value = percent.decode(body, name_stop + 1, stop)
        check_length(name, value, upload_length_max)
        pairs.append((name, value))
    return pairs


def _fields(body: bytes) -> Iterator[tuple[int, int]]:
    """Where each field begins and ends. Nothing between two `&` is no field."""
    start = 0
    while start < len(body):
        found = body.find(b"&", start)
        stop = len(body) if found < 0 else found
        if stop > start:
            yield start, stop
        start = stop + 1


def check_length(name: str, value: bytes, upload_length_max: int) -> None:
    """Raises TooLarge for a picture, or InvalidFormData for another field, above its limit."""
    if name == UPLOAD and len(value) > upload_length_max:
        raise TooLarge(
            f"the picture has {len(value)} bytes; at most {upload_length_max} are allowed",
            argument=name,
        )
    if name != UPLOAD and len(value) > FIELD_LENGTH_MAX:
        raise InvalidFormData(
            f"{name[:40]} has {len(value)} bytes; at most {FIELD_LENGTH_MAX} are allowed"
        )


def _check_name_length(length: int) -> None:
    if length > FIELD_LENGTH_MAX:
        raise InvalidFormData(
            f"the name of a field has {length} bytes; at most {FIELD_LENGTH_MAX} are allowed"
        )


def _check_beside(length: int) -> None:
    if length > BESIDE_LENGTH_MAX:
        raise InvalidFormData(
            f"the form has {length} bytes or more beside its values, in headers and boundaries; at "
            f"most {BESIDE_LENGTH_MAX} are allowed"
        )


def _boundary(content_type: str) -> str:
    """The boundary, unquoted. Raises InvalidFormData for none, more than one, or a long one."""
    boundary = parse_content_type(content_type)[1].get("boundary", "")
    is_printable = boundary.isascii() and not _CONTROLS & set(boundary)
    is_short = 0 < len(boundary) <= BOUNDARY_LENGTH_MAX
    if not is_short or not is_printable or content_type.lower().count("boundary=") != 1:
        raise InvalidFormData(
            "the Content-Type of a multipart body names exactly one boundary of at most "
            f"{BOUNDARY_LENGTH_MAX} ASCII characters"
        )
    return boundary


def _name(headers: list[tuple[str, str]]) -> str:
    """The name of a part.

    The parser lets control characters and repeated parameters through; a proxy in front might read
    them otherwise, so neither is accepted, but within the quotes around the name of a file.
    """
    dispositions = [value for name, value in headers if name == "Content-Disposition"]
    options = parse_options_header(dispositions[0])[1]
    name = options.get("name")
    if len(dispositions) != 1 or not name:
        raise InvalidFormData("each part has one Content-Disposition with one name")
    values = "".join(value for _, value in headers)
    outside = _QUOTED.sub("", values)
    if _BREAKS & set(values) or _CONTROLS & {*outside, *name}:
        raise InvalidFormData("the headers of a part have control characters")
    # A file may be called anything, also something that looks like another name.
    if outside.lower().replace(" ", "").count(";name=") != 1:
        raise InvalidFormData("a part has two names")
    return str(name).encode("latin-1").decode("utf-8", errors="replace")
