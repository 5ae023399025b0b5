"""Requests to the byte: composed by hand, sent through a socket, and answers read back.

For what no HTTP client library would send; which client sends what is in `clients.py`.
"""

import http.client
import json
import socket
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self
from urllib.parse import quote, urlencode

from support.live import LiveServer
from support.patience import PATIENCE_S

BOUNDARY: Final = "------------------------3fd5c5a1e0b94d17"
URLENCODED: Final = "application/x-www-form-urlencoded"
_CRLF: Final = b"\r\n"
_CHUNK_LENGTH: Final = 32 * 1024


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart body: its header lines as sent, and its bytes."""

    lines: tuple[str, ...]
    data: bytes


def field_part(name: str, value: str) -> Part:
    """A text part as most clients write it."""
    return Part((f'Content-Disposition: form-data; name="{name}"',), value.encode())


def file_part(data: bytes, name: str = "image", filename: str = "me.png") -> Part:
    """A file part as most clients write it."""
    disposition = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"'
    return Part((disposition, "Content-Type: image/png"), data)


def multipart(parts: Iterable[Part], *, boundary: str = BOUNDARY, preamble: bytes = b"") -> bytes:
    """The body of a form, closed properly."""
    delimiter = f"--{boundary}".encode()
    pieces = [preamble]
    for part in parts:
        head = _CRLF.join(line.encode() for line in part.lines)
        pieces += [delimiter, _CRLF, head, _CRLF * 2, part.data, _CRLF]
    return b"".join([*pieces, delimiter, b"--", _CRLF])


@dataclass(frozen=True, slots=True)
class Request:
    """A call, to be spoiled or sent. `is_chunked` leaves out Content-Length."""

    method: str
    body: bytes = field(default=b"", repr=False)
    verb: str = "POST"
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    is_chunked: bool = False

    def with_headers(self, **headers: str) -> Self:
        """The same call with these headers in place of those of the same name; `_` stands for -."""
        new = {name.replace("_", "-"): value for name, value in headers.items()}
        gone = {name.lower() for name in new}
        kept = [pair for pair in self.headers if pair[0].lower() not in gone]
        return replace(self, headers=(*kept, *new.items()))

    def without(self, header: str) -> Self:
        """The same call without a header."""
        kept = tuple(pair for pair in self.headers if pair[0].lower() != header.lower())
        return replace(self, headers=kept)

    def head(self) -> bytes:
        """The request line and the headers, with the empty line that ends them."""
        query = f"?{self.query}" if self.query else ""
        lines = [f"{self.verb} /api/{quote(self.method)}{query} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in (("Host", "likeness"), *self.headers)]
        names = {name.lower() for name, _ in self.headers}
        if self.is_chunked:
            lines.append("Transfer-Encoding: chunked")
        elif self.verb == "POST" and "content-length" not in names:
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode()

    def payload(self) -> bytes:
        """The body as it is framed on the wire."""
        return chunked(self.body) if self.is_chunked else self.body

    def raw(self) -> bytes:
        """The whole request."""
        return self.head() + self.payload()


def post(method: str, token: str | None, *parts: Part, **values: str) -> Request:
    """A multipart call with the token in the header, as a well-behaved client makes it."""
    fields = [field_part(name, value) for name, value in values.items()]
    typed = (("Content-Type", f"multipart/form-data; boundary={BOUNDARY}"),)
    headers = typed if token is None else (*typed, bearer(token))
    return Request(method, multipart([*fields, *parts]), headers=headers)


def form(method: str, token: str | None, **values: str) -> Request:
    """An urlencoded call with the token in the header."""
    typed = (("Content-Type", URLENCODED),)
    headers = typed if token is None else (*typed, bearer(token))
    return Request(method, urlencode(values).encode(), headers=headers)


def document(method: str, token: str | None, body: bytes = b"") -> Request:
    """A JSON call with the token in the header."""
    typed = (("Content-Type", "application/json; charset=utf-8"),)
    headers = typed if token is None else (*typed, bearer(token))
    return Request(method, body, headers=headers)


def get(method: str, token: str | None, **values: str) -> Request:
    """A GET call with its arguments in the query."""
    headers = () if token is None else (bearer(token),)
    return Request(method, verb="GET", query=urlencode(values), headers=headers)


def bearer(token: str) -> tuple[str, str]:
    """The header that carries a token."""
    return "Authorization", f"Bearer {token}"


def chunked(body: bytes) -> bytes:
    """A body in chunks, as a client sends one whose length it does not know."""
    pieces = [body[at : at + _CHUNK_LENGTH] for at in range(0, len(body), _CHUNK_LENGTH)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: names of headers are in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)

    @property
    def document(self) -> dict[str, Any]:
        """The JSON object that it holds."""
        content: dict[str, Any] = json.loads(self.body)
        return content

    @property
    def error(self) -> str:
        """The error code, or an empty text for success."""
        return str(self.document.get("error", ""))

    @property
    def messages(self) -> list[str]:
        """What the answer explains."""
        return list(self.document.get("response_metadata", {}).get("messages", []))


def send(server: LiveServer, request: Request) -> Reply:
    """Send a request on a connection of its own and read the answer."""
    return send_raw(server, request.raw(), verb=request.verb)


def send_raw(
    server: LiveServer, raw: bytes, *, verb: str = "POST", half_close: bool = False
) -> Reply:
    """Send bytes and read one answer. `half_close` says that no more bytes will come."""
    with connect(server) as line:
        line.sendall(raw)
        if half_close:
            line.shutdown(socket.SHUT_WR)
        return read_reply(line, verb)


def send_each(server: LiveServer, requests: Sequence[Request]) -> list[Reply]:
    """Send requests one after another on a single connection that is kept alive."""
    with connect(server) as line:
        replies = []
        for request in requests:
            line.sendall(request.raw())
            replies.append(read_reply(line, request.verb))
        return replies


def connect(server: LiveServer) -> socket.socket:
    """A connection to the server, with a timeout on everything."""
    return socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S)


def read_reply(line: socket.socket, verb: str = "POST") -> Reply:
    """The next answer on a connection, whose end is left where it is."""
    with closing(http.client.HTTPResponse(line, method=verb)) as response:
        response.begin()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, headers, response.read())
