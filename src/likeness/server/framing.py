"""How an answer's body is delimited: by length, by chunks, or by closing. Pure."""

from typing import Final, Self

from likeness.server.head import Fields, Head

_WITHOUT_BODY: Final = frozenset({204, 304})


class Framing:
    """How the body of one answer is sent.

    `fields` are the headers that say so, beside those of the answer. `ends_connection` says that
    nothing but the end of the connection tells where the body ends.
    """

    __slots__ = ("_is_chunked", "_is_silent", "_left", "ends_connection", "fields")

    def __init__(
        self, *, left: int | None, is_chunked: bool = False, is_silent: bool = False
    ) -> None:
        self._left = left
        self._is_chunked = is_chunked
        self._is_silent = is_silent
        self.ends_connection = left is None and not is_chunked and not is_silent
        self.fields: Fields = [(b"transfer-encoding", b"chunked")] if is_chunked else []

    @classmethod
    def of(cls, head: Head, status: int, fields: Fields, body: bytes, *, is_last: bool) -> Self:
        """The framing of an answer with these headers, of which `body` is the first part."""
        is_silent = head.method == "HEAD" or status in _WITHOUT_BODY
        length = next((int(value) for name, value in fields if name == b"content-length"), None)
        if is_silent or length is not None:
            return cls(left=length, is_silent=is_silent)
        if is_last:
            framing = cls(left=len(body))
            framing.fields = [(b"content-length", b"%d" % len(body))]
            return framing
        return cls(left=None, is_chunked=head.version == "1.1")

    def parts(self, body: bytes, *, is_last: bool) -> tuple[bytes, ...]:
        """The bytes to send for a part of the body.

        Raises RuntimeError where the body is not as long as the head said.
        """
        if self._is_silent:
            return ()
        if self._is_chunked:
            chunk = (b"%x\r\n" % len(body), body, b"\r\n") if body else ()
            return (*chunk, b"0\r\n\r\n") if is_last else chunk
        if self._left is not None:
            self._left -= len(body)
            if self._left < 0 or (is_last and self._left):
                raise RuntimeError("the body of an answer is not as long as its head says")
        return (body,) if body else ()
