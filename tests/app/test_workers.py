"""Several server processes: what one of them changed, all show in time."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from likeness.avatars.by_address import PHOTO_LIFE_S
from support import web
from support.live import LiveServer, Person, add_person
from support.patience import wait_until
from support.pictures import jpeg
from support.processes import cut_down, server_processes
from support.reading import fetch
from support.sitter import sha256_of

WORKERS: Final = 2
GONE_S_MAX: Final = 60.0
"""Contract § 6.2. A process that nobody tells remembers a photo by its URL for 20 s."""

REPLACED_S_MAX: Final = PHOTO_LIFE_S
"""By hash it takes a second; whatever shows before this was not remembered as photos by URL are."""

CONNECTIONS: Final = 24
"""Linux deals connections out by chance: that all of these reach one process is as likely as that
a coin falls the same way so many times in a row."""


def everybody_says(is_so: Callable[[httpx.Response], bool], url: str) -> bool:
    """Whether each of many new connections gets such an answer."""
    return all(is_so(fetch(url)) for _ in range(CONNECTIONS))


def assert_by(deadline: float, is_so: Callable[[httpx.Response], bool], url: str) -> None:
    """Everybody says so by that moment of the monotonic clock."""
    wait_until(lambda: everybody_says(is_so, url), lambda: f"some process gives another {url}")
    assert time.monotonic() < deadline


def send(server: LiveServer, person: Person, method: str, seed: int, **data: str) -> Any:
    """The answer to a call with a picture."""
    reply = web.post(
        server.api + method,
        data=data,
        files={"image": ("me.jpg", jpeg(seed=seed), "image/jpeg")},
        headers={"Authorization": f"Bearer {person.token}"},
    )
    return reply.json()


def set_photo(server: LiveServer, person: Person, seed: int, **crop: str) -> str:
    """Set a photo; the URL of one size."""
    url: str = send(server, person, "users.setPhoto", seed, **crop)["profile"]["image_72"]
    return url


@pytest.mark.slow
def test_every_process_shows_what_one_of_them_changed(tmp_path: Path) -> None:
    """A new photo by hash; within a minute none, nor what went with it (contract § 6.2)."""
    settings = {"RATE_LIMITS": "off", "WORKERS": str(WORKERS)}
    with LiveServer(tmp_path / "data", settings) as server:
        ada = add_person(server)
        by_hash = f"{server.url}/avatar/{sha256_of(ada.user.email)}?s=72&d=404"
        # Ready is whoever answered; the others' own processes may not have their names yet.
        wait_until(lambda: len(server_processes(server)) == WORKERS)
        set_photo(server, ada, seed=1)
        assert everybody_says(lambda reply: reply.status_code == 200, by_hash)

        earlier = set_photo(server, ada, seed=2, crop_x="0", crop_y="0", crop_w="400")
        prepared = send(server, ada, "users.preparePhoto", seed=2)["url"]
        assert everybody_says(lambda reply: reply.status_code == 200, earlier)
        assert everybody_says(lambda reply: reply.status_code == 200, prepared)
        second = set_photo(server, ada, seed=2)
        new = fetch(second).content
        shown_by = time.monotonic() + REPLACED_S_MAX
        assert_by(shown_by, lambda reply: reply.content == new, by_hash)
        assert everybody_says(lambda reply: reply.content == new, second)

        headers = {"Authorization": f"Bearer {ada.token}"}
        assert web.post(f"{server.api}users.deletePhoto", headers=headers).json()["ok"]
        gone_by = time.monotonic() + GONE_S_MAX
        for url in (by_hash, second, earlier, prepared):
            assert_by(gone_by, lambda reply: reply.status_code == 404, url)


def figures(server: LiveServer) -> dict[str, float]:
    """What one scrape tells, by series."""
    lines = web.get(f"{server.url}/metrics").text.splitlines()
    pairs = [line.rpartition(" ") for line in lines if not line.startswith("#")]
    return {series: float(value) for series, _, value in pairs}


@pytest.mark.slow
def test_whichever_process_answers_tells_the_sums_of_all(tmp_path: Path) -> None:
    """Exactly; and nothing that was counted is lost when a process dies."""
    calls = 'likeness_calls_total{method="api.test",result="ok"}'
    reads = 'likeness_reads_total{address="url",status="200"}'
    hot = 'likeness_reads_total{address="url",status="304"}'
    settings = {"RATE_LIMITS": "off", "WORKERS": str(WORKERS)}
    with LiveServer(tmp_path / "data", settings) as server:
        ada = add_person(server)
        wait_until(lambda: figures(server)["likeness_server_processes"] == WORKERS)
        photo = set_photo(server, ada, seed=1)
        tag = {"If-None-Match": fetch(photo).headers["etag"]}
        for _ in range(CONNECTIONS):
            assert web.post(f"{server.api}api.test").json()["ok"]
            assert fetch(photo).status_code == 200
            assert web.get(photo, headers=tag).status_code == 304

        scrapes = [figures(server) for _ in range(CONNECTIONS)]
        assert {CONNECTIONS} == {scrape[calls] for scrape in scrapes}
        assert {CONNECTIONS + 1} == {scrape[reads] for scrape in scrapes}
        assert {CONNECTIONS} == {scrape[hot] for scrape in scrapes}
        assert {1} == {scrape['likeness_pictures_total{result="ok"}'] for scrape in scrapes}

        dying = server_processes(server)[0]
        cut_down([dying])
        wait_until(lambda: "another one takes its place" in server.log())
        wait_until(lambda: figures(server)["likeness_server_processes"] == WORKERS)
        wait_until(lambda: len(server_processes(server)) == WORKERS)
        again = [figures(server) for _ in range(CONNECTIONS)]
        fallen = [
            series
            for scrape in again
            for series, value in scrape.items()
            if value < scrapes[-1][series] and "_total" in series
        ]
        assert fallen == []
        assert web.post(f"{server.api}api.test").json()["ok"]
        assert figures(server)[calls] == CONNECTIONS + 1
