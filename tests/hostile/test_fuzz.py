"""Campaigns of damaged input: every answer is one of the contract, and it comes soon.

Each runs for FUZZ_SECONDS (5 unless set; `just fuzz` takes an hour) from a seed that is told when
it fails, so that FUZZ_SEED makes the same inputs again.
"""

import os
import random
import time
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Final

import httpx
import pytest

from likeness.errors import BadImage, Refusal
from likeness.imaging.probe import parse, probe
from likeness.webapi.multipart import parse_multipart, parse_urlencoded
from support import web
from support.effort import effort_of
from support.heic import heic, heic_grid
from support.live import LiveServer, add_person
from support.patience import PATIENCE_S
from support.pictures import encode, gif, jpeg, photo, png
from support.processes import server_processes, worker_deaths
from support.wire import field_part, file_part, multipart

SECONDS: Final = float(os.environ.get("FUZZ_SECONDS", "5"))
SEED: Final = int(os.environ.get("FUZZ_SEED", str(time.time_ns())))
CORPUS: Final = Path(__file__).parents[3] / "shared" / "corpus"

SLOWEST_S: Final = 0.5
"""A hundred times what the costliest input takes; beyond it something is no longer linear."""

ANSWERS: Final = {"", "bad_image", "too_large", "too_many_frames"}
UPLOAD_LENGTH_MAX: Final = 10**6

pytestmark = [pytest.mark.slow, pytest.mark.timeout(SECONDS * 2 + PATIENCE_S)]


@cache
def seeds() -> tuple[bytes, ...]:
    """Small pictures of every kind, and those of the corpus where it is present."""
    own = [
        *(encode(photo(96, 80).convert(mode), "PNG") for mode in ("RGB", "RGBA", "P", "L", "1")),
        *(encode(photo(96, 80), "JPEG", progressive=flag) for flag in (True, False)),
        *(encode(photo(96, 80), "WEBP", lossless=flag) for flag in (True, False)),
        *(heic(photo(96, 80).convert(mode)) for mode in ("RGB", "RGBA")),
        heic_grid(photo(128, 128), 64, (120, 101)),
        *(encode(photo(96, 80).convert(mode), "AVIF") for mode in ("RGB", "RGBA")),
        gif(96, 80, 4),
        jpeg(512, 512),
        png(512, 512),
    ]
    found = [p.read_bytes() for p in sorted(CORPUS.rglob("*.*")) if p.stat().st_size < 2**16]
    return (*own, *found)


def damaged(chance: random.Random, data: bytes, others: tuple[bytes, ...]) -> bytes:
    """The same with a few bytes flipped, cut out, doubled, or taken from elsewhere."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = chance.randrange(len(changed) + 1)
        end = min(len(changed), at + chance.choice((1, 1, 2, 4, 64, 4096)))
        changed[at:end] = _replacement(chance, bytes(changed[at:end]), others)
    return bytes(changed)


def _replacement(chance: random.Random, part: bytes, others: tuple[bytes, ...]) -> bytes:
    kind = chance.randrange(6)
    if kind == 0:
        return chance.randbytes(len(part))
    if kind == 1:
        return b""
    if kind == 2:
        return part * chance.choice((2, 3, 100))
    if kind == 3:
        return bytes([chance.choice((0, 1, 0x7F, 0x80, 0xFF))]) * len(part)
    other = chance.choice(others)
    at = chance.randrange(len(other) + 1)
    return other[at : at + max(1, len(part))]


def inputs(others: tuple[bytes, ...]) -> Iterator[tuple[int, bytes]]:
    """Damaged inputs until the time is over, each with the seed that makes it."""
    end = time.monotonic() + SECONDS
    number = SEED
    while time.monotonic() < end:
        number += 1
        chance = random.Random(number)
        yield number, damaged(chance, chance.choice(others), others)


def timed(number: int, work: Callable[[], object]) -> None:
    """Fail when one input takes too long."""
    start = time.process_time()
    work()
    took_s = time.process_time() - start
    assert took_s < SLOWEST_S, f"FUZZ_SEED={number - 1} took {took_s:.2f} s"


def examine(data: bytes) -> None:
    """Parse it, strip it, and parse what is left; all that may be raised is BadImage.

    It takes no more work than its parts account for.
    """
    effort_of(data).check()
    try:
        found = parse(data)
    except BadImage:
        return
    seen, clean = found.probe, found.stripped()
    again = probe(clean)
    assert (seen.format, seen.width, seen.height) == (again.format, again.width, again.height)
    assert len(clean) <= len(data) + 64


def test_any_picture_is_probed_and_stripped_or_refused() -> None:
    """And what was stripped is still the same picture."""
    tried = 0
    for number, data in inputs(seeds()):
        try:
            examine(data)
        except Exception as error:
            raise AssertionError(f"FUZZ_SEED={number - 1}") from error
        tried += 1

    print(f"{tried} pictures")  # noqa: T201 - The figure is wanted.
    assert tried > 100


def read_form(body: bytes, content_type: str) -> None:
    """Both parsers; all that may be raised is a refusal."""
    for reader in (
        partial(parse_multipart, body, content_type, UPLOAD_LENGTH_MAX),
        partial(parse_urlencoded, body, UPLOAD_LENGTH_MAX),
    ):
        try:
            reader()
        except Refusal:
            continue


def test_any_body_is_read_or_refused() -> None:
    """With a boundary that is damaged in the same way."""
    boundary = "-" * 24 + "3fd5c5a1e0b94d17"
    forms = (
        multipart([field_part("token", "xoxp-1"), file_part(png(20, 20))], boundary=boundary),
        multipart([field_part("crop_x", "1")] * 40, boundary=boundary),
        b"token=xoxp-1&crop_x=10&crop_y=%C3%A4&image=%89PNG",
    )
    types = (f"multipart/form-data; boundary={boundary}".encode(), b'multipart/form-data; b="')
    tried = 0
    for number, body in inputs(forms):
        chance = random.Random(number)
        kind = damaged(chance, chance.choice(types), types) if number % 4 == 0 else types[0]
        timed(number, partial(read_form, body, kind.decode("latin-1")))
        tried += 1

    print(f"{tried} bodies")  # noqa: T201 - See above.
    assert tried > 100


def test_any_upload_is_answered(tmp_path: Path) -> None:
    """By a running service, with 200 and a word of the contract; no process dies of it."""
    with LiveServer(tmp_path / "data", {"RATE_LIMITS": "off", "IMAGE_SIDE_MIN": "1"}) as server:
        person = add_person(server)
        before = [process.pid for process in server_processes(server)]
        headers = {"Authorization": f"Bearer {person.token}"}
        tried = 0
        with web.Client(base_url=server.api, headers=headers) as client:
            for number, data in inputs(seeds()):
                reply = client.post("users.setPhoto", files={"image": ("me", data)})
                assert reply.status_code == httpx.codes.OK, f"FUZZ_SEED={number - 1}"
                assert reply.json().get("error", "") in ANSWERS, f"FUZZ_SEED={number - 1}"
                tried += 1

        print(f"{tried} uploads, workers that died: {worker_deaths(server)}")  # noqa: T201 - See above.
        assert before == [process.pid for process in server_processes(server)]
        assert {} == worker_deaths(server)
