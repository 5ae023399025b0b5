"""Reading goes on while others upload as fast as they can."""

import itertools
import struct
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Final

import httpx
import pytest

from support import web
from support.live import LiveServer, Person, add_person
from support.pictures import jpeg
from support.sitter import sha256_of

UPLOADERS: Final = 8
SPELL_S: Final = 4.0
SHARE_MAX: Final = 0.5
"""A read is a hundredth of an upload's work. Half of the time that uploads take, at the median,
would mean that it waits for one; whatever else the machine does slows both down."""

_PICTURE: Final = jpeg(1024, 1024)
_NUMBERS: Final = itertools.count()

Work = Callable[[httpx.Client], httpx.Response]


def uploading(person: Person) -> Work:
    """Somebody sets a photo whose bytes nobody has sent before: only its comment is new."""

    def upload(client: httpx.Client) -> httpx.Response:
        comment = struct.pack(">HHQ", 0xFFFE, 10, next(_NUMBERS))
        return client.post(
            "/api/users.setPhoto",
            files={"image": ("me.jpg", _PICTURE[:2] + comment + _PICTURE[2:], "image/jpeg")},
            headers={"Authorization": f"Bearer {person.token}"},
        )

    return upload


def times_s(server: LiveServer, work: Work, until: float) -> list[float]:
    """How long each turn of some work takes, on one connection, until that moment."""
    taken = []
    with web.Client(base_url=server.url) as client:
        while time.monotonic() < until:
            begun = time.monotonic()
            reply = work(client)
            taken.append(time.monotonic() - begun)
            assert reply.status_code in {200, 404}, reply.text
    return taken


@pytest.mark.slow
def test_nobody_who_looks_waits_for_an_upload(tmp_path: Path) -> None:
    """Hot photos, photos by hash, and hashes that nobody has."""
    with LiveServer(tmp_path / "data", {"RATE_LIMITS": "off"}) as server:
        people = [add_person(server, f"{number}@example.org") for number in range(UPLOADERS)]
        with web.Client(base_url=server.url) as client:
            url = uploading(people[0])(client).json()["profile"]["image_72"]
        reads: dict[str, Work] = {
            "photo": lambda client: client.get(url),
            "hash": lambda client: client.get(f"/avatar/{sha256_of('1@example.org')}?s=72"),
            "miss": lambda client: client.get(f"/avatar/{sha256_of(str(next(_NUMBERS)))}?d=404"),
        }
        until = time.monotonic() + SPELL_S
        with ThreadPoolExecutor(UPLOADERS + len(reads)) as pool:
            uploads = [pool.submit(times_s, server, uploading(each), until) for each in people]
            looks = {name: pool.submit(times_s, server, reads[name], until) for name in reads}
        upload_s = median(took_s for each in uploads for took_s in each.result())

        for name, look in looks.items():
            assert median(look.result()) < SHARE_MAX * upload_s, (name, upload_s)
