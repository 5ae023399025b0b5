"""Memory of the whole service: small when idle, and no larger after many uploads.

The run over 10,000 uploads is a benchmark of its own; this one finds leaks of a few KB a picture.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest

from support import web
from support.live import LiveServer, Person, add_person
from support.pictures import gif, jpeg, png
from support.processes import pss_mb

IDLE_MB_MAX: Final = 200
UPLOADS: Final = 1_500
WARM_UP: Final = 300
"""Workers, pools and caches have their sizes after this many."""

GROWTH_MB_MAX: Final = 25
"""Over 1,200 uploads: a leak of 21 KB each would show; allocators alone move by a few MB."""

SENDERS: Final = 4


def send(server: LiveServer, person: Person, pictures: list[bytes], uploads: int) -> None:
    """Upload the pictures in turn on one connection."""
    headers = {"Authorization": f"Bearer {person.token}"}
    with web.Client(base_url=server.api, headers=headers) as client:
        for turn in range(uploads):
            data = pictures[turn % len(pictures)]
            assert client.post("users.setPhoto", files={"image": data}).json()["ok"]


def send_all(server: LiveServer, people: list[Person], uploads: int) -> None:
    """Upload that many, spread over the people."""
    pictures = [jpeg(64, 48, 1), png(48, 64, 2), gif(32, 32), jpeg(96, 96, 3)]
    with ThreadPoolExecutor(len(people)) as pool:
        share = uploads // len(people)
        list(pool.map(lambda person: send(server, person, pictures, share), people))


@pytest.mark.slow
def test_memory_stays_flat(tmp_path: Path) -> None:
    """The sum over the tree of processes, each shared page counted once."""
    settings = {"RATE_LIMITS": "off", "IMAGE_SIDE_MIN": "1"}
    with LiveServer(tmp_path / "data", settings) as server:
        people = [add_person(server, f"m{number}@example.org") for number in range(SENDERS)]
        idle = pss_mb(server)
        send_all(server, people, WARM_UP)
        warm = pss_mb(server)
        send_all(server, people, UPLOADS - WARM_UP)
        after = pss_mb(server)

    print(f"idle {idle:.0f} MB, warm {warm:.0f} MB, after {after:.0f} MB")  # noqa: T201 - A result.
    assert idle < IDLE_MB_MAX
    assert after - warm < GROWTH_MB_MAX


def test_an_idle_service_is_small(server: LiveServer) -> None:
    """Also one that other tests have used."""
    assert web.get(f"{server.url}/readyz").status_code == 200
    assert pss_mb(server) < IDLE_MB_MAX * 1.5
