"""What the page about serving says of a cache in front, with the file that it points to."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest

from support import web
from support.docs import page
from support.fronts import NGINX_FILE, nginx
from support.live import LiveServer, Person
from support.reading import fetch
from support.sitter import Sitter, sha256_of, sit

PAGE: Final = "docs/serving.md"
CROWD: Final = 12


@pytest.fixture
def front(server: LiveServer, tmp_path: Path) -> Iterator[str]:
    """Where an nginx listens that is configured as the page says."""
    assert f"../{NGINX_FILE}" in page(PAGE)
    with nginx(tmp_path, [f"127.0.0.1:{server.port}"]) as url:
        yield url


@pytest.fixture
def sitter(server: LiveServer, person: Person) -> Sitter:
    """Somebody with a photo."""
    return sit(server, person)


def test_a_crowd_in_front_is_one_reader_behind(front: str, sitter: Sitter) -> None:
    """Photos by URL and by hash; what browsers are told stays as it is."""
    by_url = sitter.profile["image_72"].replace(sitter.url, front)
    by_hash = f"{front}/avatar/{sha256_of(sitter.email)}?s=72"
    for url, caching in ((by_url, "public, max-age=31536000, immutable"), (by_hash, None)):
        with ThreadPoolExecutor(CROWD) as pool:
            replies = list(pool.map(fetch, [url] * CROWD))

        states = sorted(each.headers["x-cache"] for each in replies)
        assert ["HIT"] * (CROWD - 1) + ["MISS"] == states
        assert {each.content for each in replies} == {fetch(sitter.profile["image_72"]).content}
        assert {200} == {each.status_code for each in replies}
        assert caching in {None, replies[0].headers["cache-control"]}
        tag = {"If-None-Match": replies[0].headers["etag"]}
        assert web.get(url, headers=tag).status_code == 304


def test_what_is_no_photo_passes(front: str, sitter: Sitter) -> None:
    """Calls of the API, and strangers with `d=404`."""
    assert web.post(f"{front}/api/api.test").json()["ok"]
    assert fetch(f"{front}/avatar/{sha256_of('stranger')}?d=404").status_code == 404
