"""Raw abuse of the HTTP door: each gets an answer of the contract or a closed connection, soon."""

import contextlib
import json
import random
import select
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from support import web
from support.live import LiveServer, Person, add_person
from support.patience import PATIENCE_S
from support.pictures import png
from support.processes import pss_mb, server_processes

GROWTH_MB_MAX: Final = 150
SLOW_SOCKETS: Final = 100
RANDOM_ATTACKS: Final = 500
PARTS: Final = 100_000
BOUNDARY: Final = "frontier"
CRLF: Final = b"\r\n"
REFUSED_BY_SERVER: Final = range(400, 500)
FORGED: Final = "X-Forged"


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server that gives a request all the time it needs; watched for memory and its process."""
    folder = tmp_path_factory.mktemp("abused") / "data"
    with LiveServer(folder, {"RATE_LIMITS": "off"}) as live:
        pids, before = [process.pid for process in server_processes(live)], pss_mb(live)
        yield live
        assert pids == [process.pid for process in server_processes(live)]
        assert pss_mb(live) - before < GROWTH_MB_MAX
        assert "call_failed" not in live.log()


@pytest.fixture(scope="module")
def ada(patient: LiveServer) -> Person:
    """Somebody who may set a photo."""
    return add_person(patient)


@pytest.fixture(autouse=True)
def _works_afterwards(patient: LiveServer, ada: Person) -> Iterator[None]:
    """After every abuse, an ordinary caller is served."""
    yield
    reply = web.post(f"{patient.api}auth.test", headers={"Authorization": f"Bearer {ada.token}"})
    assert reply.json()["ok"]


def connected(server: LiveServer) -> socket.socket:
    """A connection on which whoever says nothing for as long as we wait hangs."""
    return socket.create_connection(("127.0.0.1", server.port), PATIENCE_S)


def exchange(server: LiveServer, raw: bytes, *, half_close: bool = False) -> bytes:
    """Send bytes, as many as the server takes, and return all it says until it closes.

    Raises TimeoutError when it neither answers nor closes. A server that has answered may keep the
    connection; one whole answer is enough.
    """
    with connected(server) as line:
        # A server that has closed already makes shutting down an OSError (ENOTCONN).
        with contextlib.suppress(OSError):
            line.sendall(raw)
            if half_close:
                line.shutdown(socket.SHUT_WR)
        return hear(line)


def hear(line: socket.socket) -> bytes:
    """Everything until the first answer is complete or the connection is closed."""
    heard = b""
    while not is_complete(heard):
        try:
            piece = line.recv(65536)
        except ConnectionError:
            break
        if not piece:
            break
        heard += piece
    return heard


def is_complete(heard: bytes) -> bool:
    """Whether the bytes hold one whole answer."""
    head, found, body = heard.partition(CRLF * 2)
    for header in head.lower().split(CRLF):
        if header.startswith(b"content-length:"):
            return bool(found) and len(body) >= int(header[15:])
    return bool(found) and b"chunked" not in head.lower()


def verdict(heard: bytes) -> str:
    """`closed`, `4xx` or the contract's word. Raises AssertionError for anything else."""
    if not heard:
        return "closed"
    head, _, body = heard.partition(CRLF * 2)
    status = int(head.split(b" ")[1])
    if status in REFUSED_BY_SERVER:
        return "4xx"
    assert 200 == status, heard[:500]
    # What follows is the answer to bytes that were left over, as a request of their own.
    document: dict[str, Any] = json.JSONDecoder().raw_decode(body.decode())[0]
    return "ok" if document["ok"] else str(document["error"])


def head(person: Person, *lines: str, path: str = "/api/users.setPhoto") -> bytes:
    """The start of a POST with the person's token and further header lines."""
    first = [f"POST {path} HTTP/1.1", "Host: likeness", f"Authorization: Bearer {person.token}"]
    return "\r\n".join([*first, *lines, "", ""]).encode("latin-1")


def form_type(boundary: str = BOUNDARY) -> str:
    """The Content-Type line of a form."""
    return f"Content-Type: multipart/form-data; boundary={boundary}"


