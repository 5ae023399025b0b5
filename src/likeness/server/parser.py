"""Parses bytes into requests, one at a time, by llhttp, the parser of Node.js."""

from typing import Final, Protocol, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from likeness.server.head import (
    FIELDS_MAX,
    HEAD_LENGTH_MAX,
    BadRequestError,
    Fields,
    Head,
    read_head,
)

CHUNKS_FREE: Final = 4096
CHUNK_LENGTH_MIN: Final = 64
"""Beyond the first 4,096 chunks of a body they must have 64 bytes on average: to read a chunk of
one byte costs as much as to read one of a thousand."""

CHUNK_FRAME_LENGTH: Final = 16
"""Bytes that a chunk has beside its data; all beyond that, extensions and trailers, is bounded as a
head is: llhttp's binding joins the pieces of a long one again and again."""

_END: Final = b"\r\n\r\n"


class Listener(Protocol):
    """Hears of a request while it comes in."""

    def head_came(self, head: Head) -> None:
        """The head is complete."""

    def body_came(self, data: bytes) -> None:
        """A further part of the body is here."""

    def request_ended(self) -> None:
        """The request is complete."""


class RequestParser:
    """Cuts a stream of bytes into requests, and calls a listener for each.

    `has_lost` says that bytes after a chunked body were lost, since llhttp says only that the body
    has ended, and not where: the connection must end with that request. No client sends another one
    before it has the answer to the one with the body. `received` counts the bytes of a body.
    """

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        # Made for the first bytes: most connections take the short way only.
        self._parser: HttpRequestParser | None = None
        self._is_muted = False
        self.has_lost = False
        self._begin()

    @property
    def has_begun(self) -> bool:
        """Whether some of a request is here and the rest is not; empty lines are nothing."""
        return self._has_begun

    def feed(self, data: bytes) -> bytes:
        """Read up to the end of one request; gives back what follows it.

        Raises BadRequestError, after which nothing more can be read.
        """
        self._is_complete = False
        while data and not self._is_complete:
            data = self._feed_body(data, self._head) if self._head else self._feed_head(data)
        return data

    def close(self) -> None:
        """Let go of the listener and of llhttp, which both hold on to this parser.

        Else a connection that is gone would stay until the garbage collector finds it.
        """
        self._parser = None
        del self._listener

    def _begin(self) -> None:
        """Nothing of the next request is here yet."""
        self._head: Head | None = None
        self._has_begun = False
        self._head_length = self._frame_length = 0
        self._tail = b""
        self._target = b""
        self._headers: Fields = []
        self._fields = self._chunks = self.received = 0
        self._is_complete = True

    def _feed_head(self, data: bytes) -> bytes:
        """Read to the end of the head, if it is here, and not a byte further."""
        found = (self._tail + data).find(_END)
        end = len(data) if found < 0 else found + len(_END) - len(self._tail)
        self._head_length += end
        if self._head_length > HEAD_LENGTH_MAX:
            raise BadRequestError(431, f"the head of a request has at most {HEAD_LENGTH_MAX} bytes")
        self._tail = (self._tail + data[:end])[1 - len(_END) :]
        self._feed(data[:end])
        if found >= 0 and self._target and self._head is None:
            raise BadRequestError(
                400, "this is the beginning of HTTP/2, and HTTP/1.1 is spoken here"
            )
        return data[end:]

    def _feed_body(self, data: bytes, head: Head) -> bytes:
        """Read the body, and, where its length is known, nothing that follows it."""
        end = len(data) if head.length is None else head.length - self.received
        before = self.received
        self._feed(data[:end])
        if head.length is None and not self._is_complete:
            self._frame_length += len(data) - (self.received - before)
            if self._frame_length > HEAD_LENGTH_MAX + CHUNK_FRAME_LENGTH * self._chunks:
                raise BadRequestError(431, f"trailers have at most {HEAD_LENGTH_MAX} bytes")
        return data[end:]

    def _feed(self, piece: bytes) -> None:
        self._parser = self._parser or HttpRequestParser(self)
        try:
            self._parser.feed_data(piece)
        except HttpParserUpgrade:
            self._decline_upgrade()
        except HttpParserError as error:
            if not self._is_complete:
                raise _reason(error) from error
            self.has_lost = True

    def _decline_upgrade(self) -> None:
        """Go on in HTTP/1.1, although the client offered another protocol.

        llhttp takes all that follows the head for the other protocol. Another parser, which has
        only heard how long the body is, reads it.
        """
        self._parser = HttpRequestParser(self)
        if self._head is None:
            return
        length = self._head.length
        framing = "transfer-encoding: chunked" if length is None else f"content-length: {length}"
        self._is_muted = True
        self._parser.feed_data(f"POST / HTTP/1.1\r\n{framing}\r\n\r\n".encode())
        self._is_muted = False

    # The callbacks of llhttp.

    def on_message_begin(self) -> None:
        """A request begins; a second one in the same piece is that which is lost."""
        self.has_lost |= self._is_complete
        self._is_muted |= self.has_lost
        self._has_begun = True

    def on_url(self, part: bytes) -> None:
        """A part of the target."""
        self._target += part

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header; or a trailer, which is counted and left out."""
        if self._is_muted:
            return
        self._fields += 1
        if self._fields > FIELDS_MAX:
            raise BadRequestError(431, f"a request has at most {FIELDS_MAX} headers")
        if self._head is None:
            self._headers.append((name.lower(), value.strip(b" \t")))

    def on_headers_complete(self) -> None:
        """The end of the head."""
        if self._is_muted:
            return
        parser = cast("HttpRequestParser", self._parser)
        self._head = read_head(
            parser.get_method().decode("ascii"),
            self._target,
            parser.get_http_version(),
            self._headers,
            keeps_alive=parser.should_keep_alive(),
        )
        self._listener.head_came(self._head)

    def on_chunk_header(self) -> None:
        """A chunk begins."""
        self._chunks += 1
        if self._chunks > CHUNKS_FREE + self.received // CHUNK_LENGTH_MIN:
            raise BadRequestError(400, f"send chunks of {CHUNK_LENGTH_MIN} bytes or more")

    def on_body(self, data: bytes) -> None:
        """A part of the body."""
        self.received += len(data)
        if not self._is_muted:
            self._listener.body_came(data)

    def on_message_complete(self) -> None:
        """The end of the request, unless a body follows that the upgrade has hidden."""
        parser = cast("HttpRequestParser", self._parser)
        is_hidden = self._head and self._head.length != 0 and parser.should_upgrade()
        if not self._is_muted and not is_hidden:
            self._begin()
            self._listener.request_ended()


def _reason(error: HttpParserError) -> BadRequestError:
    """The error of a callback, or llhttp's own."""
    if isinstance(error.__context__, BadRequestError):
        return error.__context__
    return BadRequestError(400, f"this is no request of HTTP/1.1: {error}")
