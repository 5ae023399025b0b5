"""The head of a request, and the checks of it. Pure.

Everything that two readers of one request could understand in two ways is refused, since a proxy
in front may be the other reader.
"""

from dataclasses import dataclass
from typing import Final

from httptools import HttpParserInvalidURLError, parse_url

HEAD_LENGTH_MAX: Final = 32 * 1024
"""Bytes of a request line with its headers; browsers with many cookies send 16 KiB at most."""

FIELDS_MAX: Final = 100
"""Headers of a request, trailers included. Browsers send twenty, and proxies add some."""

TARGET_LENGTH_MAX: Final = 16 * 1024
"""Bytes of a path with its query."""

_SINGLE: Final = (b"host", b"authorization", b"content-type")
"""Headers of which a second one would let two readers take two different ones for true."""

_VERSIONS: Final = ("1.0", "1.1")

Fields = list[tuple[bytes, bytes]]


class BadRequestError(Exception):
    """A request that is refused by its head. `status` and `text` say why."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@dataclass(frozen=True, slots=True)
class Head:
    """A request without its body. Names of headers are in small letters.

    `length` is that of the body in bytes, None for a chunked one.
    """

    method: str
    path: bytes
    query: bytes
    version: str
    headers: Fields
    length: int | None
    keeps_alive: bool
    expects_continue: bool


def read_head(
    method: str, target: bytes, version: str, headers: Fields, *, keeps_alive: bool
) -> Head:
    """The head whose parts a parser has found. Raises BadRequestError."""
    if version not in _VERSIONS:
        raise BadRequestError(400, "send the request by HTTP/1.1 or HTTP/1.0")
    _check_single(version, headers)
    path, query = _path_and_query(method, target)
    expects_continue = version == "1.1" and any(
        name == b"expect" and value.lower() == b"100-continue" for name, value in headers
    )
    return Head(
        method,
        path,
        query,
        version,
        headers,
        _body_length(version, headers),
        keeps_alive,
        expects_continue,
    )


def _check_single(version: str, headers: Fields) -> None:
    names = [name for name, _ in headers]
    for name in _SINGLE:
        if names.count(name) > 1:
            raise BadRequestError(400, f"the header {name.decode()} is there twice; send it once")
    if version == "1.1" and b"host" not in names:
        raise BadRequestError(400, "the header host is missing; HTTP/1.1 needs it")


def _body_length(version: str, headers: Fields) -> int | None:
    """The bytes of the body; None for a chunked one. The parser has judged Content-Length."""
    for name, value in headers:
        if name == b"transfer-encoding":
            if value.lower() != b"chunked" or version == "1.0":
                raise BadRequestError(
                    400, "the body's only transfer encoding may be chunked, and in HTTP/1.1"
                )
            return None
        if name == b"content-length":
            return int(value)
    return 0


def _path_and_query(method: str, target: bytes) -> tuple[bytes, bytes]:
    if len(target) > TARGET_LENGTH_MAX:
        raise BadRequestError(414, f"a path with its query has at most {TARGET_LENGTH_MAX} bytes")
    if method == "CONNECT":
        raise BadRequestError(400, "this is no proxy")
    if not target.startswith(b"/") and target != b"*":
        target = _origin_form(target)
    path, _, query = target.partition(b"#")[0].partition(b"?")
    return path, query


def _origin_form(target: bytes) -> bytes:
    """The path and the query of a whole URL, which proxies are sent."""
    try:
        url = parse_url(target)
    except HttpParserInvalidURLError as error:
        raise BadRequestError(400, "the target of the request is no URL") from error
    return (url.path or b"/") + (b"?" + url.query if url.query else b"")