def part(disposition: bytes, data: bytes) -> bytes:
    """One part of a form whose Content-Disposition is written as given."""
    start = f"--{BOUNDARY}\r\nContent-Disposition: form-data; ".encode()
    return start + disposition + CRLF * 2 + data + CRLF


def posted(person: Person, *parts: bytes, before: bytes = b"", after: bytes = b"") -> bytes:
    """A whole request with a form of these parts."""
    body = before + b"".join(parts) + f"--{BOUNDARY}--\r\n".encode() + after
    return head(person, form_type(), f"Content-Length: {len(body)}") + body


@contextlib.contextmanager
def slow_senders(server: LiveServer, person: Person) -> Iterator[list[socket.socket]]:
    """A hundred bodies that have begun to arrive."""
    start = head(person, form_type(), "Content-Length: 100000") + b"-"
    with contextlib.ExitStack() as opened:
        lines = [opened.enter_context(connected(server)) for _ in range(SLOW_SOCKETS)]
        for line in lines:
            line.sendall(start)
        yield lines


def test_slow_senders_hold_up_nobody(patient: LiveServer, ada: Person) -> None:
    """Others are served while all of these are still waited for."""
    with slow_senders(patient, ada) as lines:
        for _ in range(2):
            assert web.get(f"{patient.url}/readyz").status_code == 200
            for line in lines:
                line.sendall(b"-")

        assert select.select(lines, [], [], 0)[0] == []


def test_slow_senders_are_cut_off(tmp_path: Path) -> None:
    """By the deadline of a whole request, here two seconds; a byte now and then extends nothing."""
    hasty = LiveServer(tmp_path / "data", {"RATE_LIMITS": "off", "REQUEST_TIMEOUT_S": "2"})
    with hasty, slow_senders(hasty, add_person(hasty)) as lines:
        time.sleep(1)
        for line in lines:
            # Who was slowest to begin may be cut off already.
            with contextlib.suppress(ConnectionError):
                line.sendall(b"-")
        words = {verdict(hear(line)) for line in lines}

    assert words <= {"request_timeout", "closed"}


@pytest.mark.slow
def test_a_header_that_never_ends_is_cut_off(patient: LiveServer, ada: Person) -> None:
    """By the server's own deadline for headers."""
    heard = exchange(patient, head(ada)[:-4])

    assert verdict(heard) in {"closed", "4xx"}


HEADERS: Final = {
    "one huge header": "X-Long: " + "a" * 1_000_000,
    "ten thousand headers": "\r\n".join(f"X-{n}: {n}" for n in range(10_000)),
    "length and chunks": "Content-Length: 5\r\nTransfer-Encoding: chunked",
    "chunks and length": "Transfer-Encoding: chunked\r\nContent-Length: 5",
    "two lengths": "Content-Length: 5\r\nContent-Length: 6",
    "a list of lengths": "Content-Length: 5, 6",
    "a negative length": "Content-Length: -5",
    "a length with a sign": "Content-Length: +5",
    "a length of twenty nines": "Content-Length: 99999999999999999999",
    "a strange coding": "Transfer-Encoding: xchunked",
    "a folded header": "X-Folded: a\r\n b\r\nContent-Length: 5",
    "a space before the colon": "Content-Length : 5",
    "NUL in a value": "X-Nul: a\0b\r\nContent-Length: 5",
}


@pytest.mark.parametrize("name", HEADERS)
def test_odd_headers_are_refused_or_understood(patient: LiveServer, ada: Person, name: str) -> None:
    """Never a 5xx, never silence, never a second request smuggled in."""
    smuggled = b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"

    heard = exchange(patient, head(ada, form_type(), HEADERS[name]) + smuggled, half_close=True)

    assert verdict(heard) in {"closed", "4xx", "invalid_form_data", "request_timeout", "too_large"}


