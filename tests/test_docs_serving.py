"""The configuration of nginx on the page about serving is run, in front of a real service."""

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import httpx
import pytest

from support.docs import INSTALLED_AT, blocks
from support.live import START_TIMEOUT_S, LiveServer, Person, free_port
from support.reading import fetch
from support.sitter import Sitter, sha256_of, sit

PAGE: Final = "docs/serving.md"
CROWD: Final = 12


@pytest.fixture
def front(server: LiveServer, tmp_path: Path) -> Iterator[str]:
    """Where an nginx listens that is configured as the page says."""
    program = shutil.which("nginx")
    if program is None:
        pytest.skip("nginx is not installed")
    port = free_port()
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(around(blocks("nginx", PAGE)[0], server, tmp_path, port))
    process = subprocess.Popen([program, "-p", tmp_path, "-c", configuration])
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(START_TIMEOUT_S)


def around(block: str, server: LiveServer, folder: Path, port: int) -> str:
    """A whole configuration with the page's part, at other addresses."""
    here = block.replace(INSTALLED_AT, server.url).replace("/var/cache/nginx", f"{folder}/cache")
    here = here.replace("listen 80;", f"listen 127.0.0.1:{port};")
    (folder / "cache").mkdir()
    paths = "".join(
        f"{name}_temp_path {folder}/{name};"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = pwd.getpwuid(os.getuid()).pw_name
    return (
        f"daemon off; user {user}; pid {folder}/nginx.pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; {paths}\n{here}\n}}\n"
    )


def wait_for(url: str) -> None:
    """Return when something answers there."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            if httpx.get(url).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(url)


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
        assert httpx.get(url, headers=tag).status_code == 304


def test_what_is_no_photo_passes(front: str, sitter: Sitter) -> None:
    """Calls of the API, and strangers with `d=404`."""
    assert httpx.post(f"{front}/api/api.test").json()["ok"]
    assert fetch(f"{front}/avatar/{sha256_of('stranger')}?d=404").status_code == 404
