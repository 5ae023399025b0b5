"""Several server processes: what one of them changed, all show in time."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from support.live import START_TIMEOUT_S, LiveServer, Person, add_person
from support.pictures import jpeg
from support.processes import server_processes
from support.reading import fetch
from support.sitter import sha256_of

WORKERS: Final = 2
GONE_S: Final = 60.0
REPLACED_S: Final = 2.0
CONNECTIONS: Final = 24
"""Linux deals connections out by chance: that all of these reach one process is as likely as that
a coin falls the same way so many times in a row."""


def everybody_says(is_so: Callable[[httpx.Response], bool], url: str) -> bool:
    """Whether each of many new connections gets such an answer."""
    return all(is_so(fetch(url)) for _ in range(CONNECTIONS))


def assert_by(deadline: float, is_so: Callable[[httpx.Response], bool], url: str) -> None:
    """Everybody says so by that moment of the monotonic clock."""
    while not everybody_says(is_so, url):
        assert time.monotonic() < deadline, f"some process still gives another {url}"
        time.sleep(0.1)


def send(server: LiveServer, person: Person, method: str, seed: int, **data: str) -> Any:
    """The answer to a call with a picture."""
    reply = httpx.post(
        server.api + method,
        data=data,
        files={"image": ("me.jpg", jpeg(seed=seed), "image/jpeg")},
        headers={"Authorization": f"Bearer {person.token}"},
        timeout=30,
    )
    return reply.json()


def set_photo(server: LiveServer, person: Person, seed: int, **crop: str) -> str:
    """Set a photo; the URL of one size."""
    url: str = send(server, person, "users.setPhoto", seed, **crop)["profile"]["image_72"]
    return url


@pytest.mark.slow
def test_every_process_shows_what_one_of_them_changed(tmp_path: Path) -> None:
    """A new photo by hash within 2 s; within a minute none, nor what went with it."""
    settings = {"RATE_LIMITS": "off", "WORKERS": str(WORKERS)}
    with LiveServer(tmp_path / "data", settings) as server:
        ada = add_person(server)
        by_hash = f"{server.url}/avatar/{sha256_of(ada.user.email)}?s=72&d=404"
        all_up_by = time.monotonic() + START_TIMEOUT_S
        # Ready is whoever answered; the others' own processes may not have their names yet.
        while len(server_processes(server)) != WORKERS:
            assert time.monotonic() < all_up_by
            time.sleep(0.05)
        set_photo(server, ada, seed=1)
        assert everybody_says(lambda reply: reply.status_code == 200, by_hash)

        earlier = set_photo(server, ada, seed=2, crop_x="0", crop_y="0", crop_w="400")
        prepared = send(server, ada, "users.preparePhoto", seed=2)["url"]
        assert everybody_says(lambda reply: reply.status_code == 200, earlier)
        assert everybody_says(lambda reply: reply.status_code == 200, prepared)
        second = set_photo(server, ada, seed=2)
        new = fetch(second).content
        shown_by = time.monotonic() + REPLACED_S
        assert_by(shown_by, lambda reply: reply.content == new, by_hash)
        assert everybody_says(lambda reply: reply.content == new, second)

        headers = {"Authorization": f"Bearer {ada.token}"}
        assert httpx.post(f"{server.api}users.deletePhoto", headers=headers).json()["ok"]
        gone_by = time.monotonic() + GONE_S
        for url in (by_hash, second, earlier, prepared):
            assert_by(gone_by, lambda reply: reply.status_code == 404, url)
