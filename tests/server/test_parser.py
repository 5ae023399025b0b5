"""Bytes to requests: cut anywhere, followed by others, in any encoding, broken."""

import itertools
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from likeness.server.head import FIELDS_MAX, HEAD_LENGTH_MAX, BadRequestError, Head
from likeness.server.parser import CHUNK_LENGTH_MIN, CHUNKS_FREE, RequestParser

GET = b"GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3;extension=y\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer: z\r\n\r\n"
)
UPGRADE = b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAA\r\n"


@dataclass
class Heard:
    """What a parser has told."""

    heads: list[Head] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    ended: int = 0

    def head_came(self, head: Head) -> None:
        """Note it."""
        self.heads.append(head)
        self.bodies.append(b"")

    def body_came(self, data: bytes) -> None:
        """Note it."""
        self.bodies[-1] += data

    def request_ended(self) -> None:
        """Note it."""
        self.ended += 1


def feed_all(parser: RequestParser, data: bytes) -> None:
    """Feed all of it, request by request."""
    while data:
        data = parser.feed(data)


def heard(*pieces: bytes) -> Heard:
    """What is told of these pieces."""
    told = Heard()
    parser = RequestParser(told)
    for piece in pieces:
        feed_all(parser, piece)
    return told


@pytest.mark.parametrize(
    ("request_bytes", "body"), [(GET, b""), (POST, b"hello"), (CHUNKED, b"hello")]
)
@given(st.data())
def test_a_request_may_be_cut_anywhere(
    request_bytes: bytes, body: bytes, data: st.DataObject
) -> None:
    """Even into single bytes; trailers are left out."""
    cuts = sorted(data.draw(st.sets(st.integers(1, len(request_bytes) - 1))))
    ends = [0, *cuts, len(request_bytes)]

    told = heard(*(request_bytes[a:b] for a, b in itertools.pairwise(ends)))

    assert [body] == told.bodies
    assert 1 == told.ended
    assert {name for name, _ in told.heads[0].headers} <= {
        b"host",
        b"content-length",
        b"transfer-encoding",
    }


def test_one_request_is_read_at_a_time() -> None:
    """What follows is given back, to be read when the first one is answered."""
    told = Heard()
    parser = RequestParser(told)

    rest = parser.feed(b"\r\n\r\n" + GET + POST + GET)

    assert POST + GET == rest
    assert (1, 1, False) == (len(told.heads), told.ended, parser.has_begun)
    assert GET == parser.feed(rest)
    assert b"" == parser.feed(GET[:10])
    assert parser.has_begun
    assert [b"", b"hello"] == told.bodies


@pytest.mark.parametrize("following", [GET, POST, b"rubbish\r\n\r\n"])
def test_what_follows_a_chunked_body_in_the_same_piece_is_lost(following: bytes) -> None:
    """And said to be, whatever it is; in another piece it is not."""
    told = Heard()
    parser = RequestParser(told)

    assert b"" == parser.feed(CHUNKED + following)

    assert parser.has_lost
    assert ([b"hello"], 1) == (told.bodies, told.ended)
    assert 2 == heard(CHUNKED, GET).ended


@pytest.mark.parametrize(
    ("framing", "sent", "body"),
    [
        (b"", b"", b""),
        (b"Content-Length: 5\r\n", b"hello", b"hello"),
        (b"Transfer-Encoding: chunked\r\n", b"5\r\nhello\r\n0\r\n\r\n", b"hello"),
    ],
)
def test_another_protocol_may_be_offered(framing: bytes, sent: bytes, body: bytes) -> None:
    """Java's own client offers HTTP/2 with each first request, pictures included."""
    first = b"POST /a HTTP/1.1\r\nHost: x\r\n" + framing + UPGRADE + b"\r\n"

    told = heard(first + sent[:2], sent[2:], GET)

    assert [body, b""] == told.bodies
    assert 2 == told.ended