CHUNKS: Final = {
    "no number": b"zz\r\nhello\r\n0\r\n\r\n",
    "a huge number": b"FFFFFFFFFFFFFFFF\r\nhello",
    "a number beyond 64 bits": b"1FFFFFFFFFFFFFFFF\r\nhello",
    "a negative number": b"-5\r\nhello\r\n0\r\n\r\n",
    "an endless extension": b"5;" + b"a" * 1_000_000,
    "fewer bytes than told": b"10\r\nhello\r\n0\r\n\r\n",
    "more bytes than told": b"2\r\nhello\r\n0\r\n\r\n",
    "no last chunk": b"5\r\nhello\r\n",
    "endless trailers": b"0\r\n" + b"X-Trailer: a\r\n" * 50_000,
}


@pytest.mark.parametrize("name", CHUNKS)
def test_broken_chunks_are_refused(patient: LiveServer, ada: Person, name: str) -> None:
    """Within the deadline."""
    raw = head(ada, form_type(), "Transfer-Encoding: chunked") + CHUNKS[name]

    heard = exchange(patient, raw, half_close=True)

    assert verdict(heard) in {"closed", "4xx", "invalid_form_data", "request_timeout"}


def test_chunks_without_end_are_cut_at_the_limit(patient: LiveServer, ada: Person) -> None:
    """Offered a gigabyte, the server takes a part, and answers or closes."""
    chunk = b"10000\r\n" + bytes(65536) + CRLF
    taken = 0
    with connected(patient) as line:
        line.sendall(head(ada, form_type(), "Transfer-Encoding: chunked"))
        with contextlib.suppress(ConnectionError, TimeoutError):
            while taken < 2**30:
                line.sendall(chunk)
                taken += len(chunk)
        heard = hear(line)

    assert taken < 2**28
    assert verdict(heard) in {"closed", "too_large", "request_timeout"}


IMAGE: Final = b'name="image"; filename='
PARTS_ABUSED: Final = {
    "NUL in the name": b'name="ima\0ge"',
    "CR in the name": b'name="ima\rge"',
    "LF in the name": b'name="ima\nge"',
    "two names": b'name="image"; name="token"',
    "an empty name": b'name=""',
    "a name of 64 kB": b'name="' + b"a" * 65536 + b'"',
    "an array": b'name="foo[7]"',
    "bytes that are no UTF-8": b'name="\xff\xfe"',
    "an unclosed quote": b'name="image',
}


@pytest.mark.parametrize("name", PARTS_ABUSED)
def test_odd_names_of_parts_are_refused(patient: LiveServer, ada: Person, name: str) -> None:
    """As a malformed form or a bad name."""
    heard = exchange(patient, posted(ada, part(PARTS_ABUSED[name], b"x")))

    assert verdict(heard) in {"invalid_form_data", "invalid_arg_name", "invalid_array_arg"}


FILE_NAMES: Final = (
    b'"../../../../etc/passwd"',
    b'"/etc/passwd"',
    b'"C:\\\\windows\\\\x.png"',
    b'"CON"',
    "\u202egnp.exe".encode().join([b'"', b'"']),
    b'"' + b"n" * 3000 + b'"',
    b'"x%0d%0aX-Forged: 1"',
    b'"<script>alert(1)</script>"',
)


@pytest.mark.parametrize("file_name", FILE_NAMES)
def test_file_names_are_neither_used_nor_repeated(
    patient: LiveServer, ada: Person, file_name: bytes
) -> None:
    """The photo is set; the answer and the store have names of our own."""
    before = stored_outside(patient)

    heard = exchange(patient, posted(ada, part(IMAGE + file_name, png(512, 512))))

    assert "ok" == verdict(heard)
    assert file_name.strip(b'"') not in heard
    assert FORGED.encode() not in heard
    assert before == stored_outside(patient)


def test_a_line_break_in_a_file_name_forges_no_header(patient: LiveServer, ada: Person) -> None:
    """Neither of the part nor of the answer."""
    forging = IMAGE + b'"a\r\nX-Forged: 1"'

    heard = exchange(patient, posted(ada, part(forging, png(512, 512))))

    assert verdict(heard) in {"ok", "invalid_form_data"}
    assert FORGED.encode() not in heard


def stored_outside(server: LiveServer) -> set[str]:
    """Everything in the folders around the photos, which no upload may add to."""
    beside = {path.name for path in server.data.parent.iterdir()}
    return beside | {path.name for path in (server.data / "blobs").iterdir()} - {"avatars"}


BODIES: Final = {
    "100 000 parts": ({"before": part(b'name="a"', b"") * PARTS}, {"invalid_form_data"}),
    "8 MB before the first part": (
        {"before": CRLF * (4 * 2**20)},
        {"invalid_form_data", "bad_image"},
    ),
    "8 MB after the last part": (
        {"after": CRLF * (4 * 2**20)},
        {"invalid_form_data", "bad_image"},
    ),
    "a text of 50 MB": (
        {"before": part(b'name="crop_x"', b"1" * 50_000_000)},
        {"too_large", "invalid_form_data", "closed"},
    ),
    "a token of 1 MB": (
        {"before": part(b'name="token"', b"x" * 1_000_000)},
        {"invalid_form_data", "invalid_auth"},
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_swollen_bodies_are_refused(patient: LiveServer, ada: Person, name: str) -> None:
    """At the cost of a look at them."""
    arguments, words = BODIES[name]

    heard = exchange(patient, posted(ada, **arguments))

    assert verdict(heard) in words


def test_a_compressed_body_is_refused_unread(patient: LiveServer, ada: Person) -> None:
    """Nothing is inflated."""
    body = b"\x1f\x8b" + bytes(1000)
    lines = [form_type(), "Content-Encoding: gzip", f"Content-Length: {len(body)}"]

    heard = exchange(patient, head(ada, *lines) + body)

    assert "invalid_post_type" == verdict(heard)


TYPES: Final = (
    "Content-Type: multipart/form-data; boundary=frontier; boundary=other",
    "Content-Type: multipart/form-data; boundary=other; boundary=frontier",
    "Content-Type: multipart/form-data; boundary=" + "b" * 10_000,
    "Content-Type: multipart/form-data; boundary=",
    "Content-Type: multipart/form-data",
    'Content-Type: multipart/form-data; boundary="fron\ttier',
    "Content-Type: multipart/form-data" + "; a=b" * 5_000,
    'Content-Type: multipart/form-data; x="' + '\\"' * 5_000,
)


@pytest.mark.parametrize("line", TYPES, ids=range(len(TYPES)))
def test_odd_boundaries_are_refused(patient: LiveServer, ada: Person, line: str) -> None:
    """Two of them above all, of which a proxy might choose the other one."""
    body = part(b'name="crop_x"', b"1") + f"--{BOUNDARY}--\r\n".encode()

    heard = exchange(patient, head(ada, line, f"Content-Length: {len(body)}") + body)

    assert verdict(heard) in {"invalid_form_data", "4xx"}


def test_random_bytes_are_refused(patient: LiveServer, ada: Person) -> None:
    """Noise, noise after a good start, and a good request with some bytes turned."""
    chance = random.Random(500)
    good = posted(ada, part(b'name="crop_x"', b"1"))

    words = [verdict(exchange(patient, noise(chance, good), half_close=True)) for _ in range(500)]

    assert RANDOM_ATTACKS == len(words)


def noise(chance: random.Random, good: bytes) -> bytes:
    """One attack."""
    kind = chance.randrange(3)
    if kind == 0:
        return chance.randbytes(chance.randrange(1, 2000))
    if kind == 1:
        return good[: chance.randrange(len(good))] + chance.randbytes(chance.randrange(1, 500))
    spoiled = bytearray(good)
    for _ in range(chance.randrange(1, 8)):
        spoiled[chance.randrange(len(good))] = chance.randrange(256)
    return bytes(spoiled)


def test_nothing_was_left_behind(patient: LiveServer) -> None:
    """Only the data folder stands where the service was started."""
    assert {"data"} == {path.name for path in Path(patient.data.parent).iterdir()}