BROKEN = {
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "no version": b"GET /\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
    "length and chunks": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
    b"Content-Length: 3\r\n\r\n",
    "a negative length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -3\r\n\r\n",
    "a folded line": b"GET / HTTP/1.1\r\nHost: x\r\n y\r\n\r\n",
    "a space before the colon": b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
    "line feeds alone": b"GET / HTTP/1.1\nHost: x\n\n",
    "a NUL": b"GET / HTTP/1.1\r\nHost: x\r\nA: \0\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
    "a bad chunk": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "small letters": b"get / HTTP/1.1\r\nHost: x\r\n\r\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_request_is_refused(name: str) -> None:
    """At once, and with a sentence."""
    with pytest.raises(BadRequestError) as refused:
        heard(BROKEN[name])

    assert 400 == refused.value.status


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * (FIELDS_MAX + 2), id="fields"),
        pytest.param(b"GET / HTTP/1.1\r\na: " + b"b" * HEAD_LENGTH_MAX, id="bytes"),
        pytest.param(b"\r\n" * HEAD_LENGTH_MAX, id="empty lines"),
    ],
)
def test_a_head_is_bounded(start: bytes) -> None:
    """In bytes and in fields, before its end has come, whatever the pieces."""
    for pieces in ([start], [start[at : at + 1000] for at in range(0, len(start), 1000)]):
        with pytest.raises(BadRequestError) as refused:
            heard(*pieces)
        assert 431 == refused.value.status


def test_trailers_are_bounded() -> None:
    """They are headers that come late."""
    with pytest.raises(BadRequestError):
        heard(CHUNKED.replace(b"Trailer: z\r\n", b"Trailer: z\r\n" * (FIELDS_MAX + 1)))


@pytest.mark.parametrize("start", [b"0\r\nX: ", b"0\r\n", b"2;x=", b"2;"])
def test_trailers_and_extensions_are_bounded_in_length(start: bytes) -> None:
    """One alone, names and values: joining its pieces takes the square of its length."""
    parser = RequestParser(Heard())
    parser.feed(b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + start)

    for _ in range(HEAD_LENGTH_MAX // 1000):
        parser.feed(b"a" * 1000)
    with pytest.raises(BadRequestError, match=str(HEAD_LENGTH_MAX)):
        parser.feed(b"a" * 1000)


def test_many_chunks_may_have_what_they_need() -> None:
    """As a client sends them that writes a large body in small pieces."""
    told = heard(
        CHUNKED.partition(b"\r\n\r\n")[0] + b"\r\n\r\n", *[b"0064\r\n%100d\r\n" % 7] * 9_000
    )

    assert len(told.bodies[0]) == 900_000


def test_empty_lines_before_a_request_are_nothing() -> None:
    """Some clients end a body with one (RFC 9112, 2.2)."""
    parser = RequestParser(told := Heard())

    parser.feed(b"\r\n")
    assert not parser.has_begun
    parser.feed(GET[:9])
    assert parser.has_begun
    parser.feed(GET[9:])
    assert told.ended == 1


def test_an_offer_of_another_protocol_counts_no_header_of_ours() -> None:
    """As many headers as may be, two of them the offer, and a body."""
    spare = FIELDS_MAX - 3 - 2
    head = POST.replace(b"\r\n\r\n", b"\r\n" + UPGRADE + b"X: y\r\n" * spare + b"\r\n", 1)

    assert heard(head).bodies == [b"hello"]


def test_the_chunks_of_a_body_are_bounded() -> None:
    """A client that writes line by line is served; one that writes byte by byte is not."""
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    line = b"%x\r\n%b\r\n" % (CHUNK_LENGTH_MIN, b"x" * CHUNK_LENGTH_MIN)

    told = heard(head, line * (2 * CHUNKS_FREE), b"0\r\n\r\n")
    with pytest.raises(BadRequestError, match="chunks"):
        heard(head, b"1\r\nx\r\n" * (CHUNKS_FREE + CHUNKS_FREE // 32))

    assert 2 * CHUNKS_FREE * CHUNK_LENGTH_MIN == len(told.bodies[0])


@given(st.lists(st.one_of(st.binary(), st.sampled_from([GET, POST, CHUNKED, *BROKEN.values()]))))
def test_any_bytes_are_read_or_refused(pieces: list[bytes]) -> None:
    """Nothing else is raised, and no more requests end than have begun."""
    told = Heard()
    parser = RequestParser(told)
    try:
        for piece in pieces:
            if not parser.has_lost:
                feed_all(parser, piece)
    except BadRequestError as refused:
        assert 400 <= refused.status < 600  # noqa: PT017 - It may be raised, or not.
    assert told.ended <= len(told.heads)
